using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Docker;

/// <summary>Forgets the positions of containers that no longer exist, a day after their last line at the
/// earliest.</summary>
/// <remarks>
/// Not at once: an engine that was started on another data folder by mistake knows none of its containers, and would
/// deliver their logs a second time when it comes back on the right one.
/// </remarks>
internal sealed class PositionKeeper(TailContext context)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    // Containers that were missing at the check before.
    private HashSet<string> _missing = [];
    private DateTimeOffset _checkAt = context.Host.Time.GetUtcNow();

    /// <param name="tailed">Containers that are being read: these exist.</param>
    public async Task KeepAsync(IReadOnlyCollection<string> tailed, CancellationToken cancel)
    {
        var now = context.Host.Time.GetUtcNow();
        if (now < _checkAt) return;
        _checkAt = now + CheckInterval;
        var old = (now - KeptFor - DateTimeOffset.UnixEpoch).Ticks * 100;
        var missing = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            foreach (var position in context.Positions.List(context.Host.Id))
            {
                var id = position.Source.Key;
                if (position.Offset > old || id == DockerSource.WatchedSinceKey || tailed.Contains(id)) continue;
                if (await context.Engine.InspectAsync(id, cancel) is not null) continue;
                if (_missing.Contains(id)) context.Positions.Forget(position.Source);
                else missing.Add(id);
            }

            _missing = missing;
        }
        catch (IOException)
        {
            // Without the engine nothing is known to be gone; the next check sees.
        }
    }
}
