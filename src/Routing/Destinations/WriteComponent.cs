using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Language;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;
using Weir.Routing.Writers;

namespace Weir.Routing.Destinations;

/// <summary>Component <c>loki.write</c>: configures a destination of the delivery path and says how its lanes
/// do.</summary>
/// <remarks>The receiver stays the same over reloads; endpoints that did not change keep client and writers.</remarks>
public sealed class WriteComponent : Component<WriteOptions>
{
    // One push of more gains nothing and Loki refuses 100 MiB.
    private const long BatchBytesMax = 64 * 1024 * 1024;

    private static readonly TimeSpan HealthEvery = TimeSpan.FromSeconds(5);

    private readonly Delivery _delivery;
    private readonly Func<EndpointOptions, IPushClient> _open;
    private readonly Func<EndpointOptions, LookupAddress, ILogQuery> _openQuery;
    private readonly ShardedWriters? _writers;
    private readonly List<(EndpointOptions Options, EndpointSettings Settings)> _endpoints = [];

    /// <param name="open">Makes the client of an endpoint; the component disposes it.</param>
    /// <param name="openQuery">Makes the client that asks what an endpoint has stored; likewise.</param>
    /// <param name="writers">Push to its endpoints what all nodes of a cluster collect; null where this node does
    /// not.</param>
    public WriteComponent(
        IComponentHost host, Delivery delivery, Func<EndpointOptions, IPushClient> open,
        Func<EndpointOptions, LookupAddress, ILogQuery> openQuery, ShardedWriters? writers = null)
        : base(host)
    {
        _delivery = delivery;
        _open = open;
        _openQuery = openQuery;
        _writers = writers;
    }

    /// <summary>The lanes of the component.</summary>
    public override object? Status => Lanes.ToList();

    private IEnumerable<LaneStatus> Lanes =>
        _delivery.Lanes.Concat(_writers?.Lanes ?? []).Where(lane => lane.Lane.Destination == Id);

    /// <summary>Endpoints that let nobody read are asked again.</summary>
    public override void Reloaded()
    {
        foreach (var (_, settings) in _endpoints) settings.Lookup?.TurnOn();
    }

    public override async Task RunAsync(CancellationToken cancel)
    {
        for (var said = ""; ; await Task.Delay(HealthEvery, Time, cancel))
        {
            var trouble = Trouble();
            var message = trouble ?? "delivering";
            if (message == said) continue;
            said = message;
            Host.Report(trouble is null ? HealthState.Healthy : HealthState.Unhealthy, message);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_writers is not null) await _writers.RemoveAsync(Id, CancellationToken.None);
        await _delivery.RemoveAsync(Id, CancellationToken.None);
        foreach (var (_, settings) in _endpoints) Close(settings);
        _endpoints.Clear();
        await base.DisposeAsync();
    }

    protected override async ValueTask ApplyAsync(WriteOptions options, CancellationToken cancel)
    {
        var before = _endpoints.ToArray();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var endpoints = options.Endpoints.Select(endpoint =>
        {
            var name = NameOf(endpoint, names);
            var known = before.FirstOrDefault(one =>
                one.Settings.Name == name && OptionEquality.AreEqual(one.Options, endpoint));
            return (Options: endpoint, Settings: known.Settings ?? SettingsOf(endpoint, name));
        }).ToArray();

        var settings = SettingsOf(options, [.. endpoints.Select(one => one.Settings)]);
        await _delivery.ApplyAsync(Id, settings);
        if (_writers is not null) await _writers.ApplyAsync(Id, settings);
        _endpoints.Clear();
        _endpoints.AddRange(endpoints);
        foreach (var (_, former) in before)
            if (!endpoints.Any(one => ReferenceEquals(one.Settings, former))) Close(former);
        Host.Export(new WriteExports { Receiver = _delivery.ReceiverOf(Id) });
    }

    /// <summary>Stable over restarts and over changes of credentials, so that what the spool owes is
    /// delivered.</summary>
    private static string NameOf(EndpointOptions endpoint, HashSet<string> taken)
    {
        var name = endpoint.Name;
        if (name.Length == 0)
        {
            var url = new Uri(endpoint.Url);
            name = url.Authority + url.AbsolutePath + (endpoint.TenantId.Length > 0 ? $"#{endpoint.TenantId}" : "");
        }

        var unique = name;
        for (var i = 2; !taken.Add(unique); i++) unique = $"{name}#{i}";
        return unique;
    }

    private static void Close(EndpointSettings settings)
    {
        settings.Client.Dispose();
        settings.Lookup?.Query.Dispose();
    }

    private EndpointSettings SettingsOf(EndpointOptions endpoint, string name) => new()
    {
        Name = name,
        Host = new Uri(endpoint.Url).Authority,
        TenantId = endpoint.TenantId,
        Client = _open(endpoint),
        Lookup = LookupAddress.Of(endpoint) is { } address
            ? new EndpointLookup(
                _openQuery(endpoint, address), address.SharesServer, endpoint.Reconcile.Enabled == ReconcileMode.Always)
            : null,
        BatchBytes = (int)Math.Min(endpoint.BatchSize.Bytes, BatchBytesMax),
        BatchWait = endpoint.BatchWait,
        BackoffMin = endpoint.MinBackoffPeriod,
        BackoffMax = endpoint.MaxBackoffPeriod,
        RetriesMax = endpoint.MaxBackoffRetries ?? 0,
        RetryOnRateLimit = endpoint.RetryOnHttp429,
        TenantLimits = endpoint.TenantLimits is { } limits
            ? new TenantLimits(
                limits.Rate.Bytes, limits.Burst.Bytes > 0 ? limits.Burst.Bytes : limits.Rate.Bytes,
                limits.MaxInFlightBytes.Bytes)
            : null,
    };

    private static DestinationSettings SettingsOf(WriteOptions options, IReadOnlyList<EndpointSettings> endpoints)
    {
        var labels = options.ExternalLabels.Select(pair => new Label(pair.Key, pair.Value)).ToArray();
        var settings = new DestinationSettings
        {
            Endpoints = endpoints,
            ExternalLabels = labels,
            StreamsMax = options.MaxStreams,
            CardinalityGuard = options.CardinalityGuard,
        };
        if (endpoints.Count == 0) return settings;
        var queues = options.Endpoints.Select(endpoint => endpoint.Queue).ToArray();
        return settings with
        {
            CapacityBytes = queues.Min(queue => queue.Capacity.Bytes),
            BlockOnOverflow = queues.Any(queue => queue.BlockOnOverflow),
            Partitions = queues.Max(queue => queue.MinShards),
            DrainTimeout = queues.Max(queue => queue.DrainTimeout),
        };
    }

    private string? Trouble()
    {
        foreach (var lane in Lanes)
        {
            if (lane.State is not (LaneState.Misconfigured or LaneState.Retrying)) continue;
            var advice = lane.State == LaneState.Misconfigured
                ? "check its address and credentials; nothing is lost" : "entries wait in the spool";
            return $"{lane.Lane.Endpoint}: {lane.LastError}; {advice}";
        }

        return null;
    }
}
