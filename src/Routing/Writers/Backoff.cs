namespace Weir.Routing.Writers;

/// <summary>Exponential backoff with full jitter: writers that failed together do not come back together.</summary>
/// <param name="Min">The first wait's upper bound; doubles with each failure in a row.</param>
/// <param name="Max">Longest wait.</param>
internal readonly record struct Backoff(TimeSpan Min, TimeSpan Max)
{
    private const int DoublingsMax = 30;

    /// <param name="failures">In a row, from 1.</param>
    /// <returns>Between nothing and the bound that the failures have earned; never under a tenth of it.</returns>
    public TimeSpan Delay(int failures, Random random)
    {
        var bound = Min * Math.Pow(2, Math.Min(failures - 1, DoublingsMax));
        if (bound > Max) bound = Max;
        // The tenth keeps a jitter near zero from becoming a busy loop against an endpoint that is down.
        return bound * Math.Max(random.NextDouble(), 0.1);
    }
}
