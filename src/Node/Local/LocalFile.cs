using Weir.Node.Polling;
using Weir.Node.Sources.Files.Watching;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Node.Local;

/// <summary>Arguments of <c>local.file</c>.</summary>
[Component("local.file", Exports = typeof(ContentExports))]
public sealed record LocalFileOptions
{
    [Inline]
    public PolledFileOptions File { get; init; } = new();

    /// <summary>Whether the content is a secret.</summary>
    [Argument("is_secret")]
    public bool IsSecret { get; init; }
}

/// <summary>What <c>local.file</c> and <c>remote.http</c> export.</summary>
public sealed record ContentExports
{
    /// <summary>A string, or a secret.</summary>
    [Export("content")]
    public required Value Content { get; init; }

    public static ContentExports Of(string content, bool isSecret) =>
        new() { Content = isSecret ? new SecretValue(content) : new StringValue(content) };
}

/// <summary><c>local.file</c>: the content of a file, kept current.</summary>
public sealed class LocalFile : PolledComponent<LocalFileOptions>
{
    private readonly PathWatch _watch;
    private readonly Metric _readAt;

    public LocalFile(IComponentHost host, FileWatches watches)
        : base(host)
    {
        _watch = new PathWatch(watches, Wake);
        _readAt = host.Events.Metrics.Gauge("local_file_timestamp_last_accessed_unix_seconds",
            "The last successful access in unix seconds.", "component_id").With(host.Id);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _watch.Dispose();
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override TimeSpan PeriodOf(LocalFileOptions options) => options.File.PollFrequency;

    /// <inheritdoc/>
    protected override async ValueTask LookAsync(LocalFileOptions options, CancellationToken cancel)
    {
        var (file, path) = (options.File, options.File.Filename);
        // Before it is read: what changes meanwhile is noticed.
        if (file.Detector == ChangeDetector.Poll) _watch.Follow([], []);
        else _watch.FollowFile(path);
        var content = await FileContent.ReadAsync(path, cancel);
        _readAt.Set(Time.GetUtcNow().ToUnixTimeSeconds());
        Host.Export(ContentExports.Of(content, options.IsSecret));
        Host.Report(HealthState.Healthy, "the file is read");
    }
}
