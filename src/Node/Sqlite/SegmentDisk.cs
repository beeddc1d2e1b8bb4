using Microsoft.Win32.SafeHandles;

namespace Weir.Node.Sqlite;

/// <summary>The calls that fill segments and make them durable. A test's own disk fails where it likes.</summary>
public class SegmentDisk
{
    /// <exception cref="IOException">The disk failed or is full; some of the bytes may be there.</exception>
    public virtual void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset) =>
        RandomAccess.Write(file, pieces, offset);

    /// <summary>Makes what was written durable.</summary>
    /// <exception cref="IOException">The disk failed; what was written may or may not be durable, ever.</exception>
    public virtual void Sync(SafeFileHandle file) => LinuxFile.SyncData(file);

    /// <summary>Gives the whole blocks of a range back and makes all of it zeros; not durable by itself.</summary>
    /// <returns>False when the file system cannot: nothing changed.</returns>
    /// <exception cref="IOException">The disk failed; any of the range may be zeros.</exception>
    public virtual bool TryPunch(SafeFileHandle file, long offset, long length) =>
        LinuxFile.TryPunch(file, offset, length);
}
