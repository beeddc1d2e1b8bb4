namespace Weir.Routing.Actors;

/// <summary>Runs a loop again after a fault, by a <see cref="RestartPolicy"/>.</summary>
public static class Supervision
{
    /// <summary>Returns when <paramref name="run"/> returns; a stop through <paramref name="cancel"/> is no
    /// fault.</summary>
    /// <exception cref="Exception">The last fault, restarts spent: the parent decides.</exception>
    public static async Task RunAsync(
        string name, Func<CancellationToken, Task> run, RestartPolicy restarts, RoutingEvents events, TimeProvider time,
        CancellationToken cancel)
    {
        for (var faults = 0; ;)
        {
            var started = time.GetTimestamp();
            try
            {
                await run(cancel);
                return;
            }
            catch (Exception fault) when (!cancel.IsCancellationRequested)
            {
                // A long healthy run earns a fresh budget; a crash loop does not.
                faults = time.GetElapsedTime(started) > restarts.HealthyAfter ? 1 : faults + 1;
                events.ActorFaulted(name, faults, fault);
                if (faults > restarts.FaultsMax) throw;
                await Task.Delay(restarts.Delay(faults), time, cancel);
            }
        }
    }
}
