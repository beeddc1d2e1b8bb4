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
    private readonly RunningArguments<Arguments> _arguments = new();
    private volatile SourceRun? _run;

    /// <summary>A <see cref="TailStatus"/> for each container.</summary>
    public override object? Status => _run?.Status;

    /// <inheritdoc/>
    public override async Task RunAsync(CancellationToken cancel)
    {
        var watchedSince = await WatchedSinceAsync(cancel);
        await _arguments.RunAsync(async (arguments, either) =>
        {
            using var engine = open(arguments.Options);
            var context = new TailContext(
                Host, engine, positions, _metrics, () => _arguments.Current!.Options.ForwardTo, watchedSince, ownId,
                ReadLegacy(arguments.Options));
            var run = new SourceRun(context, () => _arguments.Current!.Options, () => _arguments.Current!.Targets);
            _run = run;
            await run.RunAsync(either);
        }, cancel);
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

        var goesOn = _arguments.Current?.Options.SameEngine(options) == true;
        await _arguments.ReplaceAsync(new Arguments(options, targets), goesOn);
        if (goesOn) _run?.Look();
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

    private sealed record Arguments(DockerSourceOptions Options, IReadOnlyDictionary<string, TailTarget> Targets);
}
