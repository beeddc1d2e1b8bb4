using System.Threading.Channels;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Docker;

/// <summary>Keeps one tail a container that is wanted, over one engine.</summary>
/// <param name="options">The arguments as they stand.</param>
/// <param name="targets">The containers that are wanted as it stands, by id.</param>
internal sealed class SourceRun(
    TailContext context, Func<DockerSourceOptions> options, Func<IReadOnlyDictionary<string, TailTarget>> targets)
{
    /// <summary>Events that wait for the loop; when there are more, the event stream waits.</summary>
    private const int ChangesMax = 1024;

    private readonly Channel<ContainerChange> _changes = Channel.CreateBounded<ContainerChange>(ChangesMax);
    private readonly Dictionary<string, Tail> _tails = new(StringComparer.Ordinal);

    // Targets whose container the engine does not know: it is gone and discovery takes a while to drop it, or it is so
    // new that the engine lists it but has no details of it yet. Then its start follows.
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly PositionKeeper _keeper = new(context);
    private volatile IReadOnlyList<ContainerTail> _shown = [];
    private string? _fault;

    public IReadOnlyList<TailStatus> Status => [.. _shown.Select(tail => tail.Status)];

    /// <summary>The targets have changed.</summary>
    public void Look() => _changes.Writer.TryWrite(default); // when full, the loop is about to look anyway

    public async Task RunAsync(CancellationToken cancel)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var feed = new EngineEventFeed(context.Engine, _changes.Writer, Report, context.Host.Time);
        var events = feed.RunAsync(all.Token);
        try
        {
            while (true)
            {
                await ReconcileAsync(all.Token);
                await _keeper.KeepAsync(_tails.Keys, all.Token);
                await WaitAsync(all.Token);
            }
        }
        finally
        {
            await all.CancelAsync();
            foreach (var tail in _tails.Values)
                await tail.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await events.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var tail in _tails.Values) tail.Cancel.Dispose();
            context.Metrics.Containers.Set(0);
        }
    }

    private async Task ReconcileAsync(CancellationToken cancel)
    {
        var wanted = targets();
        _gone.IntersectWith(wanted.Keys);
        foreach (var (id, tail) in _tails.Where(pair => pair.Value.Running.IsCompleted).ToList())
        {
            if (tail.Actor.IsGone) _gone.Add(id);
            tail.Cancel.Dispose();
            _tails.Remove(id);
        }

        foreach (var (id, target) in wanted)
        {
            if (_tails.TryGetValue(id, out var known))
            {
                known.Actor.Label(target.Labels);
                known.Actor.Finish(false);
            }
            else if (!_gone.Contains(id)) _tails[id] = Start(target, cancel);
        }

        foreach (var (id, tail) in _tails)
            if (!wanted.ContainsKey(id) && !tail.Cancel.IsCancellationRequested) await LeaveAsync(tail, cancel);
        _shown = [.. _tails.Values.Select(tail => tail.Actor).OrderBy(actor => actor.Id, StringComparer.Ordinal)];
        context.Metrics.Containers.Set(_tails.Count);
    }

    private Tail Start(TailTarget target, CancellationToken cancel)
    {
        var actor = new ContainerTail(context, target.Id, target.Name, target.Labels);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        return new Tail(actor, stop, RunAsync(actor, stop.Token));
    }

    private async Task RunAsync(ContainerTail actor, CancellationToken cancel)
    {
        try
        {
            await actor.RunAsync(cancel);
        }
        finally
        {
            Look();
        }
    }

    /// <summary>The container is no target any more: it is stopped and to be read to its end, or is not to be
    /// read.</summary>
    private async Task LeaveAsync(Tail tail, CancellationToken cancel)
    {
        try
        {
            var details = await context.Engine.InspectAsync(tail.Actor.Id, cancel);
            if (details is not { State.Running: true }) tail.Actor.Finish(true);
            else await tail.Cancel.CancelAsync();
        }
        catch (IOException)
        {
            // The engine is away, so nothing is read; the next look, at the latest when it is back, decides.
        }
    }

    private async Task WaitAsync(CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(options().RefreshInterval, context.Host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        try
        {
            await _changes.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            _gone.Clear();
            return; // time to compare
        }

        while (_changes.Reader.TryRead(out var change)) Wake(change);
    }

    private void Wake(ContainerChange change)
    {
        if (change.Id == EngineEventFeed.All)
        {
            _gone.Clear();
            foreach (var tail in _tails.Values) tail.Actor.Wake(started: false);
        }
        else if (change.Id is not null && change.Action == "start")
        {
            _gone.Remove(change.Id);
            if (_tails.TryGetValue(change.Id, out var started)) started.Actor.Wake(started: true);
        }
    }

    private void Report(IOException? fault)
    {
        if (fault is null) context.Host.Report(HealthState.Healthy, "the engine's events are followed");
        else
        {
            context.Host.Report(HealthState.Unhealthy,
                $"the engine at {options().Host} cannot be followed; it is tried again: {fault.Message}");
            if (fault.Message != _fault)
                context.Host.Events.Log.Write(LogSeverity.Warn, context.Host.Id, "the engine cannot be followed",
                    new LogField("error", fault.Message));
        }

        _fault = fault?.Message;
    }

    private sealed record Tail(ContainerTail Actor, CancellationTokenSource Cancel, Task Running);
}
