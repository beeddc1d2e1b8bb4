using Weir.Node.Http;
using Weir.Node.Polling;
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
public sealed class RemoteHttp(IComponentHost host) : PolledComponent<RemoteHttpOptions>(host)
{
    private readonly RemoteText _text = new(host.Time);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _text.Dispose();
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override TimeSpan PeriodOf(RemoteHttpOptions options) => options.Request.PollFrequency;

    /// <inheritdoc/>
    protected override async ValueTask LookAsync(RemoteHttpOptions options, CancellationToken cancel)
    {
        var content = await _text.AskAsync(options.Request, null, cancel);
        Host.Export(ContentExports.Of(content.Trim(), options.IsSecret));
        Host.Report(HealthState.Healthy, "the server has answered");
    }
}
