using Weir.Node.Sources.Files.Native;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Files;

/// <summary>Which path's tail reads which file, in one component: a file that was renamed from one target to another
/// is not read twice.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class FileOwners
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FileIdentity, List<string>> _readers = [];
    private readonly Dictionary<FileIdentity, Waiting> _waiting = [];

    public void Claim(FileIdentity file, string path)
    {
        lock (_lock)
        {
            if (!_readers.TryGetValue(file, out var paths)) _readers[file] = paths = [];
            paths.Add(path);
        }
    }

    public void Release(FileIdentity file, string path)
    {
        lock (_lock)
        {
            if (!_readers.TryGetValue(file, out var paths)) return;
            paths.Remove(path);
            if (paths.Count == 0) _readers.Remove(file);
        }
    }

    /// <summary>Another path's tail that still reads the file though its path names another by now.</summary>
    /// <remarks>Where its path still names the file, both are names of one file (links), and both are read.</remarks>
    /// <returns>Null: nobody; the caller may read it.</returns>
    public string? FindRotatedFrom(FileIdentity file, string path)
    {
        string[] readers;
        lock (_lock)
        {
            if (!_readers.TryGetValue(file, out var paths)) return null;
            readers = [.. paths];
        }

        foreach (var reader in readers)
        {
            if (reader == path) continue;
            if (!FileFacts.TryRead(reader, out var facts, out _) || facts.Identity != file) return reader;
        }

        return null;
    }

    /// <summary>Notes a path whose tail wants the file as soon as nobody else reads it.</summary>
    public void Await(FileIdentity file, Waiting waiting)
    {
        lock (_lock) _waiting[file] = waiting;
    }

    public bool TryTakeWaiting(FileIdentity file, out Waiting waiting)
    {
        lock (_lock) return _waiting.Remove(file, out waiting);
    }

    /// <param name="TakeKey">Makes the key of the position that the file will have there.</param>
    /// <param name="Freed">Called with that position when it is durable and the file is free.</param>
    public readonly record struct Waiting(Func<SourceKey> TakeKey, Action<SourcePosition> Freed);
}
