using Weir.Node.Sources.Files.Watching;

namespace Weir.Node.Sources.Files;

/// <summary>Looks for files again and again: at each period, and as soon as a name appears in a folder that was looked
/// into.</summary>
internal sealed class FileDiscovery(FileWatches watches, TimeProvider time, WakeSignal wake) : IDisposable
{
    // A folder that names appear in all the time must not keep a node busy with looking.
    private static readonly TimeSpan GapMin = TimeSpan.FromMilliseconds(100);
    private const int GapFactor = 20;

    private readonly Dictionary<string, IDisposable> _folders = new(StringComparer.Ordinal);
    private long _scannedAt;
    private TimeSpan _gap;

    public FileMatches Scan(IReadOnlyList<IReadOnlyDictionary<string, string>> patterns, TimeSpan ignoreOlderThan)
    {
        var now = (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;
        var youngerThan = ignoreOlderThan > TimeSpan.Zero ? now - (long)ignoreOlderThan.TotalNanoseconds : 0;
        var started = time.GetTimestamp();
        var matches = FileMatcher.Match(patterns, youngerThan);
        if (Watch(matches.Folders)) matches = FileMatcher.Match(patterns, youngerThan); // names that came in between
        _scannedAt = time.GetTimestamp();
        var gap = time.GetElapsedTime(started, _scannedAt) * GapFactor;
        _gap = gap > GapMin ? gap : GapMin;
        return matches;
    }

    /// <summary>Until the next look is due, or the caller's signal.</summary>
    public async ValueTask WaitAsync(TimeSpan period)
    {
        await wake.WaitAsync(period);
        var rest = _gap - time.GetElapsedTime(_scannedAt);
        if (rest > TimeSpan.Zero) await Task.Delay(rest, time);
    }

    public void Dispose()
    {
        foreach (var watch in _folders.Values) watch.Dispose();
        _folders.Clear();
    }

    /// <returns>True when a folder is watched that was not before.</returns>
    private bool Watch(HashSet<string> folders)
    {
        foreach (var gone in _folders.Keys.Where(folder => !folders.Contains(folder)).ToList())
        {
            _folders.Remove(gone, out var watch);
            watch!.Dispose();
        }

        var added = false;
        foreach (var folder in folders)
        {
            if (_folders.ContainsKey(folder)) continue;
            if (watches.TryWatch(folder, null, _ => wake.Pulse()) is not { } watch) continue;
            _folders.Add(folder, watch);
            added = true;
        }

        return added;
    }
}
