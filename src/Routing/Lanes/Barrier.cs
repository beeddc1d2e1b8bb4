namespace Weir.Routing.Lanes;

/// <summary>Holds new batches back while all open fragments are being sealed for one commit.</summary>
internal sealed class Barrier
{
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private bool _isDown;

    public void Lower()
    {
        lock (_gate) _isDown = true;
    }

    public void Raise()
    {
        lock (_gate)
        {
            _isDown = false;
            foreach (var waiting in _waiting) waiting.TrySetResult();
            _waiting.Clear();
        }
    }

    /// <summary>Returns at once while it is up.</summary>
    public async ValueTask PassAsync(CancellationToken cancel)
    {
        TaskCompletionSource raised;
        lock (_gate)
        {
            if (!_isDown) return;
            raised = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(raised);
        }

        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), raised);
        await raised.Task;
    }
}
