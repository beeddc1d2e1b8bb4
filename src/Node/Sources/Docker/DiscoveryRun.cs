using System.Threading.Channels;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Docker;

/// <summary>What the admin endpoint shows.</summary>
/// <param name="Host">The engine.</param>
/// <param name="Containers">Containers that are targets.</param>
/// <param name="EventsFollowed">New containers are known at once; otherwise at the next listing.</param>
public sealed record DiscoveryStatus(string Host, int Containers, bool EventsFollowed);

/// <summary>Discovery with one set of arguments.</summary>
internal sealed class DiscoveryRun
{
    /// <summary>Changed containers that wait to be asked about; a full queue makes the event stream wait.</summary>
    private const int ChangesMax = 1024;

    /// <summary>More changed containers than this are asked for by listing all.</summary>
    private const int AskedMax = 64;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, IReadOnlyList<string>> Unfiltered = [];

    private readonly IComponentHost _host;
    private readonly DockerDiscoveryOptions _options;
    private readonly DockerEngine _engine;
    private readonly DiscoveredContainers _containers;
    private readonly Dictionary<string, IReadOnlyList<string>> _filters;
    private readonly Channel<ContainerChange> _changes = Channel.CreateBounded<ContainerChange>(ChangesMax);
    private IReadOnlyList<IReadOnlyDictionary<string, string>>? _exported;
    private volatile IOException? _eventsFault;
    private IOException? _listFault;
    private volatile bool _eventsFollowed;

    public DiscoveryRun(IComponentHost host, DockerDiscoveryOptions options, DockerEngine engine, DiscoveryRun? before)
    {
        (_host, _options, _engine) = (host, options, engine);
        // The same engine: its targets are still good.
        var same = before is not null && before._options.SameTargets(options);
        _containers = same ? before!._containers : new DiscoveredContainers();
        _exported = same ? before!._exported : null;
        _filters = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var filter in options.Filters)
            _filters[filter.Name] = [.. _filters.GetValueOrDefault(filter.Name, []), .. filter.Values];
    }

    public DiscoveryStatus Status => new(_options.Host, _containers.Count, _eventsFollowed);

    public async Task RunAsync(CancellationToken cancel)
    {
        var feed = new EngineEventFeed(_engine, _changes.Writer, EventsReport, _host.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var events = feed.RunAsync(both.Token);
        try
        {
            await ListAsync(both.Token);
        }
        finally
        {
            await both.CancelAsync();
            await events.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListAsync(CancellationToken cancel)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal) { EngineEventFeed.All };
        var listAt = _host.Time.GetUtcNow();
        while (true)
        {
            if (asked.Count > 0) listAt = await RefreshAsync(asked, listAt, cancel);
            else _containers.Expire(_host.Time.GetUtcNow());
            Export();
            asked.Clear();
            var expiry = _containers.NextExpiry;
            await WaitAsync(expiry < listAt ? expiry.Value : listAt, cancel);
            while (_changes.Reader.TryRead(out var change)) asked.Add(change.Id);
            if (_host.Time.GetUtcNow() >= listAt) asked.Add(EngineEventFeed.All);
        }
    }

    /// <returns>When all containers are to be listed again.</returns>
    private async Task<DateTimeOffset> RefreshAsync(
        HashSet<string> asked, DateTimeOffset listAt, CancellationToken cancel)
    {
        var all = asked.Contains(EngineEventFeed.All) || asked.Count > AskedMax;
        try
        {
            var filters = new Dictionary<string, IReadOnlyList<string>>(_filters, StringComparer.Ordinal);
            // An id filter of the user's own would be widened by ours; then the whole (short) list is asked for.
            if (!all && filters.TryAdd("id", [.. asked])) await TakeAsync(asked, filters, cancel);
            else await TakeAsync(null, _filters, cancel);
            _listFault = null;
            return all ? _host.Time.GetUtcNow() + _options.RefreshInterval : listAt;
        }
        catch (IOException fault)
        {
            _listFault = fault;
            return _host.Time.GetUtcNow() + RetryDelay;
        }
        finally
        {
            Report();
        }
    }

    private async Task TakeAsync(
        HashSet<string>? asked, Dictionary<string, IReadOnlyList<string>> filters, CancellationToken cancel)
    {
        var listed = await _engine.ListContainersAsync(all: true, filters, cancel);
        var networks = await _engine.ListNetworksAsync(cancel);
        // Shared networks are looked up among all containers: a partial list may lack the owner.
        var known = filters.Count > 0 && listed.Any(ContainerTargets.SharesNetwork)
            ? await _engine.ListContainersAsync(all: true, Unfiltered, cancel)
            : listed;
        var targets = new ContainerTargets(_options.Addressing, known, networks);
        _containers.Refresh(asked, listed, targets.Of, _host.Time.GetUtcNow());
    }

    private void Export()
    {
        if (ReferenceEquals(_exported, _containers.Targets)) return;
        _exported = _containers.Targets;
        _host.Export(new DockerDiscoveryExports(_exported));
    }

    private async Task WaitAsync(DateTimeOffset until, CancellationToken cancel)
    {
        var wait = until - _host.Time.GetUtcNow();
        if (wait <= TimeSpan.Zero) return;
        using var timer = new CancellationTokenSource(wait, _host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        try
        {
            await _changes.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Time is up.
        }
    }

    private void EventsReport(IOException? fault)
    {
        var isNew = fault is not null && fault.Message != _eventsFault?.Message;
        _eventsFault = fault;
        _eventsFollowed = fault is null;
        if (isNew)
        {
            _host.Events.Log.Write(LogSeverity.Warn, _host.Id, "the engine's events are not followed",
                new("host", _options.Host), new("error", fault!.Message));
        }

        Report();
    }

    private void Report()
    {
        if (_listFault is { } list)
        {
            _host.Report(HealthState.Unhealthy,
                $"the engine at {_options.Host} does not list its containers; "
                + $"the last {_containers.Count} are kept: {list.Message}");
        }
        else if (_eventsFault is { } events)
        {
            _host.Report(HealthState.Unhealthy,
                $"new containers are found every {_options.RefreshInterval} only, "
                + $"for the engine's events are not to be had: {events.Message}");
        }
        else _host.Report(HealthState.Healthy, $"{_containers.Count} containers are targets");
    }
}
