using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Weir.Node.Sqlite;

/// <summary>The segment files of a spool: appends to the newest, reads from any, deletes those that nobody is
/// owed and punches holes into the others.</summary>
/// <remarks>One thread at a time appends, deletes and punches; reads come from any thread.</remarks>
internal sealed class SegmentStore : IDisposable
{
    public const string Extension = ".seg";

    private readonly ConcurrentDictionary<long, Segment> _segments = new();
    private readonly string _directory;
    private readonly SegmentDisk _disk;
    private readonly long _segmentBytesMax;
    private readonly byte[] _fileHeader = new byte[SegmentFormat.FileHeaderBytes];
    private Segment? _active;
    private SafeFileHandle? _file;
    private long _numberNext;
    private long _bytes;
    private long _freed;

    /// <param name="found">The segments of the process before; none of them is appended to again.</param>
    /// <param name="numberNext">Higher than any number ever used in this directory.</param>
    public SegmentStore(
        string directory, IEnumerable<Segment> found, long numberNext, uint salt, long segmentBytesMax,
        SegmentDisk disk)
    {
        _directory = directory;
        _disk = disk;
        _segmentBytesMax = segmentBytesMax;
        _numberNext = numberNext;
        Salt = salt;
        SegmentFormat.WriteFileHeader(_fileHeader, salt);
        foreach (var segment in found)
        {
            _segments[segment.Number] = segment;
            _bytes += segment.Bytes;
        }
    }

    public uint Salt { get; }

    /// <summary>What the files take on disk, without their holes.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes of records that nobody is owed since holes were last punched; without the newest file, which
    /// gets none.</summary>
    public long Freed => _freed - (TryGet(_numberNext - 1, out var newest) ? newest.Freed : 0);

    /// <summary>True when a segment's worth is freed: punching then costs little for what it gives.</summary>
    public bool IsPunchDue => Freed >= _segmentBytesMax;

    public static string NameOf(long number) => number.ToString("D10", CultureInfo.InvariantCulture) + Extension;

    /// <summary>Writes records back to back and makes them durable.</summary>
    /// <returns>Where the first one begins.</returns>
    /// <exception cref="IOException">The disk failed; the file is cut back and not written to again.</exception>
    public (long Segment, long Offset) Append(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long length)
    {
        if (_active is null || _active.Bytes >= _segmentBytesMax) Begin();
        var (segment, file) = (_active!, _file!);
        var offset = segment.Bytes;
        try
        {
            _disk.Write(file, pieces, offset);
            _disk.Sync(file);
        }
        catch (IOException)
        {
            // After a failed sync the kernel may have dropped the pages and call the next sync a success.
            CutBack(file, offset);
            Seal();
            throw;
        }

        segment.Bytes += length;
        Interlocked.Add(ref _bytes, length);
        return (segment.Number, offset);
    }

    /// <summary>Takes back the last append, which the index did not accept.</summary>
    /// <param name="certain">
    /// The index cannot hold it, not even after a crash. Otherwise the bytes stay until a later commit is durable.
    /// </param>
    public void Abandon(long segment, long offset, bool certain)
    {
        if (certain && segment == _active?.Number)
        {
            CutBack(_file!, offset);
            Interlocked.Add(ref _bytes, offset - _active.Bytes);
            _active.Bytes = offset;
        }

        Seal();
    }

    public IEnumerable<Segment> All => _segments.Values.OrderBy(segment => segment.Number);

    public bool TryGet(long number, out Segment segment) => _segments.TryGetValue(number, out segment!);

    /// <summary>Counts records of a segment that came, or that nobody is owed any more.</summary>
    /// <param name="fragments">Less than 0 for those that go.</param>
    /// <param name="length">Of those that go, in bytes.</param>
    public void Count(long number, long fragments, long length)
    {
        if (!TryGet(number, out var segment)) return;
        segment.Owed += fragments;
        if (fragments < 0) CountFreed(segment, segment.Freed + length);
    }

