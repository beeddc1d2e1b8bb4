using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>The writer side of a node in a cluster: takes the shards that are assigned to it and delivers what their
/// queues hold.</summary>
/// <remarks>One a process. Any thread.</remarks>
/// <seealso href="docs/decisions/0016-sharded-writers.md"/>
public sealed class ShardedWriters : IShardOwners, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Shards> _destinations = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _applying = new(1, 1);
    private readonly ShardContext _context;
    private readonly TenantGates _gates;
    private readonly int _shards;
    private readonly IDisposable _gauges;
    private Func<string, IReadOnlyList<string>> _writersOf = _ => [];
    private bool _isDraining;

    /// <param name="node">Id of this node.</param>
    /// <param name="shards">Of each destination; the same on all nodes.</param>
    /// <param name="pauses">Those of the node.</param>
    public ShardedWriters(
        IBroker broker, ShardNames names, string node, int shards, TenantGates gates, LanePauses pauses,
        RoutingEvents events, TimeProvider time, Random random)
    {
        _context = new ShardContext(broker, names, node, events, time, random) { Pauses = pauses };
        _gates = gates;
        _shards = shards;
        _gauges = ShardGauges.Register(events.Metrics, () => Statuses());
    }

    /// <inheritdoc/>
    public IReadOnlyList<OwnedShard> Owned => [.. Statuses().Select(status => status.Shard)];

    /// <inheritdoc/>
    public IReadOnlyList<LaneStatus> Lanes => [.. Statuses().SelectMany(status => status.Lanes)];

    /// <summary>The destinations that this node's configuration gives endpoints to.</summary>
    public IReadOnlyList<string> Destinations
    {
        get
        {
            lock (_gate) return [.. _destinations.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Takes over settings; returns when nothing uses the former endpoints.</summary>
    public async ValueTask ApplyAsync(string destination, DestinationSettings settings)
    {
        if (settings.Endpoints.Count == 0)
        {
            await RemoveAsync(destination, CancellationToken.None);
            return;
        }

        await _applying.WaitAsync();
        try
        {
            if (Change(destination, settings) is { } changed)
                await Task.WhenAll(changed.Owners.Select(owner => owner.ApplyAsync(settings).AsTask()));
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Gives the destination's shards back; others may go on with them.</summary>
    public async ValueTask RemoveAsync(string destination, CancellationToken cancel)
    {
        Shards? removed;
        await _applying.WaitAsync(cancel);
        try
        {
            lock (_gate)
            {
                if (!_destinations.Remove(destination, out removed)) return;
            }

            await EndAsync([removed]);
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Takes and gives back shards as the live writers demand. Never waits.</summary>
    /// <param name="writersOf">Ids of the live writers that give a destination endpoints, this node's included; asked
    /// again for destinations that are added.</param>
    /// <returns>How many shards it takes or gives back.</returns>
    public int Assign(Func<string, IReadOnlyList<string>> writersOf)
    {
        lock (_gate)
        {
            _writersOf = writersOf;
            return Rebalance();
        }
    }

    /// <inheritdoc/>
    public int Rebalance()
    {
        lock (_gate) return _isDraining ? 0 : _destinations.Sum(one => Assign(one.Key, one.Value));
    }

    /// <summary>Takes and gives back shards whenever the live writers change, until cancelled.</summary>
    public async Task FollowAsync(ILiveWriters live, CancellationToken cancel)
    {
        for (var writers = live.Writers; ; writers = await live.ChangedAsync(writers, cancel))
            Assign(live.WritersOf);
    }

    /// <summary>Takes no more, finishes what is under way and gives all shards back, within
    /// <see cref="ShardLimits.HandoverMax"/> and some moments.</summary>
    public async Task DrainAsync()
    {
        Shards[] all;
        lock (_gate)
        {
            _isDraining = true;
            all = [.. _destinations.Values];
        }

        await EndAsync(all);
    }

    public async ValueTask DisposeAsync()
    {
        await DrainAsync();
        _gauges.Dispose();
        _applying.Dispose();
    }

    private IReadOnlyList<ShardStatus> Statuses()
    {
        ShardOwner[] owners;
        lock (_gate) owners = [.. _destinations.Values.SelectMany(one => one.Owners)];
        return [.. owners.Select(owner => owner.Status).OfType<ShardStatus>()];
    }

    private static Task EndAsync(Shards[] ending)
    {
        foreach (var shards in ending)
            foreach (var owner in shards.Owners) owner.End();
        return Task.WhenAll(ending.SelectMany(shards => shards.Runs));
    }

    /// <returns>The destination if it ran with other endpoints until now.</returns>
    private Shards? Change(string destination, DestinationSettings settings)
    {
        lock (_gate)
        {
            if (_isDraining) return null;
            if (_destinations.TryGetValue(destination, out var known))
            {
                if (known.Settings.Endpoints.SequenceEqual(settings.Endpoints)) return null;
                known.Settings = settings;
                return known;
            }

            ShardOwner[] owners = [.. Enumerable.Range(0, _shards).Select(shard =>
                new ShardOwner(new ShardId(destination, shard), settings, _gates, _context))];
            var added = new Shards(owners, [.. owners.Select(owner => owner.RunAsync())]) { Settings = settings };
            _destinations[destination] = added;
            Assign(destination, added);
            return null;
        }
    }

    /// <summary>Under the gate.</summary>
    private int Assign(string destination, Shards shards)
    {
        var owners = ShardAssignment.OwnersOf(destination, shards.Owners.Length, _writersOf(destination));
        var changes = 0;
        for (var shard = 0; shard < shards.Owners.Length; shard++)
        {
            var isOurs = owners.Count > 0 && owners[shard] == _context.Node;
            if (shards.Owners[shard].Want(isOurs)) changes++;
        }

        return changes;
    }

    private sealed record Shards(ShardOwner[] Owners, Task[] Runs)
    {
        public required DestinationSettings Settings { get; set; }
    }
}
