namespace Weir.Support;

/// <summary>The code of one node among many on a <see cref="Schedule"/>: it can be killed, or stopped for a while and
/// let go on, whatever it was about to do.</summary>
public sealed class SimulatedProcess(Schedule schedule) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _held = [];
    private bool _isStopped;
    private bool _isDead;

    /// <summary>Begins to run something as part of the process.</summary>
    public Task Run(Func<Task> body)
    {
        var done = new TaskCompletionSource<Task>();
        Post(_ => done.SetResult(body()), null);
        return done.Task.Unwrap();
    }

    /// <summary>Begins to run something as part of the process.</summary>
    public Task<T> Run<T>(Func<Task<T>> body)
    {
        var done = new TaskCompletionSource<Task<T>>();
        Post(_ => done.SetResult(body()), null);
        return done.Task.Unwrap();
    }

    /// <summary>As by <c>kill -9</c>: nothing of it happens any more.</summary>
    public void Kill()
    {
        _isDead = true;
        _held.Clear();
    }

    /// <summary>As by SIGSTOP: it holds still and notices nothing.</summary>
    public void Stop() => _isStopped = true;

    /// <summary>As by SIGCONT.</summary>
    public void Continue()
    {
        _isStopped = false;
        foreach (var (callback, state) in _held) Post(callback, state);
        _held.Clear();
    }

    public override void Post(SendOrPostCallback d, object? state) => schedule.Post(
        _ =>
        {
            if (_isDead) return;
            if (_isStopped) _held.Add((d, state));
            else RunStep(d, state);
        },
        null);

    public override SynchronizationContext CreateCopy() => this;

    private void RunStep(SendOrPostCallback step, object? state)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            step(state);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
