using System.Threading.Channels;

namespace Weir.Node.Sources.Docker;

/// <summary>Wakes one waiting loop; a signal raised while it is busy is kept, several count as one.</summary>
internal sealed class WakeSignal(TimeProvider time)
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Raise() => _raised.Writer.TryWrite(true);

    /// <returns>False: the time is up.</returns>
    public async Task<bool> WaitAsync(TimeSpan wait, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        try
        {
            return await _raised.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
