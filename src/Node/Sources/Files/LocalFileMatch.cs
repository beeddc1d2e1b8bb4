using Weir.Node.Sources.Files.Watching;
using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Sources.Files;

/// <summary>Arguments of <c>local.file_match</c>.</summary>
[Component("local.file_match", Exports = typeof(LocalFileMatchExports))]
public sealed record LocalFileMatchOptions
{
    /// <summary>Each has a glob in <c>__path__</c>, perhaps one in <c>__path_exclude__</c>, and labels.</summary>
    [Argument("path_targets", Required = true)]
    public IReadOnlyList<IReadOnlyDictionary<string, string>> PathTargets { get; init; } = [];

    /// <summary>How often files are looked for; new names are noticed at once where inotify watches. Default 10
    /// s.</summary>
    [Range(Min = "10ms", Max = "24h")]
    [Argument("sync_period")]
    public TimeSpan SyncPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Leave out files that were last written longer ago; 0 takes all.</summary>
    [Argument("ignore_older_than")]
    public TimeSpan IgnoreOlderThan { get; init; }
}

/// <summary>What <c>local.file_match</c> exports.</summary>
public sealed record LocalFileMatchExports
{
    /// <summary>A target a file: the labels of its pattern, and the file's path in <c>__path__</c>.</summary>
    [Export("targets")]
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Targets { get; init; } = [];
}

/// <summary><c>local.file_match</c>: the files that globs match, kept current.</summary>
public sealed class LocalFileMatch : Component<LocalFileMatchOptions>
{
    private readonly WakeSignal _wake;
    private readonly FileDiscovery _discovery;
    private LocalFileMatchOptions _options = new();
    private FileMatches? _exported;

    public LocalFileMatch(IComponentHost host, FileWatches watches)
        : base(host)
    {
        _wake = new WakeSignal(Time);
        _discovery = new FileDiscovery(watches, Time, _wake);
    }

    /// <summary>The targets.</summary>
    public override object? Status => Volatile.Read(ref _exported)?.Targets;

    public override async Task RunAsync(CancellationToken cancel)
    {
        await using var stopping = cancel.Register(_wake.Pulse);
        for (;;)
        {
            cancel.ThrowIfCancellationRequested();
            var options = Volatile.Read(ref _options);
            Publish(_discovery.Scan(options.PathTargets, options.IgnoreOlderThan));
            await _discovery.WaitAsync(options.SyncPeriod);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _discovery.Dispose();
        _wake.Dispose();
        return base.DisposeAsync();
    }

    protected override ValueTask ApplyAsync(LocalFileMatchOptions options, CancellationToken cancel)
    {
        Volatile.Write(ref _options, options);
        // Until the first scan there is nothing: what refers to the targets can be evaluated at once.
        if (Volatile.Read(ref _exported) is null) Host.Export(new LocalFileMatchExports());
        _wake.Pulse();
        return ValueTask.CompletedTask;
    }

    private void Publish(FileMatches matches)
    {
        if (_exported is not { } before || !before.HasSameTargets(matches))
        {
            Volatile.Write(ref _exported, matches);
            Host.Export(new LocalFileMatchExports { Targets = matches.Targets });
        }

        if (matches.Problems is [var first, ..]) Host.Report(HealthState.Unhealthy, first);
        else Host.Report(HealthState.Healthy, $"{matches.Targets.Count} files");
    }
}
