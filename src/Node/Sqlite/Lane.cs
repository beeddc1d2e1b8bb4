using System.Collections.Concurrent;
using Weir.Routing.Ports;

namespace Weir.Node.Sqlite;

/// <summary>A fragment's key as its row refers to it, and the lanes that it leads to.</summary>
internal sealed class Route(long id, FragmentKey key)
{
    public long Id { get; } = id;

    public FragmentKey Key { get; } = key;

    /// <summary>By the endpoint's name.</summary>
    public ConcurrentDictionary<string, Lane> Lanes { get; } = new(StringComparer.Ordinal);
}

/// <summary>A lane's row and what it is owed. The writer's thread counts; others read.</summary>
internal sealed class Lane(long id, LaneKey key)
{
    private long _fragments;
    private long _bytes;

    public long Id { get; } = id;

    public LaneKey Key { get; } = key;

    public long Fragments => Volatile.Read(ref _fragments);

    /// <summary>Of records, headers included.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public void Count(long fragments, long bytes)
    {
        Interlocked.Add(ref _fragments, fragments);
        Interlocked.Add(ref _bytes, bytes);
    }
}
