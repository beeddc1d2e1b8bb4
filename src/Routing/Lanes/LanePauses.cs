using System.Collections.Frozen;
using System.Globalization;
using Weir.Routing.Actors;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>What an operator last wanted of a lane.</summary>
/// <param name="Lane">As <see cref="LanePauses.IdOf"/> names it.</param>
public sealed record LanePause(string Lane, bool IsPaused, DateTimeOffset ChangedAt);

/// <summary>Which lanes operators have paused. Their fragments wait, everything else goes on. Any thread.</summary>
/// <remarks>Nodes tell each other; for each lane the newest word counts.</remarks>
public sealed class LanePauses(TimeProvider time)
{
    /// <summary>Lanes remembered; the longest resumed are forgotten first.</summary>
    public const int LanesMax = 1000;

    /// <summary>Characters of a lane's id.</summary>
    public const int IdLength = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LanePause> _all = new(StringComparer.Ordinal);
    private FrozenSet<string> _paused = FrozenSet<string>.Empty;
    private readonly ChangeSignal _changed = new();

    /// <summary>Everything that an operator ever wanted, as far as it is remembered.</summary>
    public IReadOnlyList<LanePause> All
    {
        get
        {
            lock (_gate) return [.. _all.Values];
        }
    }

    /// <summary>Names a lane over the whole cluster: whatever node or shard it is on.</summary>
    /// <returns>16 hexadecimal digits: FNV-1a over the three, parted by zero.</returns>
    public static string IdOf(string destination, string endpoint, string tenant)
    {
        var hash = 14695981039346656037UL;
        foreach (var part in (ReadOnlySpan<string>)[destination, endpoint, tenant])
        {
            foreach (var unit in part) hash = (hash ^ unit) * 1099511628211UL;
            hash *= 1099511628211UL;
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    public static string IdOf(in LaneKey lane) => IdOf(lane.Destination, lane.Endpoint, lane.Tenant);

    public bool IsPaused(string lane) => Volatile.Read(ref _paused).Contains(lane);

    /// <summary>An operator's word, now.</summary>
    /// <returns>False when there are too many.</returns>
    public bool TrySet(string lane, bool isPaused)
    {
        lock (_gate)
        {
            // As exact as nodes tell each other.
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            // Whatever the clocks say, the operator knew what stood before.
            if (_all.TryGetValue(lane, out var known))
                now = Math.Max(now, known.ChangedAt.ToUnixTimeMilliseconds() + 1);
            return Keep(new LanePause(lane, isPaused, DateTimeOffset.FromUnixTimeMilliseconds(now)));
        }
    }

    /// <summary>What another node knows.</summary>
    /// <returns>Whether it was news.</returns>
    public bool Merge(LanePause pause)
    {
        lock (_gate)
        {
            if (_all.TryGetValue(pause.Lane, out var known) && known.ChangedAt >= pause.ChangedAt) return false;
            return Keep(pause);
        }
    }

    /// <summary>Returns when the lane is not paused.</summary>
    public async ValueTask ResumedAsync(string lane, CancellationToken cancel)
    {
        while (true)
        {
            var version = _changed.Version;
            if (!IsPaused(lane)) return;
            await _changed.WaitAsync(version, cancel);
        }
    }

    private bool Keep(LanePause pause)
    {
        if (!_all.ContainsKey(pause.Lane) && _all.Count >= LanesMax)
        {
            if (_all.Values.Where(one => !one.IsPaused).MinBy(one => one.ChangedAt) is not { } oldest) return false;
            _all.Remove(oldest.Lane);
        }

        _all[pause.Lane] = pause;
        Volatile.Write(ref _paused,
            _all.Values.Where(one => one.IsPaused).Select(one => one.Lane).ToFrozenSet(StringComparer.Ordinal));
        _changed.Set();
        return true;
    }
}
