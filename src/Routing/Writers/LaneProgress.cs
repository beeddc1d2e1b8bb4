using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>What a writer shows of itself, and what it says in the log: once when trouble begins, then now and
/// then.</summary>
internal sealed class LaneProgress(LaneKey lane, RoutingEvents events, TimeProvider time)
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private LaneState _state = LaneState.Idle;
    private string _lastError = "";
    private DateTimeOffset? _nextAttemptAt;
    private int _inFlight;
    private double _rate;
    private long _ratedAt = time.GetTimestamp();
    private long? _troubledAt;
    private long _saidAt;

    public LaneState State
    {
        get
        {
            lock (_gate) return _state;
        }
    }

    public void Waiting()
    {
        lock (_gate)
        {
            _state = LaneState.Idle;
            _inFlight = 0;
        }
    }

    public void Sending(int fragments)
    {
        lock (_gate)
        {
            if (_troubledAt is null) _state = LaneState.Sending;
            _inFlight = fragments;
        }
    }

    /// <summary>Nothing is sent until an operator resumes the lane.</summary>
    public void Paused()
    {
        lock (_gate)
        {
            _state = LaneState.Paused;
            _nextAttemptAt = null;
        }
    }

    /// <summary>The endpoint decided over a push, whatever it decided: it is reachable and lets us in.</summary>
    public void Settled(int bytes)
    {
        TimeSpan? trouble = null;
        lock (_gate)
        {
            if (_troubledAt is { } since) trouble = time.GetElapsedTime(since);
            _troubledAt = null;
            _nextAttemptAt = null;
            _lastError = "";
            _state = LaneState.Sending;
            Rate(bytes);
        }

        if (trouble is { } ended) events.LaneRecovered(lane, ended);
    }

    public void Troubled(LaneState state, string error, TimeSpan delay)
    {
        bool isNews;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            isNews = _troubledAt is null || _state != state || time.GetElapsedTime(_saidAt) >= RepeatAfter;
            if (isNews) _saidAt = now;
            _troubledAt ??= now;
            _state = state;
            _lastError = error;
            _nextAttemptAt = time.GetUtcNow() + delay;
        }

        if (isNews) events.LaneTroubled(lane, state, error, delay);
    }

    public LaneStatus Status(ILaneQueue of)
    {
        var (fragments, bytes, oldest) = of.Backlog();
        lock (_gate)
        {
            Rate(0);
            var state = _state == LaneState.Idle && fragments > 0 ? LaneState.Sending : _state;
            return new LaneStatus(
                of.Key, state, fragments, bytes, oldest, _inFlight, _rate, _lastError, _nextAttemptAt);
        }
    }

    /// <summary>An exponential average: what is older than the window counts for a third.</summary>
    private void Rate(int bytes)
    {
        var elapsed = time.GetElapsedTime(_ratedAt);
        _ratedAt = time.GetTimestamp();
        _rate = _rate * Math.Exp(-elapsed / RateWindow) + bytes / RateWindow.TotalSeconds;
    }
}
