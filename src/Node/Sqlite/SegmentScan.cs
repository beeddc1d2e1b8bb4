using System.Buffers.Binary;

namespace Weir.Node.Sqlite;

/// <summary>Finds records in a segment without the index's help.</summary>
internal static class SegmentScan
{
    /// <summary>All sound records. What is damaged is stepped over.</summary>
    /// <param name="unreadable">Bytes that belong to no sound record; holes do not count.</param>
    public static List<PlacedFragment> All(ReadOnlyMemory<byte> file, long number, uint salt, out long unreadable)
    {
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, SegmentFormat.RecordMagic);
        var found = new List<PlacedFragment>();
        unreadable = 0;
        for (var offset = Math.Min(SegmentFormat.FileHeaderBytes, file.Length); offset < file.Length;)
        {
            if (SegmentFormat.TryRead(file[offset..], salt, out var record, out var length))
            {
                found.Add(new PlacedFragment(FragmentId.Of(number, offset), (int)length, record!));
                offset += (int)length;
                continue;
            }

            // The salted sums keep a line that looks like a record from being taken for one.
            var rest = file.Span[(offset + 1)..];
            var skip = rest.IndexOf(magic);
            skip = skip < 0 ? rest.Length + 1 : skip + 1;
            // Holes are zeros, and so may the rest of what was skipped be.
            unreadable += file.Span.Slice(offset, skip).Trim((byte)0).Length;
            offset += skip;
        }

        return found;
    }

    /// <summary>Bytes at the end that are not whole records.</summary>
    public static long TornBytes(ReadOnlyMemory<byte> file, long end, uint salt)
    {
        var rest = end < file.Length ? file[(int)end..] : default;
        while (SegmentFormat.TryRead(rest, salt, out _, out var length)) rest = rest[(int)length..];
        return rest.Length;
    }
}
