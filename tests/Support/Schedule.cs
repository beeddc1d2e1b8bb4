namespace Weir.Support;

/// <summary>Runs asynchronous code on one thread in an order drawn from a seed, in virtual time: the same seed, the
/// same
/// run.</summary>
/// <remarks>When nothing is left to run, the clock moves to the next timer. Code that leaves the scheduling context
/// (<c>Task.Run</c>, <c>ConfigureAwait(false)</c>) cannot be run so.</remarks>
public sealed class Schedule(int seed) : SynchronizationContext
{
    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];

    private volatile string? _left; // how the code came to leave the thread
    private int _thread;

    public override void Post(SendOrPostCallback d, object? state)
    {
        // From another thread it would come sooner or later, by chance: the run could not be repeated.
        if (_thread != 0 && _thread != Environment.CurrentManagedThreadId) _left ??= Environment.StackTrace;
        lock (_gate) _ready.Add((d, state));
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs the body to its end, or until the clock has moved by <paramref name="longest"/>; then
    /// everything it
    /// started just stops, as in a crash.</summary>
    /// <returns>Whether it came to its end.</returns>
    /// <exception cref="InvalidOperationException">It waits for something that cannot happen any more.</exception>
    public bool Run(ManualTime time, TimeSpan longest, Func<Task> body)
    {
        var before = Current;
        var until = time.GetUtcNow() + longest;
        SetSynchronizationContext(this);
        _thread = Environment.CurrentManagedThreadId;
        try
        {
            var done = body();
            while (!done.IsCompleted)
            {
                if (_left is { } how)
                    throw new InvalidOperationException($"the code left the schedule's thread: {how}");
                if (TryStep()) continue;
                if (time.NextDue is not { } due)
                    throw new InvalidOperationException("everything waits and no timer is armed");
                if (due > until) return false;
                time.AdvanceToNext();
            }

            done.GetAwaiter().GetResult();
            return true;
        }
        finally
        {
            SetSynchronizationContext(before);
            _thread = 0;
        }
    }

    private bool TryStep()
    {
        (SendOrPostCallback Callback, object? State) step;
        lock (_gate)
        {
            if (_ready.Count == 0) return false;
            var at = _random.Next(_ready.Count);
            step = _ready[at];
            _ready.RemoveAt(at);
        }

        step.Callback(step.State);
        return true;
    }
}
