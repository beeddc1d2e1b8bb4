using System.Threading.Tasks.Sources;

namespace Weir.Node.Sources.Files.Watching;

/// <summary>Wakes one loop: at a pulse from any thread, or when the time is up. Waiting again and again allocates
/// nothing.</summary>
/// <remarks>A pulse between two waits is kept, several are one. Only one wait at a time.</remarks>
internal sealed class WakeSignal : IValueTaskSource, IDisposable
{
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private bool _pulsed;
    private bool _waiting;

    public WakeSignal(TimeProvider time) =>
        _timer = time.CreateTimer(
            static state => ((WakeSignal)state!).Pulse(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Pulse()
    {
        lock (_lock)
        {
            if (!_waiting)
            {
                _pulsed = true;
                return;
            }

            _waiting = false;
        }

        _core.SetResult(true);
    }

    /// <summary>Completes at the next pulse, or at once if there was one since the last wait, or when
    /// <paramref name="limit"/> is over.</summary>
    public ValueTask WaitAsync(TimeSpan limit)
    {
        short token;
        lock (_lock)
        {
            if (_pulsed)
            {
                _pulsed = false;
                return ValueTask.CompletedTask;
            }

            _core.Reset();
            token = _core.Version;
            _waiting = true;
        }

        // A timer of an earlier wait may still fire into a later one: a wake too many does no harm.
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
        return new ValueTask(this, token);
    }

    public void Dispose() => _timer.Dispose();

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
