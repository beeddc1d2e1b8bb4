using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Docker;

/// <summary><c>loki.source.docker</c>: the logs of containers, each line once, in the order in which the engine has
/// them.
/// </summary>
/// <remarks>
/// One supervised actor a container (<see cref="ContainerTail"/>). When a target disappears, the log of a container
/// that
/// still runs is left at once; that of one that has stopped is read to its end first, for discovery drops stopped
/// containers sooner or later whether they have been read or not.
/// </remarks>
/// <param name="open">Opens the engine that the options name.</param>
/// <param name="ownId">The container that Weir runs in; "" for none. See <see cref="OwnContainer"/>.</param>
public sealed class DockerSource(
    IComponentHost host, ISourcePositions positions, Func<DockerSourceOptions, DockerEngine> open, string ownId)
    : Component<DockerSourceOptions>(host)
{
    /// <summary>Key of the position that tells since when this component has been there; no container has this
    /// id.</summary>
    internal const string WatchedSinceKey = "watched-since";

    private readonly DockerMetrics _metrics = new(host.Events.Metrics, host.Id);
    private volatile Arguments? _arguments;
    private volatile SourceRun? _run;

    /// <summary>A <see cref="TailStatus"/> for each container.</summary>
    public override object? Status => _run?.Status;

    /// <inheritdoc/>
    public override async Task RunAsync(CancellationToken cancel)
    {
        var watchedSince = await WatchedSinceAsync(cancel);
        while (!cancel.IsCancellationRequested)
        {
            var arguments = _arguments ?? throw new InvalidOperationException("runs before its arguments are applied");
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, arguments.EngineReplaced.Token);
            using var engine = open(arguments.Options);
            var context = new TailContext(
                Host, engine, positions, _metrics, () => _arguments!.Options.ForwardTo, watchedSince, ownId,
                ReadLegacy(arguments.Options));
            var run = new SourceRun(context, () => _arguments!.Options, () => _arguments!.Targets);
            _run = run;
            try
            {
                await run.RunAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Another engine: begin again there.
            }
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask ApplyAsync(DockerSourceOptions options, CancellationToken cancel)
    {
        var targets = TailTargets.Of(options, Labels, out var nameless);
        if (nameless > 0)
        {
            Log.Write(
                LogSeverity.Warn, Id, "targets without __meta_docker_container_id are ignored: "
                + "pass discovery.docker's targets, or keep that label in relabelling",
                new LogField("targets", nameless));
        }

        var before = _arguments;
        var same = before is not null && before.Options.SameEngine(options);
        _arguments = new Arguments(options, targets, same ? before!.EngineReplaced : new CancellationTokenSource());
        if (same) _run?.Look();
        else if (before is not null) await before.EngineReplaced.CancelAsync();
    }

    private LegacyPositions? ReadLegacy(DockerSourceOptions options) =>
        options.LegacyPositionsFile.Length > 0 ? LegacyPositions.Read(options.LegacyPositionsFile, Host) : null;

    /// <summary>Containers that ended before this component first ran are history; those that end later are not, read
    /// or
    /// not: Weir may have been down just then.</summary>
    private async Task<DateTimeOffset> WatchedSinceAsync(CancellationToken cancel)
    {
        var source = new SourceKey(Id, WatchedSinceKey);
        var position = await positions.ResumeAsync(source, cancel);
        if (position is null)
        {
            position = new SourcePosition(source, (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100, "");
            positions.Begin(position).Release();
        }

        return DateTimeOffset.UnixEpoch.AddTicks(position.Offset / 100);
    }

    private sealed record Arguments(
        DockerSourceOptions Options, IReadOnlyDictionary<string, TailTarget> Targets,
        CancellationTokenSource EngineReplaced);
}
