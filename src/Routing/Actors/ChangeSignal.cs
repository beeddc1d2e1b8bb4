namespace Weir.Routing.Actors;

/// <summary>Wakes all who wait for something to change. Any thread.</summary>
public sealed class ChangeSignal
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _waiters = [];
    private long _version;

    /// <summary>Changes so far: read before looking at what changes.</summary>
    public long Version
    {
        get
        {
            lock (_gate) return _version;
        }
    }

    public void Set()
    {
        TaskCompletionSource[] waiters;
        lock (_gate)
        {
            _version++;
            waiters = [.. _waiters];
            _waiters.Clear();
        }

        foreach (var waiter in waiters) waiter.TrySetResult();
    }

    /// <summary>Returns when there is a change after <paramref name="seen"/>.</summary>
    public async ValueTask WaitAsync(long seen, CancellationToken cancel)
    {
        // The very task that is awaited is completed, so that the caller's scheduling context is never left.
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            cancel.ThrowIfCancellationRequested();
            if (_version != seen) return;
            _waiters.Add(waiter);
        }

        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiter);
        try
        {
            await waiter.Task;
        }
        finally
        {
            lock (_gate) _waiters.Remove(waiter);
        }
    }
}
