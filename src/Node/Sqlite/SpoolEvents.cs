using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Node.Sqlite;

/// <summary>What happens to the spool: one method an event, with its log line and its counter.</summary>
public sealed class SpoolEvents(IProcessLog log, MetricRegistry metrics)
{
    private const string Part = "spool";

    private readonly Metric _commits =
        metrics.Counter("weir_spool_commits_total", "Transactions that the spool made durable.").With();

    private readonly Metric _committedBytes =
        metrics.Counter("weir_spool_committed_bytes_total", "Bytes of fragments that the spool took.").With();

    private readonly Metric _tornBytes =
        metrics.Counter("weir_spool_torn_bytes_total", "Bytes cut at a start: a commit that never finished.").With();

    private readonly MetricFamily _lostFragments =
        metrics.Counter("weir_spool_lost_fragments_total", "Fragments whose bytes the disk lost or damaged.", "reason");

    private readonly Metric _lostEntries =
        metrics.Counter("weir_spool_lost_entries_total", "Entries in fragments that the disk lost or damaged.").With();

    private readonly Metric _discardedLetters = metrics.Counter(
        "weir_spool_dead_letters_discarded_total", "Dead letters removed, oldest first, to keep their budget.").With();

    private readonly Metric _discardedEntries = metrics.Counter(
        "weir_spool_dead_letter_entries_discarded_total", "Entries in the dead letters removed.").With();

    private readonly Metric _rebuilds =
        metrics.Counter("weir_spool_index_rebuilds_total", "Damaged indexes set aside and made again.").With();

    private int _saidNoteFailed;

    private readonly MetricFamily _gauges = metrics.Gauge("weir_spool_bytes", "What the spool takes on disk.");

    /// <summary>Shows the spool's fill in the metrics until the registration is disposed.</summary>
    public IDisposable Watch(Func<SpoolUsage> usage)
    {
        var bytes = _gauges.With();
        var bytesMax = metrics.Gauge("weir_spool_bytes_max", "The spool's budget on disk.").With();
        var fragments = metrics.Gauge("weir_spool_fragments", "Fragments that an endpoint is still owed.").With();
        var letters = metrics.Gauge("weir_spool_dead_letters", "Dead letters that the spool keeps.").With();
        var letterBytes = metrics.Gauge("weir_spool_dead_letter_bytes", "Bytes of dead letters.").With();
        return metrics.OnCollect(() =>
        {
            var now = usage();
            bytes.Set(now.Bytes);
            bytesMax.Set(now.BytesMax);
            fragments.Set(now.Fragments);
            letters.Set(now.DeadLetters);
            letterBytes.Set(now.DeadLetterBytes);
        });
    }

    public void Opened(string directory, SpoolUsage usage, string sqlite) =>
        log.Write(LogSeverity.Info, Part, "opened",
            new("directory", directory), new("fragments", usage.Fragments), new("bytes", usage.Bytes),
            new("bytes_max", usage.BytesMax), new("dead_letters", usage.DeadLetters), new("sqlite", sqlite));

    public void Committed(long fragmentBytes)
    {
        _commits.Increment();
        _committedBytes.Add(fragmentBytes);
    }

    public void TailCut(string file, long bytes)
    {
        _tornBytes.Add(bytes);
        log.Write(LogSeverity.Warn, Part,
            "a commit had not finished when the process or the machine stopped: its bytes were cut; "
            + "its sources read those lines again",
            new("file", file), new("bytes", bytes));
    }

    /// <param name="reason">The word for metrics: <c>missing</c> or <c>damaged</c>.</param>
    public void FragmentLost(long id, long entries, string reason, string file)
    {
        _lostFragments.With(reason).Increment();
        _lostEntries.Add(entries);
        log.Write(LogSeverity.Error, Part,
            "a fragment's bytes are gone from the disk: it cannot be delivered; "
            + "its row is kept in the table lost_fragments",
            new("fragment", id), new("entries", entries), new("reason", reason), new("file", file));
    }

    public void IndexSetAside(string file, string fault)
    {
        _rebuilds.Increment();
        log.Write(LogSeverity.Error, Part,
            "the index was damaged and set aside: fragments are found again from the segments and may be sent twice, "
            + "byte-identical; dead letters stay in the damaged file; source positions are lost, so sources begin "
            + "as if they had never been read",
            new("file", file), new("fault", fault));
    }

    public void IndexRebuilt(long fragments, long skippedBytes) =>
        log.Write(LogSeverity.Warn, Part, "the index was made again from the segments",
            new("fragments", fragments), new("unreadable_bytes", skippedBytes));

    public void BudgetReduced(long asked, long bytesMax) =>
        log.Write(LogSeverity.Warn, Part, "the disk has too little room for the budget asked for: a smaller one holds",
            new("asked_bytes", asked), new("bytes_max", bytesMax));

    public void DeadLettersDiscarded(int letters, long entries)
    {
        _discardedLetters.Add(letters);
        _discardedEntries.Add(entries);
        log.Write(LogSeverity.Warn, Part, "dead letters fill their budget: the oldest were removed",
            new("dead_letters", letters), new("entries", entries));
    }

    public void NoteFailed(string fault)
    {
        // Said once; a disk in this state is heard of from every commit as well.
        if (Interlocked.Exchange(ref _saidNoteFailed, 1) != 0) return;
        log.Write(LogSeverity.Warn, Part,
            "it cannot be noted what is being sent: a node killed now would send it again without asking for it",
            new LogField("error", fault));
    }

    /// <summary>Said once a process.</summary>
    public void HolesUnsupported() =>
        log.Write(LogSeverity.Warn, Part,
            "the file system cannot give back parts of files: an endpoint that stands still may hold many times its "
            + "bytes of the budget; ext4, XFS, Btrfs and tmpfs can");

    public void DeletionFailed(string fault) =>
        log.Write(LogSeverity.Warn, Part, "space of acknowledged fragments could not be freed; it is tried again",
            new LogField("error", fault));
}
