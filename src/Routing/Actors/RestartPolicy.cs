namespace Weir.Routing.Actors;

/// <summary>How often and how fast a faulted actor comes back.</summary>
/// <param name="FaultsMax">Faults in a row before the actor gives up; <see cref="int.MaxValue"/>: never.</param>
/// <param name="DelayMin">Wait before the first restart; doubles with each fault in a row.</param>
/// <param name="DelayMax">Longest wait.</param>
/// <param name="HealthyAfter">A run this long earns a fresh budget.</param>
public sealed record RestartPolicy(int FaultsMax, TimeSpan DelayMin, TimeSpan DelayMax, TimeSpan HealthyAfter)
{
    /// <summary>What sources use: they never give up, since a log that is unreadable now may be readable
    /// later.</summary>
    public static RestartPolicy Forever { get; } =
        new(int.MaxValue, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));

    /// <param name="faults">Faults in a row, from 1.</param>
    public TimeSpan Delay(int faults)
    {
        var doublings = Math.Min(faults - 1, 30);
        var delay = DelayMin * Math.Pow(2, doublings);
        return delay < DelayMax ? delay : DelayMax;
    }
}
