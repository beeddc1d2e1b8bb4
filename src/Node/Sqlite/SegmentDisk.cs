using Microsoft.Win32.SafeHandles;

namespace Weir.Node.Sqlite;

/// <summary>The calls that make segments durable. A test's own disk fails where it likes.</summary>
public class SegmentDisk
{
    /// <exception cref="IOException">The disk failed or is full; some of the bytes may be there.</exception>
    public virtual void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset) =>
        RandomAccess.Write(file, pieces, offset);

    /// <summary>Makes what was written durable.</summary>
    /// <exception cref="IOException">The disk failed; what was written may or may not be durable, ever.</exception>
    public virtual void Sync(SafeFileHandle file) => LinuxFile.SyncData(file);
}
