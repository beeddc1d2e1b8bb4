using Weir.Protocol.Batches;
using Weir.Routing.Actors;
using Weir.Routing.Cardinality;
using Weir.Routing.Components;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Routing.Sharding;
using Weir.Routing.Tailing;
using Weir.Routing.Writers;

namespace Weir.Routing.Lanes;

/// <summary>The delivery path of a node: destinations, the committer before the spool, and the lanes and writers behind
/// it.</summary>
/// <remarks>One a process. Lanes outlive their writers: a reload replaces a writer and leaves what is owed
/// alone.</remarks>
public sealed class Delivery : IAsyncDisposable
{
    private static readonly TimeSpan OrphansEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly ISpool _spool;
    private readonly LabelSets _labels;
    private readonly Random _random;
    private readonly DeliveryContext _context;
    private readonly Window _window = new();
    private readonly TenantGates _gates;
    private readonly Dictionary<LaneKey, Lane> _lanes = [];
    private readonly Dictionary<LaneKey, RunningWriter> _writers = [];
    private readonly Dictionary<string, Destination> _destinations = new(StringComparer.Ordinal);
    private readonly HashSet<LaneKey> _orphans = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly IDisposable[] _gauges;
    private Task _committing = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;

    /// <param name="spool">Stays the caller's; open as long as this lives.</param>
    /// <param name="cluster">Where fragments are handed over; null: this node's writers push them.</param>
    public Delivery(
        ISpool spool, LabelSets labels, RoutingEvents events, TimeProvider time, Random random,
        ClusterRoute? cluster = null)
    {
        _spool = spool;
        _labels = labels;
        _random = random;
        _gates = new TenantGates(time);
        _context = new DeliveryContext(new Committer(spool, Stored, events, time), events, time) { Cluster = cluster };
        _gauges =
        [
            LaneGauges.Register(events.Metrics, () => Lanes),
            CardinalityGauges.Register(events.Metrics, () => Cardinality),
        ];
    }

    /// <summary>Where sources resume, and where they get their checkpoints.</summary>
    public ISourcePositions Positions => _context.Committer;

    /// <summary>How all lanes do that have something waiting or a writer.</summary>
    public IReadOnlyList<LaneStatus> Lanes
    {
        get
        {
            lock (_gate)
            {
                return [.. _lanes.Values.Select(lane =>
                    _writers.TryGetValue(lane.Key, out var running) ? running.Writer.Status : OrphanStatus(lane))];
            }
        }
    }

    /// <summary>The labels that <c>cardinality_guard</c> counts, over all destinations that have one.</summary>
    public IReadOnlyList<LabelCardinality> Cardinality
    {
        get
        {
            lock (_gate) return [.. _destinations.Values.SelectMany(destination => destination.Guard?.Labels ?? [])];
        }
    }

    public SpoolUsage SpoolUsage => _spool.Usage;

    /// <summary>Lanes that operators have paused.</summary>
    public LanePauses Pauses => _context.Pauses;

    /// <summary>Who tails the lines of this node.</summary>
    public LineTaps Taps => _context.Taps;

    /// <summary>Destinations of the configuration.</summary>
    public IReadOnlyList<(string Id, DestinationSettings Settings)> Destinations
    {
        get
        {
            lock (_gate)
                return [.. _destinations.Values.Select(one => (one.Id, one.Settings))];
        }
    }

