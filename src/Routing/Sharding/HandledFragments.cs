using Weir.Protocol.Fragments;

namespace Weir.Routing.Sharding;

/// <summary>The fragments of a lane that are done, remembered over sessions, so that a replay is not sent. Any
/// thread.</summary>
/// <remarks>Each is remembered by itself: of two that came in order the second may be done first, as when the first
/// becomes a dead letter. What is forgotten is sent again only where it is in doubt, and looked up before.</remarks>
internal sealed class HandledFragments
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Node, int Partition), Source> _sources = [];
    private readonly HashSet<(Source Source, long Sequence)> _handled = [];
    private readonly Queue<(Source Source, long Sequence)> _order = new();

    public bool Contains(FragmentFields fragment)
    {
        lock (_gate)
        {
            return _sources.TryGetValue((fragment.Node, fragment.Partition), out var source)
                && _handled.Contains((source, fragment.Sequence));
        }
    }

    public void Add(FragmentFields fragment)
    {
        lock (_gate)
        {
            var key = (fragment.Node, fragment.Partition);
            if (!_sources.TryGetValue(key, out var source)) _sources[key] = source = new Source(key);
            if (!_handled.Add((source, fragment.Sequence))) return;
            _order.Enqueue((source, fragment.Sequence));
            source.Count++;
            if (_order.Count > ShardLimits.HandledMax) Forget(_order.Dequeue());
        }
    }

    private void Forget((Source Source, long Sequence) oldest)
    {
        _handled.Remove(oldest);
        if (--oldest.Source.Count == 0) _sources.Remove(oldest.Source.Key);
    }

    private sealed class Source((string Node, int Partition) key)
    {
        public (string Node, int Partition) Key => key;

        public int Count { get; set; }
    }
}
