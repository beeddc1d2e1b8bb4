using System.Threading.Channels;
using Weir.Protocol.Batches;
using Weir.Routing.Cardinality;
using Weir.Routing.Components;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;
using Weir.Routing.Tailing;

namespace Weir.Routing.Lanes;

/// <summary>What the builders of a destination need of its settings.</summary>
/// <param name="Endpoints">Names, as fragments are sealed with them; in a cluster the broker's alone.</param>
internal sealed record DestinationLimits(
    IReadOnlyList<string> Endpoints, int BatchBytes, TimeSpan BatchWait, int StreamsMax);

/// <summary>The way into the lanes of one <c>loki.write</c>: its fragment builders and what bounds them.</summary>
internal sealed class Destination(string id, LabelSets labels, DeliveryContext context) : ILogsReceiver
{
    /// <summary>Batches that wait at the most, whatever their bytes: each may rent 300 KiB.</summary>
    public const int BatchesMax = 24;

    private const int ChargeMin = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<FragmentKey, LaneBuilder> _builders = [];
    private DestinationSettings _settings = new();
    private DestinationLimits _limits = new([], BuilderBehavior.FragmentBytesMax, TimeSpan.FromSeconds(1), 0);
    private CardinalityGuard? _guard;
    private bool _isStopped;

    public string Id => id;

    public LabelSets Labels => labels;

    /// <summary>Replaced whole by a reload; inlets notice by reference.</summary>
    public DestinationSettings Settings => Volatile.Read(ref _settings);

    /// <summary>Counts labels; null where nothing bounds them. Replaced when its arguments change.</summary>
    public CardinalityGuard? Guard => Volatile.Read(ref _guard);

    public DestinationLimits Limits => Volatile.Read(ref _limits);

    public Committer Committer => context.Committer;

    public LineTaps Taps => context.Taps;

    /// <summary>Bounds the batches on their way to all builders.</summary>
    public ByteGate Gate { get; } = new(new DestinationSettings().CapacityBytes, BatchesMax);

    public static int ChargeOf(LogBatch batch) => Math.Max(batch.BytesUsed, ChargeMin);

    public ILogsInlet Open() => new DestinationInlet(this);

    public void Apply(DestinationSettings settings)
    {
        var endpoints = settings.Endpoints;
        var batchBytes = BuilderBehavior.FragmentBytesMax;
        var batchWait = endpoints.Count == 0 ? TimeSpan.FromSeconds(1) : endpoints.Min(endpoint => endpoint.BatchWait);
        foreach (var endpoint in endpoints) batchBytes = Math.Min(batchBytes, endpoint.BatchBytes);
        Volatile.Write(ref _limits, new DestinationLimits(
            context.Cluster is null ? [.. endpoints.Select(endpoint => endpoint.Name)] : [ClusterRoute.Endpoint],
            batchBytes, batchWait, settings.StreamsMax));
        Gate.Resize(settings.CapacityBytes);
        if (Guard?.Options != settings.CardinalityGuard)
        {
            Volatile.Write(ref _guard, settings.CardinalityGuard is { } options
                ? new CardinalityGuard(id, options, context.Events) : null);
        }

        Volatile.Write(ref _settings, settings);
    }

    /// <exception cref="ChannelClosedException">The destination is stopped.</exception>
    public LaneBuilder BuilderOf(string tenant, int partition)
    {
        var key = new FragmentKey(id, tenant, partition);
        lock (_gate)
        {
            if (_isStopped) throw new ChannelClosedException($"{id} is stopped");
            if (!_builders.TryGetValue(key, out var builder))
                _builders[key] = builder = new LaneBuilder(key, this, context);
            return builder;
        }
    }

    /// <summary>Seals all that was posted; nothing is taken after.</summary>
    /// <param name="cancel">Gives up what the spool has not taken: its sources will read it again.</param>
    public async ValueTask StopAsync(CancellationToken cancel)
    {
        LaneBuilder[] builders;
        lock (_gate)
        {
            _isStopped = true;
            builders = [.. _builders.Values];
            _builders.Clear();
        }

        foreach (var builder in builders)
        {
            await builder.StopAsync(cancel);
            builder.Dispose();
        }
    }

    /// <summary>The counter of entries of a tenant that lost a label to the guard.</summary>
    public Metric Changed(string tenant, CardinalityAction action) =>
        context.Events.CardinalityChanged(id, tenant, action);

    /// <summary>Counts for each endpoint what goes to none of them.</summary>
    public void Dropped(string tenant, string reason, int entries, long bytes)
    {
        if (Settings.Endpoints.Count == 0) context.Events.EntriesDropped(id, "", tenant, reason, entries, bytes);
        foreach (var endpoint in Settings.Endpoints)
        {
            context.Events.EntriesDropped(
                id, endpoint.Host, tenant.Length > 0 ? tenant : endpoint.TenantId, reason, entries, bytes);
        }
    }
}
