using System.Net;
using Weir.Protocol.Batches;
using Weir.Routing.Actors;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Docker;

/// <summary>What all tails of one <c>loki.source.docker</c> share.</summary>
/// <param name="Host">The component's.</param>
/// <param name="Receivers">Read once a batch.</param>
/// <param name="WatchedSince">Containers that ended before and were never read are left alone: Weir was not there yet.
/// </param>
/// <param name="OwnId">The container that Weir runs in; "" for none.</param>
/// <param name="Legacy">Where another agent left off; null: there was none.</param>
public sealed record TailContext(
    IComponentHost Host, DockerEngine Engine, ISourcePositions Positions, DockerMetrics Metrics,
    Func<IReadOnlyList<ILogsReceiver>> Receivers, DateTimeOffset WatchedSince, string OwnId,
    LegacyPositions? Legacy = null);

/// <summary>What the admin endpoint shows of one container.</summary>
/// <param name="Position">The timestamp of the last line that was read; null: none was.</param>
/// <param name="State">waiting, following, reconnecting or ended.</param>
/// <param name="LastError">"": none since the last line.</param>
public sealed record TailStatus(
    string Id, string Name, string Stdout, string Stderr, DateTimeOffset? Position, string State, string LastError);

/// <summary>The actor that reads the log of one container, from its last committed position on, run after
/// run.</summary>
/// <remarks>
/// The log is followed while the container runs. When the stream ends, the log is asked for again until nothing new
/// comes: Engine 20.10 may end a stream before the last lines. The socket is not read while the pipeline is full.
/// </remarks>
public sealed class ContainerTail(TailContext context, string id, string name, TailLabels labels)
{
    /// <summary>The least time between two reads of the log of Weir's own container.</summary>
    public static readonly TimeSpan OwnPause = TimeSpan.FromSeconds(5);

    /// <summary>A container that does not run is looked at this often, should its start event have been
    /// missed.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan RetryDelayMin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryDelayMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private readonly SourceKey _source = new(context.Host.Id, id);
    private readonly WakeSignal _wake = new(context.Host.Time);
    private volatile TailLabels _labels = labels;
    private volatile bool _finishing;
    private volatile string _state = "waiting";
    private volatile string _lastError = "";
    private long _position;
    private int _started;

    public string Id => id;

    /// <summary>The container is gone for good.</summary>
    public bool IsGone { get; private set; }

    /// <summary>For lines that are read now.</summary>
    internal TailLabels Labels => _labels;

    public TailStatus Status
    {
        get
        {
            var (labels, position) = (_labels, Volatile.Read(ref _position));
            return new TailStatus(id, name, labels.Stdout?.ToString() ?? "", labels.Stderr?.ToString() ?? "",
                position == 0 ? null : DateTimeOffset.UnixEpoch.AddTicks(position / 100), _state, _lastError);
        }
    }

    /// <summary>Lines that are read from now on get these labels.</summary>
    public void Label(TailLabels labels) => _labels = labels;

    /// <summary>Looks at once.</summary>
    /// <param name="started">The container has started; otherwise the engine is back.</param>
    public void Wake(bool started)
    {
        if (started) Volatile.Write(ref _started, 1);
        _wake.Raise();
    }

    /// <summary>Whether to end once the container has stopped and its log is read to the end.</summary>
    public void Finish(bool finishing)
    {
        if (_finishing == finishing) return;
        _finishing = finishing;
        if (finishing) _wake.Raise();
    }

