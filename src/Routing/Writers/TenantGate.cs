using Weir.Routing.Lanes;

namespace Weir.Routing.Writers;

/// <summary>One endpoint and tenant on this node: a bucket of bytes that fills at its share of the rate.</summary>
internal sealed class TenantGate(TimeProvider time, Func<int> countServing) : IPushGate
{
    // Who serves a tenant changes with presence, every two seconds: asking at each push would find nothing new.
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan InFlightAskAgainAfter = TimeSpan.FromMilliseconds(20);

    // Shorter waits are nothing to show: every rate limit has them.
    private static readonly TimeSpan ShownAfter = TimeSpan.FromSeconds(1);

    // What is due changes with the number of writers: nobody waits for longer without looking again.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private TenantLimits? _limits;
    private double _tokens;
    private long _filledAt;
    private long _inFlight;
    private int _sharers = 1;
    private long? _countedAt;

    public TenantLimits? Limits
    {
        set
        {
            lock (_gate)
            {
                if (_limits == value) return;
                _limits = value;
                _tokens = value?.BurstBytes ?? 0;
                _filledAt = time.GetTimestamp();
            }
        }
    }

    public bool IsOpen => true;

    public PushTurn Enter(int lineBytes)
    {
        lock (_gate)
        {
            if (_limits is not null)
            {
                Count();
                var most = _limits.InFlightBytes / _sharers;
                if (_limits.InFlightBytes > 0 && _inFlight > 0 && _inFlight + lineBytes > most)
                    return new PushTurn(InFlightAskAgainAfter, LaneState.Throttled);
                if (_limits.RateBytes > 0 && Due(lineBytes) is { Wait: var wait } turn && wait > TimeSpan.Zero)
                    return turn;
            }

            _inFlight += lineBytes;
            return default;
        }
    }

    public void Leave(int lineBytes)
    {
        lock (_gate) _inFlight -= lineBytes;
    }

    private void Count()
    {
        if (_countedAt is { } at && time.GetElapsedTime(at) < CountEvery) return;
        _countedAt = time.GetTimestamp();
        _sharers = Math.Max(countServing(), 1);
    }

    /// <summary>Takes the bytes out of the bucket, or tells when they are in it. A push above the burst is let through
    /// when the bucket is full, and paid for afterwards.</summary>
    private PushTurn Due(int lineBytes)
    {
        var rate = (double)_limits!.RateBytes / _sharers;
        var burst = (double)_limits.BurstBytes / _sharers;
        _tokens = Math.Min(burst, _tokens + rate * time.GetElapsedTime(_filledAt).TotalSeconds);
        _filledAt = time.GetTimestamp();
        var needed = Math.Min(lineBytes, burst);
        if (_tokens >= needed)
        {
            _tokens -= lineBytes;
            return default;
        }

        var wait = TimeSpan.FromMilliseconds(Math.Ceiling((needed - _tokens) / rate * 1000));
        if (wait > WaitMax) wait = WaitMax;
        return new PushTurn(wait, LaneState.Throttled, wait < ShownAfter ? "" :
            $"held to {_limits.RateBytes} bytes a second by tenant_limits, shared by {_sharers} writers");
    }
}