    /// <summary>Notes what of a segment nobody is owed any more and no hole has taken yet.</summary>
    public void CountFreed(Segment segment, long bytes)
    {
        _freed += bytes - segment.Freed;
        segment.Freed = bytes;
    }

    /// <summary>Begins a new segment when nobody is owed anything in the active one, so that it can be
    /// deleted.</summary>
    /// <returns>False when it is owed or empty.</returns>
    public bool TryEndIdle()
    {
        if (_active is not { Owed: 0, Bytes: > SegmentFormat.FileHeaderBytes }) return false;
        Begin();
        return true;
    }

    /// <summary>Deletes the files that nobody is owed. Only after a commit that is durable: a crash must not bring
    /// their rows back.</summary>
    /// <exception cref="IOException">The disk failed; what remains is deleted next time.</exception>
    public void DeleteIdle()
    {
        foreach (var (_, segment) in _segments)
        {
            if (segment.Owed > 0 || IsNewest(segment)) continue;
            File.Delete(segment.Path);
            _segments.TryRemove(segment.Number, out _);
            _freed -= segment.Freed;
            Interlocked.Add(ref _bytes, segment.Holes - segment.Bytes);
        }
    }

    /// <summary>True when <see cref="DeleteIdle"/> has something to delete.</summary>
    public bool HasIdle()
    {
        foreach (var (_, segment) in _segments)
            if (segment.Owed == 0 && !IsNewest(segment)) return true;
        return false;
    }

    /// <summary>Gives the gaps of a file that stays back to the file system. Only after a commit that is durable: a
    /// crash must not make owed what is zeros by then.</summary>
    /// <param name="gaps">All of them, with those punched before.</param>
    /// <param name="holes">Bytes of the whole blocks in them.</param>
    /// <returns>False when the file system has no holes.</returns>
    /// <exception cref="IOException">The disk failed; the same gaps can be punched again.</exception>
    public bool TryPunch(Segment segment, IReadOnlyList<(long Offset, long Length)> gaps, long holes)
    {
        if (gaps.Count > 0)
        {
            const FileShare shared = FileShare.ReadWrite | FileShare.Delete;
            using var file = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Write, shared);
            foreach (var (offset, length) in gaps)
                if (!_disk.TryPunch(file, offset, length)) return false;
        }

        CountFreed(segment, 0);
        Interlocked.Add(ref _bytes, segment.Holes - holes);
        segment.Holes = holes;
        return true;
    }

    /// <summary>True for the file that is appended to, or was last: it is neither deleted nor punched, so that the next
    /// start knows which numbers were used, and a torn record at its end from a hole.</summary>
    public bool IsNewest(Segment segment) => segment.Number == _numberNext - 1;

    /// <summary>Shortens a file of the process before to what the index knows of it.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public void Cut(Segment segment, long bytes)
    {
        using var file = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.SetLength(file, bytes);
        Interlocked.Add(ref _bytes, bytes - segment.Bytes);
        segment.Bytes = bytes;
    }

    public void Dispose() => Seal();

    private void Begin()
    {
        Seal();
        var number = _numberNext;
        var path = Path.Combine(_directory, NameOf(number));
        var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            _disk.Write(file, [_fileHeader], 0);
            LinuxFile.SyncDirectory(_directory);
        }
        catch (IOException)
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }

        _numberNext++;
        _file = file;
        _active = new Segment(number, path, SegmentFormat.FileHeaderBytes);
        _segments[number] = _active;
        Interlocked.Add(ref _bytes, SegmentFormat.FileHeaderBytes);
    }

    private void Seal()
    {
        _file?.Dispose();
        _file = null;
        _active = null;
    }

    private static void CutBack(SafeFileHandle file, long length)
    {
        try
        {
            RandomAccess.SetLength(file, length);
        }
        catch (IOException)
        {
            // The bytes stay behind the last indexed record, where the next start cuts them.
        }
    }
}
