namespace Weir.Node.Sqlite;

/// <summary>Gives the space of records that nobody is owed any more back to the file system, in files that stay because
/// of others: a lane that stands still holds only its own bytes.</summary>
/// <remarks>
/// A gap is whatever lies between the records that the index owes. So nothing else notes what was punched, and punching
/// again is harmless. One thread at a time.
/// </remarks>
/// <seealso href="docs/decisions/0003-spool-segments-and-sqlite.md"/>
internal sealed class SegmentHoles(SegmentStore segments, SpoolIndex index, SpoolEvents events)
{
    /// <summary>What file systems allocate at once, or a multiple of it: a gap without a whole one gives nothing
    /// back.</summary>
    public const int BlockBytes = 4096;

    private bool _isSupported = true;

    /// <summary>True when enough was freed to punch it along with a commit that is durable anyway.</summary>
    public bool IsDue => _isSupported && segments.IsPunchDue;

    /// <summary>True when a full spool has anything to gain.</summary>
    public bool HasFreed => _isSupported && segments.Freed > 0;

    /// <summary>Punches the files in which records were freed. Only after a commit that is durable.</summary>
    /// <exception cref="IOException">The disk failed for one; the others are done, that one is tried again.</exception>
    public void PunchFreed()
    {
        if (!_isSupported) return;
        IOException? failed = null;
        foreach (var segment in segments.All.Where(one => one.Freed > 0 && !segments.IsNewest(one)))
        {
            var gaps = GapsOf(index.ListOwed(segment.Number), segment.Bytes, out var holes);
            try
            {
                if (segments.TryPunch(segment, gaps, holes)) continue;
            }
            catch (IOException fault)
            {
                failed = fault;
                continue;
            }

            _isSupported = false;
            events.HolesUnsupported();
            break;
        }

        if (failed is not null) throw failed;
    }

    /// <summary>Counts all that is not owed as freed: at a start it is not known what the process before had
    /// punched.</summary>
    public void CountFreed()
    {
        foreach (var segment in segments.All)
        {
            var owed = index.ListOwed(segment.Number).Sum(place => place.Length);
            segments.CountFreed(segment, Math.Max(0, segment.Bytes - SegmentFormat.FileHeaderBytes - owed));
        }
    }

    /// <summary>The ranges of a segment that hold nothing owed, where they have a whole block to give.</summary>
    /// <param name="owed">In order, none overlapping.</param>
    /// <param name="end">Where the segment ends.</param>
    /// <param name="holes">Bytes of the whole blocks in them.</param>
    public static List<(long Offset, long Length)> GapsOf(
        IReadOnlyList<(long Offset, long Length)> owed, long end, out long holes)
    {
        var gaps = new List<(long, long)>();
        (var from, holes) = ((long)SegmentFormat.FileHeaderBytes, 0);
        for (var i = 0; i <= owed.Count; i++)
        {
            var to = i < owed.Count ? owed[i].Offset : end;
            var blocks = to / BlockBytes - (from + BlockBytes - 1) / BlockBytes;
            if (blocks > 0)
            {
                gaps.Add((from, to - from));
                holes += blocks * BlockBytes;
            }

            if (i < owed.Count) from = to + owed[i].Length;
        }

        return gaps;
    }
}
