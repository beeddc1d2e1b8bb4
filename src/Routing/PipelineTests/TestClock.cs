namespace Weir.Routing.PipelineTests;

/// <summary>A clock that stands still, save that a wait moves it on at once.</summary>
internal sealed class TestClock(long nanoseconds) : TimeProvider
{
    private long _ticks = nanoseconds / TimeSpan.NanosecondsPerTick;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(Volatile.Read(ref _ticks));

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan) return new Timer();
        Interlocked.Add(ref _ticks, dueTime.Ticks);
        ThreadPool.QueueUserWorkItem(_ => callback(state));
        return new Timer();
    }

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            // It has fired already, or never will.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
