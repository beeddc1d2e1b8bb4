using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Weir.Node.Sqlite;

/// <summary>How far the pushes of each lane have begun: one number a lane, written over without syncing.</summary>
/// <remarks>
/// It costs one small write a push. A killed process leaves it in the page cache, which is all that it is for. After a
/// power failure it may be older than the truth, never newer. From any thread.
/// </remarks>
/// <seealso href="docs/formats/spool.md"/>
internal sealed class SendMarks : IDisposable
{
    public const string FileName = "sending";

    private const int SlotBytes = sizeof(long);

    private static readonly byte[] Magic = "WEIRSND1"u8.ToArray();

    private readonly SafeFileHandle _file;

    private SendMarks(SafeFileHandle file) => _file = file;

    /// <param name="idMax">The highest fragment id that can have been given out: what claims more is damaged, and
    /// counts as that.</param>
    /// <exception cref="IOException">The disk failed.</exception>
    public static SendMarks Open(string path, long idMax)
    {
        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        var marks = new SendMarks(file);
        try
        {
            marks.Repair(idMax);
            return marks;
        }
        catch (IOException)
        {
            file.Dispose();
            throw;
        }
    }

    /// <param name="lane">The id of its row.</param>
    /// <returns>0 when nothing was noted.</returns>
    public long Of(long lane)
    {
        Span<byte> slot = stackalloc byte[SlotBytes];
        return RandomAccess.Read(_file, slot, OffsetOf(lane)) == SlotBytes
            ? BinaryPrimitives.ReadInt64LittleEndian(slot) : 0;
    }

    /// <exception cref="IOException">The disk failed.</exception>
    public void Note(long lane, long fragmentId)
    {
        Span<byte> slot = stackalloc byte[SlotBytes];
        BinaryPrimitives.WriteInt64LittleEndian(slot, fragmentId);
        RandomAccess.Write(_file, slot, OffsetOf(lane));
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Rows have ids from 1: the first slot is the header's.</summary>
    private static long OffsetOf(long lane) => lane * SlotBytes;

    private void Repair(long idMax)
    {
        Span<byte> header = stackalloc byte[SlotBytes];
        var isKnown = RandomAccess.Read(_file, header, 0) == SlotBytes && header.SequenceEqual(Magic);
        if (!isKnown)
        {
            RandomAccess.SetLength(_file, 0);
            RandomAccess.Write(_file, Magic, 0);
        }

        var lanes = RandomAccess.GetLength(_file) / SlotBytes;
        for (var lane = 1L; lane < lanes; lane++)
            if (Of(lane) is var id && (id < 0 || id > idMax)) Note(lane, idMax);
    }
}
