namespace Weir.Node.Admin;

/// <summary>So many requests a second, with a burst; what is beyond is refused. Any thread.</summary>
internal sealed class RequestRate(int perSecond, int burst, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _left = burst;
    private long _filledAt = time.GetTimestamp();

    public bool TryTake()
    {
        lock (_gate)
        {
            _left = Math.Min(burst, _left + time.GetElapsedTime(_filledAt).TotalSeconds * perSecond);
            _filledAt = time.GetTimestamp();
            if (_left < 1) return false;
            _left--;
            return true;
        }
    }
}
