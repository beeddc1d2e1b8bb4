using Weir.Node.Http;
using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Local;

/// <summary>Arguments of <c>remote.http</c>.</summary>
[Component("remote.http", Exports = typeof(ContentExports))]
public sealed record RemoteHttpOptions
{
    [Inline]
    public RemoteOptions Request { get; init; } = new();

    /// <summary>Whether the answer is a secret.</summary>
    [Argument("is_secret")]
    public bool IsSecret { get; init; }
}

/// <summary><c>remote.http</c>: what a server answers, kept current.</summary>
public sealed class RemoteHttp(IComponentHost host) : RemoteComponent<RemoteHttpOptions>(host)
{
    /// <inheritdoc/>
    protected override RemoteOptions RequestOf(RemoteHttpOptions options) => options.Request;

    /// <inheritdoc/>
    protected override void Take(RemoteHttpOptions options, string answer)
    {
        Host.Export(ContentExports.Of(answer.Trim(), options.IsSecret));
        Host.Report(HealthState.Healthy, "the server has answered");
    }
}
