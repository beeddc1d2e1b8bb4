using Weir.Node.Polling;
using Weir.Routing.Components;

namespace Weir.Node.Http;

/// <summary>A component that keeps current what a server answers.</summary>
public abstract class RemoteComponent<TOptions>(IComponentHost host) : PolledComponent<TOptions>(host)
    where TOptions : class
{
    private readonly RemoteText _text = new(host.Time);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _text.Dispose();
        return base.DisposeAsync();
    }

    /// <summary>What to ask, and how often.</summary>
    protected abstract RemoteOptions RequestOf(TOptions options);

    /// <summary>The server has answered. Never called twice at once.</summary>
    /// <exception cref="ComponentException">The answer cannot be used; nothing changed.</exception>
    protected abstract void Take(TOptions options, string answer);

    /// <inheritdoc/>
    protected sealed override TimeSpan PeriodOf(TOptions options) => RequestOf(options).PollFrequency;

    /// <inheritdoc/>
    protected sealed override async ValueTask LookAsync(TOptions options, CancellationToken cancel) =>
        Take(options, await _text.AskAsync(RequestOf(options), null, cancel));
}
