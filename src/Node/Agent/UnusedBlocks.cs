using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Node.Agent;

/// <summary>Block <c>livedebugging</c>: taken, for files have it; Weir has no such view.</summary>
[ConfigurationBlock("livedebugging")]
public sealed record LiveDebuggingBlockOptions
{
    [Argument("enabled")]
    public bool Enabled { get; init; }
}

/// <summary>Block <c>tracing</c>: taken, for files have it; Weir sends no traces of itself.</summary>
[ConfigurationBlock("tracing")]
public sealed record TracingBlockOptions
{
    [Argument("sampling_fraction")]
    public double SamplingFraction { get; init; } = 0.1;

    [Argument("send_traceparent")]
    public bool SendTraceparent { get; init; }

    /// <summary>Consumers of traces: Weir has none, so that whatever stands here is none.</summary>
    [Argument("write_to")]
    public IReadOnlyList<Value> WriteTo { get; init; } = [];

    [Block("sampler")]
    public SamplerOptions? Sampler { get; init; }
}

/// <summary>Block <c>sampler</c> of <c>tracing</c>.</summary>
public sealed record SamplerOptions
{
    [Block("jaeger_remote")]
    public JaegerRemoteOptions? JaegerRemote { get; init; }
}

/// <summary>Block <c>jaeger_remote</c> of <c>sampler</c>.</summary>
public sealed record JaegerRemoteOptions
{
    [Argument("url")]
    public string Url { get; init; } = "http://127.0.0.1:5778/sampling";

    [Argument("max_operations")]
    public int MaxOperations { get; init; } = 256;

    [Argument("refresh_interval")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>A block of the node that is without effect, and says so.</summary>
internal sealed class UnusedSetting<TOptions>(IComponentHost host) : Component<TOptions>(host)
    where TOptions : class
{
    protected override ValueTask ApplyAsync(TOptions options, CancellationToken cancel)
    {
        Log.Write(LogSeverity.Info, Id, "this block is accepted and has no effect");
        return ValueTask.CompletedTask;
    }
}