    /// <summary>Runs until the container is gone, or finished as asked, or cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await Supervision.RunAsync($"{_source.Component}/{id}", RunOnceAsync, RestartPolicy.Forever,
            context.Host.Events, context.Host.Time, cancel);
        _state = "ended";
    }

    /// <summary>Lines were handed on; reading stands there.</summary>
    internal void Moved(long position)
    {
        Volatile.Write(ref _position, position);
        _lastError = "";
    }

    /// <summary>The engine said something instead of a line.</summary>
    internal void Complain(string complaint)
    {
        context.Host.Events.Log.Write(LogSeverity.Warn, _source.Component,
            "the engine sent what is no line of the log",
            new("container", name), new("id", id), new("said", complaint));
        _lastError = complaint;
    }

    private async Task RunOnceAsync(CancellationToken cancel)
    {
        var position = await context.Positions.ResumeAsync(_source, cancel);
        using var lines = new ContainerLines(position is null ? StartOf() : ContainerPlace.Of(position));
        using var inlet = new FanOut(context.Receivers);
        var pump = new LogPump(context, _source, lines, inlet, this);
        try
        {
            await TailAsync(pump, lines, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // What stages still hold is let go, so that a normal restart repeats nothing.
            using var timeout = new CancellationTokenSource(EndTimeout, context.Host.Time);
            await inlet.ReleaseAsync(ending: true, timeout.Token);
            throw;
        }
    }

    private ContainerPlace StartOf()
    {
        if (context.Legacy?.FindCursor($"cursor-{id}") is not { } cursor
            || ContainerPlace.OfSeconds(cursor) is not { } place) return ContainerPlace.Start;
        context.Metrics.LegacyPositions.Increment();
        return place;
    }

    private async Task TailAsync(LogPump pump, ContainerLines lines, CancellationToken cancel)
    {
        var delay = RetryDelayMin;
        while (true)
        {
            try
            {
                var details = await context.Engine.InspectAsync(id, cancel);
                if (details is not null && IsWorthReading(details.State, lines.Place))
                    details = await ReadAsync(pump, details, cancel);
                // A start is answered at once: the log of a container that removes itself goes with it.
                while (details is { State.Running: false } && !_finishing && await IsStartedAsync(cancel))
                    details = await ReadAsync(pump, details, cancel);
                delay = RetryDelayMin;
                if (details is null) IsGone = true;
                if (IsGone || (_finishing && !details!.State.Running)) return;
                if (details!.State.Running) await _wake.WaitAsync(RetryDelayMin, cancel);
            }
            catch (IOException fault)
            {
                await RetryAsync(fault, delay, cancel);
                delay = delay * 2 < RetryDelayMax ? delay * 2 : RetryDelayMax;
            }
        }
    }

    /// <summary>Reads all that there is, and what comes while the container runs.</summary>
    /// <returns>The container after that; null: it is gone.</returns>
    private async Task<ContainerDetails?> ReadAsync(LogPump pump, ContainerDetails known, CancellationToken cancel)
    {
        _state = "following";
        var details = (ContainerDetails?)known;
        while (true)
        {
            var isStopped = details is not { State.Running: true };
            var isMore = await pump.ReadAsync(known.Config.Tty, cancel) == LogPump.Ending.More;
            if (!isMore || !isStopped) details = await context.Engine.InspectAsync(id, cancel);
            if (details is null) break;
            // Only a connection that was opened after the end, and brings nothing new, has brought all.
            if (!isMore && (isStopped || details.State.Running)) break;
        }

        if (details is not { State.Running: true }) await pump.FinishAsync(FinishOf(details?.State), cancel);
        _state = "waiting";
        return details;
    }

    private async Task<bool> IsStartedAsync(CancellationToken cancel) =>
        await _wake.WaitAsync(LookInterval, cancel) && Interlocked.Exchange(ref _started, 0) == 1;

    private bool IsWorthReading(ContainerState state, ContainerPlace place) =>
        state.Running
        || (state.Status != "created" && place.Finished != FinishOf(state)
            && (place != ContainerPlace.Start || state.FinishedAt >= context.WatchedSince));

    /// <returns>Unix nanoseconds; 0 when it never ended.</returns>
    private static long FinishOf(ContainerState? state) =>
        Math.Max(0, ((state?.FinishedAt ?? DateTimeOffset.UnixEpoch) - DateTimeOffset.UnixEpoch).Ticks * 100);

    private async Task RetryAsync(IOException fault, TimeSpan delay, CancellationToken cancel)
    {
        // A logging driver that cannot be read (none, syslog, …) will not be able to in a second either.
        var isUnreadable = fault is DockerException { Status: HttpStatusCode.NotImplemented };
        context.Metrics.Reconnections.Increment();
        if (_lastError != fault.Message)
        {
            context.Host.Events.Log.Write(isUnreadable ? LogSeverity.Warn : LogSeverity.Info, _source.Component,
                "a container's log cannot be read now; it is tried again", new("container", name), new("id", id),
                new("error", fault.Message));
        }

        (_state, _lastError) = ("reconnecting", fault.Message);
        await _wake.WaitAsync(isUnreadable ? LookInterval : delay, cancel);
    }
}
