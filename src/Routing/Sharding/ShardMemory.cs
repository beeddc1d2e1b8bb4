namespace Weir.Routing.Sharding;

/// <summary>What the lanes of a shard have done, kept over the sessions of its owner. Any thread.</summary>
internal sealed class ShardMemory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Endpoint, string Tenant), HandledFragments> _lanes = [];

    public HandledFragments Of(string endpoint, string tenant)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue((endpoint, tenant), out var handled))
                _lanes[(endpoint, tenant)] = handled = new HandledFragments();
            return handled;
        }
    }
}
