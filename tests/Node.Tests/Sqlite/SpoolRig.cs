using Microsoft.Data.Sqlite;
using Weir.Node.Sqlite;
using Weir.Protocol.Batches;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Sqlite;

/// <summary>A spool in a directory of its own, which goes with the test.</summary>
internal sealed class SpoolRig : IAsyncDisposable
{
    public static readonly LaneKey Lane = LaneOf("a");

    private readonly MetricRegistry _metrics = new();

    public SpoolRig() => Options = new SpoolOptions { Directory = Directory };

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("weir-spool-").FullName;

    public SpoolOptions Options { get; set; }

    public SegmentDisk? Disk { get; set; }

    public RecordedLog Log { get; } = new();

    public SqliteSpool Spool { get; private set; } = null!;

    public string Database => Path.Combine(Directory, "spool.db");

    public IReadOnlyList<string> Segments =>
        [.. System.IO.Directory.GetFiles(Path.Combine(Directory, "segments")).Order(StringComparer.Ordinal)];

    public static LaneKey LaneOf(string endpoint, string tenant = "t") => new("loki.write.x", endpoint, tenant, 0);

    public static SealedFragment Fragment(int seed, int length = 1000, params string[] endpoints)
    {
        var body = new byte[length];
        new Random(seed).NextBytes(body);
        var facts = new FragmentFacts(length * 3, 10 + seed, length * 2, 1000 + seed, 2000 + seed);
        return new(new("loki.write.x", "t", 0), endpoints.Length == 0 ? ["a"] : endpoints, facts, body);
    }

    public static SourcePosition Position(string key, long offset, string context = "") =>
        new(new SourceKey("loki.source.file.x", key), offset, context);

    public static DeadLetter Letter(int seed, int length = 1000, string endpoint = "a")
    {
        var fragment = Fragment(seed, length);
        return new(LaneOf(endpoint), fragment.Facts, fragment.Body, "ingester_error", 400, "too old",
            DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000 + seed));
    }

    public SqliteSpool Open() =>
        Spool = SqliteSpool.Open(Options, new SpoolEvents(Log, _metrics), TimeProvider.System, new Random(1), Disk);

    public async Task<SqliteSpool> ReopenAsync()
    {
        await Spool.DisposeAsync();
        return Open();
    }

    public async Task<IReadOnlyList<StoredFragment>> CommitAsync(params SealedFragment[] fragments) =>
        await Spool.CommitAsync(new SpoolTransaction { Fragments = fragments }, default);

    public async Task AcknowledgeAsync(IEnumerable<StoredFragment> fragments, string endpoint = "a") =>
        await Spool.CommitAsync(
            new SpoolTransaction { Acknowledged = [.. fragments.Select(one => new Acknowledgement(one.Id, endpoint))] },
            default);

    public async Task<IReadOnlyList<StoredFragment>> ReadAllAsync(LaneKey? lane = null)
    {
        var all = new List<StoredFragment>();
        for (var afterId = 0L; ; afterId = all[^1].Id)
        {
            var some = await Spool.ReadAsync(lane ?? Lane, afterId, 100, 1 << 20, default);
            if (some.Count == 0) return all;
            all.AddRange(some);
        }
    }

    /// <summary>What a metric shows, as in <c>weir_spool_torn_bytes_total 12</c>.</summary>
    public double Metric(string name) =>
        _metrics.Render().Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..]));

    /// <summary>Changes the database behind the spool's back.</summary>
    public void Execute(string sql)
    {
        SqliteNative.Load();
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Copies the directory as a crash would leave it: no lock, nothing closed.</summary>
    public SpoolRig Snapshot()
    {
        var copy = new SpoolRig { Disk = null };
        copy.Options = Options with { Directory = copy.Directory };
        System.IO.Directory.CreateDirectory(Path.Combine(copy.Directory, "segments"));
        foreach (var file in System.IO.Directory.GetFiles(Directory, "*", SearchOption.AllDirectories))
        {
            if (file.EndsWith("lock") || file.EndsWith("-shm")) continue;
            File.Copy(file, Path.Combine(copy.Directory, Path.GetRelativePath(Directory, file)));
        }

        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        if (Spool is not null) await Spool.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordedLog : IProcessLog
{
    private readonly Lock _gate = new();
    private readonly List<(LogSeverity Severity, string Message)> _lines = [];

    public IReadOnlyList<(LogSeverity Severity, string Message)> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    public bool IsEnabled(LogSeverity severity) => true;

    public void Write(LogSeverity severity, string component, string message, params ReadOnlySpan<LogField> fields)
    {
        lock (_gate) _lines.Add((severity, message));
    }
}
