using System.Text;
using BenchmarkDotNet.Attributes;
using Weir.Bench.Micro.Samples;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Routing.Stages;

namespace Weir.Bench.Micro.Stages;

/// <summary>Runs pipelines over the sample, in batches of 1024 lines as a source makes them; nothing is read or sent.
/// </summary>
public class StageBenchmarks
{
    private const int LinesEach = 1024;
    private const long Now = 1_735_689_600_000_000_000;

    private readonly LabelSets _labels = new();
    private readonly Dictionary<string, PipelineInstance> _pipelines = [];
    private byte[] _json = [];
    private byte[] _docker = [];
    private byte[] _logfmt = [];
    private PipelineInstance _pipeline = null!;
    private byte[] _text = [];

    [Params("none", "json", "json labels timestamp", "docker json labels", "regex", "logfmt", "match drop")]
    public string Stages { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _json = JsonLines.Text();
        var lines = Encoding.ASCII.GetString(_json).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        _docker = Encoding.ASCII.GetBytes(string.Concat(lines.Select(Wrapped)));
        _logfmt = Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => line
            .Replace("{\"", "", StringComparison.Ordinal).Replace(",\"", " ", StringComparison.Ordinal)
            .Replace("\":", "=", StringComparison.Ordinal).Replace("}", "\n", StringComparison.Ordinal))));
        Add("none");
        Add("json", Json());
        Add("json labels timestamp", Json(), Labels(), new TimestampOptions { Source = "ts", Format = "RFC3339Nano" });
        Add("docker json labels", new DockerOptions(), Json(), Labels());
        Add("regex", new RegexOptions
        {
            Expression = """^\{"ts":"(?P<ts>[^"]+)","level":"(?P<level>[^"]+)","msg":"(?P<msg>[^"]*)",""",
        });
        Add("logfmt", new LogfmtOptions { Mapping = Map("ts", "level", "status", "path") });
        Add("match drop", new MatchOptions
        {
            Selector = "{job=\"bench\"} |= \"error\"",
            Stages = [new DropOptions { Expression = "never seen" }],
        });
        _pipeline = _pipelines[Stages];
        _text = Stages switch { "logfmt" => _logfmt, "docker json labels" => _docker, _ => _json };
    }

    [Benchmark]
    public int Run()
    {
        var labels = _labels.Of([new Label("job", "bench")]);
        var kept = 0;
        for (var at = 0; at < _text.Length;)
        {
            using var batch = new LogBatch(bytes: 512 * 1024);
            var start = at;
            for (var i = 0; i < LinesEach && at < _text.Length; i++)
            {
                var length = _text.AsSpan(at).IndexOf((byte)'\n');
                batch.Add(Now, labels, at - start, length, at);
                at += length + 1;
            }

            batch.Append(_text.AsSpan(start, at - start));
            _pipeline.Run(batch, Now, ending: false);
            kept += batch.Count;
        }

        return kept;
    }

    private void Add(string name, params IStageOptions[] stages)
    {
        var events = new RoutingEvents(new Silence(), new MetricRegistry());
        var compiler = new StageCompiler(
            "bench", _labels, events, new Random(1), TimeProvider.System,
            new StageProcess(File.ReadAllBytes, _ => null));
        _pipelines[name] = CompiledPipeline.Compile(stages, compiler).Instantiate();
    }

    private static string Wrapped(string line) =>
        "{\"log\":\"" + line.Replace("\"", "\\\"", StringComparison.Ordinal)
        + "\\n\",\"stream\":\"stdout\",\"time\":\"2025-01-01T00:00:00.123456789Z\"}\n";

    private static JsonOptions Json() => new() { Expressions = Map("ts", "level", "status", "path", "ms") };

    private static LabelsOptions Labels() => new() { Values = Map("level", "status") };

    private static Dictionary<string, string?> Map(params string[] names) =>
        names.ToDictionary(name => name, _ => (string?)null);

    private sealed class Silence : IProcessLog
    {
        public bool IsEnabled(LogSeverity severity) => false;

        public void Write(
            LogSeverity severity, string component, string message, params ReadOnlySpan<LogField> fields)
        {
        }
    }
}
