using Weir.Node.Sources.Files.Watching;
using Weir.Routing.Components;

namespace Weir.Node.Polling;

/// <summary>
/// A component that looks at something outside (a file, a URL, a name) again and again, and exports what it finds.
/// When looking fails, what was found last stays exported, and the health says why.
/// </summary>
public abstract class PolledComponent<TOptions> : Component<TOptions>
    where TOptions : class
{
    // Whoever writes a file in pieces, or many of them, must not make a node look all the time.
    private static readonly TimeSpan GapMin = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly WakeSignal _wake;
    private TOptions? _options;

    protected PolledComponent(IComponentHost host)
        : base(host) => _wake = new WakeSignal(Time);

    /// <inheritdoc/>
    public override async Task RunAsync(CancellationToken cancel)
    {
        await using var stopping = cancel.Register(_wake.Pulse);
        while (true)
        {
            await _wake.WaitAsync(PeriodOf(Volatile.Read(ref _options)!));
            cancel.ThrowIfCancellationRequested();
            await LookAgainAsync(cancel);
            await Task.Delay(GapMin, Time, cancel);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _gate.Dispose();
        _wake.Dispose();
        return base.DisposeAsync();
    }

    /// <summary>How often to look.</summary>
    protected abstract TimeSpan PeriodOf(TOptions options);

    /// <summary>Looks, and exports what it finds. Never called twice at once.</summary>
    /// <exception cref="ComponentException">It cannot be had; nothing changed.</exception>
    protected abstract ValueTask LookAsync(TOptions options, CancellationToken cancel);

    /// <summary>Looks at once, for others cannot be evaluated without it: arguments that lead to nothing are
    /// refused.</summary>
    protected override async ValueTask ApplyAsync(TOptions options, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            await LookAsync(options, cancel);
            Volatile.Write(ref _options, options);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes over arguments without looking: that is done as soon as the component runs.</summary>
    protected void Follow(TOptions options)
    {
        Volatile.Write(ref _options, options);
        Wake();
    }

    /// <summary>Looks now, not only at the end of the period.</summary>
    protected void Wake() => _wake.Pulse();

    private async ValueTask LookAgainAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            await LookAsync(_options!, cancel);
        }
        catch (ComponentException failure)
        {
            Host.Report(HealthState.Unhealthy, failure.Message);
        }
        finally
        {
            _gate.Release();
        }
    }
}
