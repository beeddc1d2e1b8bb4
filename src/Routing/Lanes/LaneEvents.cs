using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Routing;

/// <summary>What happens between a source's batch and the spool.</summary>
public sealed partial class RoutingEvents
{
    private static readonly double[] CommitSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

    private readonly Metric _commits = metrics.Counter("weir_spool_commits_total", "Transactions made durable.").With();

    private readonly Metric _committedFragments =
        metrics.Counter("weir_spool_committed_fragments_total", "Fragments made durable.").With();

    private readonly Metric _commitDuration = metrics.Histogram(
        "weir_spool_commit_duration_seconds", "Time a commit took.", CommitSeconds).With();

    private readonly Metric _commitFailures =
        metrics.Counter("weir_spool_commit_failures_total", "Commits that the disk refused.").With();

    private readonly Metric _commitsForced = metrics.Counter(
        "weir_spool_commits_forced_total",
        "Fragments committed before the positions of their lines, which a stage held for too long.").With();

    private readonly Metric _spoolFull = metrics.Counter(
        "weir_spool_full_total", "Times that the spool's budget was used up, so that sources had to wait.").With();

    private readonly Metric _spoolIsHealthy = HealthyAtFirst(metrics.Gauge(
        "weir_spool_healthy", "1 while commits succeed, 0 while the disk fails or the budget is used up.").With());

    public bool IsSpoolHealthy => _spoolIsHealthy.Value > 0;

    public void Committed(int fragments, TimeSpan took)
    {
        _commits.Increment();
        _committedFragments.Add((long)fragments);
        _commitDuration.Observe(took.TotalSeconds);
    }

    public void CommitFailed(int failures, IOException failure)
    {
        _commitFailures.Increment();
        _spoolIsHealthy.Set(0);
        if (failures == 1)
        {
            Log.Write(LogSeverity.Error, "spool",
                "the disk refuses commits; nothing is lost, sources wait, it tries again",
                new LogField("error", failure.Message));
        }
    }

    public void CommitsAgain()
    {
        _spoolIsHealthy.Set(1);
        Log.Write(LogSeverity.Info, "spool", "the disk takes commits again");
    }

    public void CommitForced(int fragments)
    {
        _commitsForced.Add((long)fragments);
        Log.Write(LogSeverity.Warn, "spool",
            "fragments are stored before their positions; a crash now would repeat lines",
            new LogField("fragments", fragments));
    }

    public void SpoolFull(SpoolUsage usage)
    {
        _spoolFull.Increment();
        _spoolIsHealthy.Set(0);
        Log.Write(LogSeverity.Error, "spool",
            "the disk budget is used up; sources wait until endpoints take what it holds",
            new("bytes", usage.Bytes), new("bytes_max", usage.BytesMax), new("fragments", usage.Fragments));
    }

    public void StoppedUnstored(string destination, TimeSpan waited) =>
        Log.Write(LogSeverity.Warn, "spool",
            "stopped before the spool took all; sources read the rest again after the next start",
            new("component", destination), new("waited", $"{waited.TotalSeconds:0.#}s"));

    public void SpoolHasRoom(SpoolUsage usage)
    {
        _spoolIsHealthy.Set(1);
        Log.Write(LogSeverity.Info, "spool", "the spool has room again; sources go on",
            new("bytes", usage.Bytes), new("bytes_max", usage.BytesMax));
    }

    private static Metric HealthyAtFirst(Metric gauge)
    {
        gauge.Set(1);
        return gauge;
    }
}
