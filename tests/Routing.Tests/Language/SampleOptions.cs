using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

#pragma warning disable CA1040 // a capsule needs no members here
internal interface ISampleReceiver;
#pragma warning restore CA1040

internal sealed class SampleReceiver : ISampleReceiver;

internal enum SampleMode
{
    Fast,
    VerySlow,

    [Spelling("ACK")]
    Acknowledge,
}

internal readonly record struct Even(int Number)
{
    public static bool TryParse(string text, out Even value, out string problem)
    {
        var good = int.TryParse(text, out var number) && number % 2 == 0;
        (value, problem) = (good ? new Even(number) : default, good ? "" : "expected an even number");
        return good;
    }
}

internal sealed record SampleClient : IValidated
{
    [Argument("bearer_token")] public Secret? BearerToken { get; init; }

    [Argument("bearer_token_file")] public string BearerTokenFile { get; init; } = "";

    [Argument("follow_redirects")] public bool FollowRedirects { get; init; } = true;

    [Argument("http_headers")]
    public IReadOnlyDictionary<string, IReadOnlyList<Secret>> HttpHeaders { get; init; } =
        new Dictionary<string, IReadOnlyList<Secret>>();

    [Block("tls_config")] public SampleTls? Tls { get; init; }

    public void Validate(OptionProblems problems)
    {
        if (BearerToken is not null && BearerTokenFile.Length > 0)
            problems.Add("bearer_token_file", "only one of bearer_token and bearer_token_file may be given");
    }
}

internal sealed record SampleTls
{
    [Argument("insecure_skip_verify")] public bool InsecureSkipVerify { get; init; }
}

internal sealed record SampleQueue
{
    [Argument("capacity")]
    [Range(Min = "1KiB", Max = "1GiB")]
    public ByteSize Capacity { get; init; } = new(10 << 20);

    [Argument("shards")] [Range(Min = "1")] public int Shards { get; init; } = 1;
}

internal sealed record SampleEndpoint
{
    [Argument("url", Required = true)] public string Url { get; init; } = "";

    [Argument("timeout")]
    [Range(Min = "1ms", Max = "1m")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    [Argument("mode")] public SampleMode Mode { get; init; }

    [Argument("weight")] public double? Weight { get; init; }

    [Argument("even")] public Even Even { get; init; }

    [Argument("headers")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    [Inline] public SampleClient Client { get; init; } = new() { FollowRedirects = false };

    [Block("queue_config")] public SampleQueue Queue { get; init; } = new() { Shards = 4 };
}

internal sealed record SampleExports
{
    [Export("receiver")] public ISampleReceiver? Receiver { get; init; }

    [Export("targets")] public IReadOnlyList<IReadOnlyDictionary<string, string>> Targets { get; init; } = [];

    [Export("token")] public Secret? Token { get; init; }
}

[Component("sample.write", Exports = typeof(SampleExports))]
internal sealed record SampleWrite
{
    [Argument("external_labels")]
    public IReadOnlyDictionary<string, string> ExternalLabels { get; init; } = new Dictionary<string, string>();

    [Argument("forward_to")] public IReadOnlyList<ISampleReceiver> ForwardTo { get; init; } = [];

    [Argument("targets")] public IReadOnlyList<IReadOnlyDictionary<string, string>> Targets { get; init; } = [];

    [Argument("extra")] public Value Extra { get; init; } = NullValue.Instance;

    [Block("endpoint", Required = true)] public IReadOnlyList<SampleEndpoint> Endpoints { get; init; } = [];

    [Block("listener")] public IReadOnlyList<SampleListener> Listeners { get; init; } = [];
}

internal sealed record SampleListener
{
    [Label] public string Name { get; init; } = "";

    [Argument("port")] public ushort Port { get; init; }
}

internal interface ISampleStage
{
    string Kind { get; }
}

[BlockName("stage.json")]
internal sealed record SampleJson : ISampleStage
{
    [Argument("source")] public string Source { get; init; } = "";

    public string Kind => "json";
}

[BlockName("stage.match")]
internal sealed record SampleMatch : ISampleStage
{
    [Argument("selector", Required = true)] public string Selector { get; init; } = "";

    [BlockSequence] public IReadOnlyList<ISampleStage> Stages { get; init; } = [];

    public string Kind => $"match({string.Join(',', Stages.Select(stage => stage.Kind))})";
}

[Component("sample.process", Exports = typeof(SampleExports))]
internal sealed record SampleProcess
{
    [Argument("forward_to", Required = true)] public IReadOnlyList<ISampleReceiver> ForwardTo { get; init; } = [];

    [BlockSequence] public IReadOnlyList<ISampleStage> Stages { get; init; } = [];
}

[Component("sample.new", Stability = Stability.Experimental)]
internal sealed record SampleNew;

[Component("sample.self", Singleton = true)]
internal sealed record SampleSelf;

[ConfigurationBlock("logging")]
internal sealed record SampleLogging
{
    [Argument("level")] public string Level { get; init; } = "info";

    [Argument("write_to")] public IReadOnlyList<ISampleReceiver> WriteTo { get; init; } = [];
}

[Component("import.sample", Exports = typeof(ModuleExports))]
internal sealed record SampleImport;
