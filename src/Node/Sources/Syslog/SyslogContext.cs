using Weir.Routing.Components;

namespace Weir.Node.Sources.Syslog;

/// <summary>What the listeners of one component share.</summary>
/// <param name="ForwardTo">Receivers as they stand.</param>
internal sealed record SyslogContext(
    IComponentHost Host, SyslogMetrics Metrics, SyslogPeers Peers, Func<IReadOnlyList<ILogsReceiver>> ForwardTo);

/// <summary>At a stop, what was read has some time left to be handed on: nobody will send it again.</summary>
internal sealed class HandOverTime : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _stop;

    /// <param name="cancel">The stop.</param>
    public HandOverTime(CancellationToken cancel) => _stop = cancel.UnsafeRegister(
        static state => ((CancellationTokenSource)state!).CancelAfter(Longest), _source);

    /// <summary>Cancelled when that time is over, too.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _stop.Dispose();
        _source.Dispose();
    }
}