    /// <summary>Takes up what the spool holds from before. Call once, before the graph runs.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        foreach (var backlog in await _spool.ListBacklogsAsync(cancel)) LaneOf(backlog.Lane).Resume(backlog);
        _committing = Supervision.RunAsync(
            "committer", _context.Committer.RunAsync, RestartPolicy.Forever, _context.Events, _context.Time,
            _stop.Token);
        _watching = WatchOrphansAsync(_stop.Token);
    }

    /// <summary>The entry to a destination; the same object as long as it is not removed.</summary>
    public ILogsReceiver ReceiverOf(string destination) => DestinationOf(destination);

    /// <summary>Takes over settings. Writers of endpoints that did not change keep running.</summary>
    public async ValueTask ApplyAsync(string destination, DestinationSettings settings)
    {
        DestinationOf(destination).Apply(settings);
        await StopWritersAsync(running =>
            running.Key.Destination == destination
            && running.Writer.Endpoint is { } endpoint && !settings.Endpoints.Contains(endpoint));
        lock (_gate)
        {
            foreach (var lane in _lanes.Values)
                if (lane.Key.Destination == destination) StartWriter(lane);
        }
    }

    /// <summary>Takes no more; makes durable what was taken, and gives writers that make progress time to
    /// finish.</summary>
    public async ValueTask RemoveAsync(string destination, CancellationToken cancel)
    {
        Destination? removed;
        lock (_gate)
        {
            if (!_destinations.TryGetValue(destination, out removed)) return;
        }

        var timeout = removed.Settings.DrainTimeout;
        await StoreAsync(removed, timeout, cancel);
        await DrainAsync(destination, timeout, cancel);
        lock (_gate) _destinations.Remove(destination); // from here on its lanes get no writer
        await StopWritersAsync(running => running.Key.Destination == destination);
    }

    /// <summary>Sends dead letters again, to the endpoints that refused them.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="IOException">The disk failed, or there is no room.</exception>
    public async ValueTask<int> ResendDeadLettersAsync(IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var count = await _context.Committer.ResendAsync(ids, cancel);
        foreach (var backlog in await _spool.ListBacklogsAsync(cancel)) LaneOf(backlog.Lane).Extend(backlog);
        return count;
    }

    /// <summary>Commits what is left and stops all writers; what they owe stays in the spool.</summary>
    public async ValueTask DisposeAsync()
    {
        Destination[] destinations;
        lock (_gate)
        {
            destinations = [.. _destinations.Values];
            _destinations.Clear();
        }

        foreach (var destination in destinations)
        {
            using var late = new CancellationTokenSource(destination.Settings.DrainTimeout, _context.Time);
            await destination.StopAsync(late.Token);
        }

        await StopWritersAsync(_ => true);
        _context.Committer.Stop();
        await _committing;
        _stop.Cancel();
        await EndedAsync(_watching);
        foreach (var gauge in _gauges) gauge.Dispose();
        _stop.Dispose();
    }

    private static async ValueTask EndedAsync(Task cancelled)
    {
        try
        {
            await cancelled;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
    }

    private static LaneStatus OrphanStatus(Lane lane)
    {
        var (fragments, bytes, oldest) = lane.Backlog();
        return new LaneStatus(lane.Key, LaneState.Orphaned, fragments, bytes, oldest, 0, 0, "", null);
    }

    private Destination DestinationOf(string id)
    {
        lock (_gate)
        {
            if (!_destinations.TryGetValue(id, out var destination))
                _destinations[id] = destination = new Destination(id, _labels, _context);
            return destination;
        }
    }

    private Lane LaneOf(LaneKey key)
    {
        lock (_gate)
        {
            if (_lanes.TryGetValue(key, out var lane)) return lane;
            _lanes[key] = lane = new Lane(key, _spool, _context.Committer, _window, _context.Time);
            StartWriter(lane);
            return lane;
        }
    }

    private void Stored(StoredFragment fragment, PendingFragment pending)
    {
        foreach (var endpoint in pending.Fragment.Endpoints)
        {
            var (destination, tenant, partition) = fragment.Key;
            LaneOf(new LaneKey(destination, endpoint, tenant, partition)).Add(fragment, pending.Body);
        }
    }

    /// <summary>Under the gate. Does nothing where one runs or the endpoint is not configured.</summary>
    private void StartWriter(Lane lane)
    {
        if (_writers.ContainsKey(lane.Key) || !_destinations.TryGetValue(lane.Key.Destination, out var destination)
            || WriterOf(lane, destination.Settings) is not { } writer) return;
        _orphans.Remove(lane.Key);
        var stop = new CancellationTokenSource();
        _writers[lane.Key] = new RunningWriter(lane.Key, writer, stop, writer.RunAsync(stop.Token));
    }

    private LaneRunner? WriterOf(Lane lane, DestinationSettings settings)
    {
        var random = new Random(_random.Next());
        if (lane.Key.Endpoint == ClusterRoute.Endpoint)
            return _context.Cluster is { } cluster ? new LaneForwarder(lane, cluster, _context, random) : null;
        // In a cluster too: what was sealed before this node joined is owed to the endpoints.
        return settings.Endpoints.FirstOrDefault(one => one.Name == lane.Key.Endpoint) is { } endpoint
            ? new LaneWriter(lane, endpoint, _context, _gates.Of(lane.Key, endpoint), random) : null;
    }

    private async ValueTask StopWritersAsync(Func<RunningWriter, bool> which)
    {
        RunningWriter[] stopping;
        lock (_gate) stopping = [.. _writers.Values.Where(which)];
        foreach (var running in stopping) running.Stop.Cancel();
        foreach (var running in stopping)
        {
            await EndedAsync(running.Run);
            running.Stop.Dispose();
            lock (_gate) _writers.Remove(running.Key);
        }
    }

    /// <summary>Makes durable what was taken. A spool that takes nothing must not hold up a stop for ever: then sources
    /// read again, after the next start, what it did not take.</summary>
    private async ValueTask StoreAsync(Destination stopping, TimeSpan timeout, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(timeout, _context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        await stopping.StopAsync(either.Token);
        try
        {
            await _context.Committer.FlushAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            _context.Events.StoppedUnstored(stopping.Id, timeout);
        }
    }

    /// <summary>Waits only for lanes that make progress: behind one in trouble a stop gains nothing.</summary>
    private async ValueTask DrainAsync(string destination, TimeSpan timeout, CancellationToken cancel)
    {
        for (var started = _context.Time.GetTimestamp(); _context.Time.GetElapsedTime(started) < timeout;)
        {
            lock (_gate)
            {
                if (!_writers.Values.Any(one => one.Key.Destination == destination && one.Writer.IsDraining)) return;
            }

            await Task.Delay(DrainPoll, _context.Time, cancel);
        }
    }

    private async Task WatchOrphansAsync(CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(OrphansEvery, _context.Time, cancel);
            foreach (var status in Lanes)
            {
                if (status.State != LaneState.Orphaned || status.BacklogFragments == 0) continue;
                bool isNew;
                lock (_gate) isNew = _orphans.Add(status.Lane);
                if (isNew) _context.Events.LaneOrphaned(status.Lane, status.BacklogFragments, status.BacklogBytes);
            }
        }
    }

    private sealed record RunningWriter(LaneKey Key, LaneRunner Writer, CancellationTokenSource Stop, Task Run);
}
