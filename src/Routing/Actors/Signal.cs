namespace Weir.Routing.Actors;

/// <summary>Wakes one waiting loop. Set while nobody waits, it is remembered; set twice, it is one wake.</summary>
public sealed class Signal
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<bool>? _waiter;
    private bool _isSet;

    public void Set()
    {
        lock (_gate)
        {
            if (_waiter is { } waiter && waiter.TrySetResult(true)) _waiter = null;
            else _isSet = true;
        }
    }

    /// <summary>Waits until it is set, and takes that.</summary>
    public async ValueTask WaitAsync(CancellationToken cancel) =>
        await WaitAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);

    /// <returns>False when the time was over first.</returns>
    public async ValueTask<bool> WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancel)
    {
        // Timer and cancellation complete the very task that is awaited, so that the caller's scheduling context, by
        // which a simulation orders all steps, is never left.
        TaskCompletionSource<bool> waiter;
        lock (_gate)
        {
            cancel.ThrowIfCancellationRequested();
            if (_isSet)
            {
                _isSet = false;
                return true;
            }

            _waiter = waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), waiter);
        if (longest == Timeout.InfiniteTimeSpan) return await waiter.Task;

        await using var timer = time.CreateTimer(
            static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false),
            waiter, longest, Timeout.InfiniteTimeSpan);
        return await waiter.Task;
    }
}
