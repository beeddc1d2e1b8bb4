namespace Weir.Support;

/// <summary>A clock that stands still until it is advanced. Timers fire on the advancing thread, in order of
/// time.</summary>
public sealed class ManualTime(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ManualTimer> _armed = new(ManualTimer.ByDue);
    private readonly List<TaskCompletionSource<TimeSpan>> _waiting = [];
    private DateTimeOffset _now = start ?? new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private long _sequence;

    /// <summary>How much too early timers fire, as those of the system may; shorter waits are exact.</summary>
    public TimeSpan TimersEarlyBy { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>When the next timer is due; null when none is armed.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate) return First()?.Due;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock and fires what is due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (true)
        {
            ManualTimer? due;
            lock (_gate)
            {
                due = First();
                if (due is null || due.Due > until)
                {
                    _now = until;
                    return;
                }

                if (due.Due > _now) _now = due.Due;
                _armed.Remove(due);
            }

            due.Fire();
        }
    }

    /// <summary>Moves the clock to the next timer and fires it.</summary>
    /// <returns>False when none is armed.</returns>
    public bool AdvanceToNext()
    {
        if (NextDue is not { } due) return false;
        var by = due - GetUtcNow();
        Advance(by > TimeSpan.Zero ? by : TimeSpan.Zero);
        return true;
    }

    /// <summary>Waits until a timer is armed.</summary>
    /// <returns>How long until the first one is due.</returns>
    public Task<TimeSpan> ArmedAsync()
    {
        lock (_gate)
        {
            if (First() is { } first) return Task.FromResult(first.Due - _now);
            var waiting = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(waiting);
            return waiting.Task;
        }
    }

    /// <summary>Waits until a timer is armed that is due within a time; later ones are left aside.</summary>
    /// <returns>How long until the first one is due.</returns>
    public async Task<TimeSpan> ArmedAsync(TimeSpan within)
    {
        while (true)
        {
            Task<TimeSpan> armed;
            lock (_gate)
            {
                if (First() is { } first && first.Due - _now <= within) return first.Due - _now;
                var waiting = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(waiting);
                armed = waiting.Task;
            }

            await armed;
        }
    }

    private ManualTimer? First() => _armed.Min;

    private void Arm(ManualTimer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            _armed.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan) return;
            timer.Due = _now + (dueTime > TimersEarlyBy ? dueTime - TimersEarlyBy : dueTime);
            timer.Sequence = ++_sequence;
            _armed.Add(timer);
            foreach (var waiting in _waiting) waiting.TrySetResult(dueTime);
            _waiting.Clear();
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public static IComparer<ManualTimer> ByDue { get; } = Comparer<ManualTimer>.Create(
            (one, other) => (one.Due, one.Sequence).CompareTo((other.Due, other.Sequence)));

        public DateTimeOffset Due { get; set; }

        public long Sequence { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            time.Arm(this, dueTime);
            return true;
        }

        public void Fire()
        {
            if (_period != Timeout.InfiniteTimeSpan && _period > TimeSpan.Zero) time.Arm(this, _period);
            callback(state);
        }

        public void Dispose() => time.Arm(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
