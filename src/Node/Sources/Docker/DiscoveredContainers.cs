namespace Weir.Node.Sources.Docker;

/// <summary>Which containers are targets, and until when. Decisions only; not for use from two threads at
/// once.</summary>
/// <remarks>
/// Alloy removes a container at the first listing in which it no longer runs, so one that lived between two listings is
/// never seen. Here a container is a target from its creation, so that whoever reads its log is ready when it starts,
/// and for
/// <see cref="StoppedHold"/> after its end, removed or not: longer than the way from here to the reader of its log
/// takes,
/// whatever is exported in between. A reader that has begun goes on to the end of the log by itself. Containers that
/// had
/// stopped before discovery began are targets for the same while, so that what they logged unseen can be fetched.
/// </remarks>
public sealed class DiscoveredContainers
{
    /// <summary>How long a container stays a target after it stopped.</summary>
    public static readonly TimeSpan StoppedHold = TimeSpan.FromSeconds(30);

    /// <summary>How long a container that was created and not started stays a target.</summary>
    public static readonly TimeSpan CreatedHold = TimeSpan.FromMinutes(1);

    private readonly SortedDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Containers that are targets now.</summary>
    public int Count { get; private set; }

    /// <summary>Targets in the order of the container ids. A new object only when something changed.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Targets { get; private set; } = [];

    /// <summary>When <see cref="Refresh"/> of nothing would remove targets; null: not by time alone.</summary>
    public DateTimeOffset? NextExpiry => _known.Values.Min(known => known.Expired ? null : known.Until);

    /// <summary>Takes over what the engine says of some containers, or of all.</summary>
    /// <param name="asked">The ids that were asked for; null: all. Those that are not among <paramref name="listed"/>
    /// are gone.</param>
    /// <param name="targetsOf">The targets of a container.</param>
    public void Refresh(
        IReadOnlySet<string>? asked, IReadOnlyList<ContainerSummary> listed,
        Func<ContainerSummary, IReadOnlyList<IReadOnlyDictionary<string, string>>> targetsOf, DateTimeOffset now)
    {
        var changed = false;
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var container in listed)
        {
            present.Add(container.Id);
            changed |= Take(container, targetsOf, now);
        }

        List<string>? forgotten = null;
        foreach (var (id, known) in _known)
        {
            if (!present.Contains(id) && (asked is null || asked.Contains(id)))
            {
                known.Exists = false;
                known.Until ??= now + StoppedHold;
            }

            if (!known.Expired && known.Until <= now)
            {
                known.Expired = true;
                changed = true;
            }

            if (known is { Expired: true, Exists: false }) (forgotten ??= []).Add(id);
        }

        foreach (var id in forgotten ?? []) _known.Remove(id);
        if (!changed) return;
        Targets = [.. _known.Values.Where(known => !known.Expired).SelectMany(known => known.Targets)];
        Count = _known.Values.Count(known => !known.Expired);
    }

    /// <summary>Removes the targets whose time is over.</summary>
    public void Expire(DateTimeOffset now) => Refresh(new HashSet<string>(), [], _ => [], now);

    private bool Take(
        ContainerSummary container,
        Func<ContainerSummary, IReadOnlyList<IReadOnlyDictionary<string, string>>> targetsOf,
        DateTimeOffset now)
    {
        var before = _known.GetValueOrDefault(container.Id);
        if (!container.IsRunning && before is { Ran: true })
        {
            // Its labels stay as they were while it ran: without its addresses it would look like another target.
            before.Until ??= now + StoppedHold;
            return false;
        }

        var targets = targetsOf(container);
        DateTimeOffset? until = container.IsRunning ? null
            : container.State == "created" ? DateTimeOffset.FromUnixTimeSeconds(container.Created) + CreatedHold
            : before?.Until ?? now + StoppedHold;
        var same = before is { Expired: false } && Same(before.Targets, targets);
        _known[container.Id] = new Known
        {
            Targets = same ? before!.Targets : targets,
            Ran = container.State != "created",
            Until = until,
            Expired = until <= now,
        };
        return !same;
    }

    private static bool Same(
        IReadOnlyList<IReadOnlyDictionary<string, string>> one,
        IReadOnlyList<IReadOnlyDictionary<string, string>> other) =>
        one.Count == other.Count && one.Zip(other).All(pair =>
            pair.First.Count == pair.Second.Count
            && pair.First.All(label => pair.Second.TryGetValue(label.Key, out var value) && value == label.Value));

    private sealed class Known
    {
        public required IReadOnlyList<IReadOnlyDictionary<string, string>> Targets { get; init; }

        /// <summary>It runs or has run.</summary>
        public required bool Ran { get; init; }

        /// <summary>When it stops being a target; null: as long as it runs.</summary>
        public DateTimeOffset? Until { get; set; }

        public bool Expired { get; set; }

        public bool Exists { get; set; } = true;
    }
}
