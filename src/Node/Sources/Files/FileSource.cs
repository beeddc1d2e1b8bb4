using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Reading;
using Weir.Node.Sources.Files.Watching;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Files;

/// <summary><c>loki.source.file</c>: follows files, each exactly, through rotations and restarts.</summary>
public sealed class FileSource : Component<FileSourceOptions>
{
    private const string FileNameLabel = "filename";

    // Without file_match there is nothing to look for: tails that ended are swept.
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(10);

    private readonly ISourcePositions _positions;
    private readonly FileWatches _watches;
    private readonly FileTimings _timings;
    private readonly FileMetrics _metrics;
    private readonly WakeSignal _wake;
    private readonly FileDiscovery _discovery;
    private readonly FileOwners _owners = new();
    private readonly Dictionary<(string Path, int Slot), FileTail> _tails = [];
    private HashSet<string> _paths = new(StringComparer.Ordinal);
    private IReadOnlyList<FileTail> _shown = [];
    private FileSourceOptions _options = new();
    private FileSourceOptions? _applied;
    private LegacyPositions? _legacy;
    private bool _synced;

    public FileSource(
        IComponentHost host, ISourcePositions positions, FileWatches watches, FileTimings? timings = null)
        : base(host)
    {
        _positions = positions;
        _watches = watches;
        _timings = timings ?? new FileTimings();
        _metrics = new FileMetrics(Events.Metrics, Id);
        _wake = new WakeSignal(Time);
        _discovery = new FileDiscovery(watches, Time, _wake);
    }

    /// <summary>The files, as a list of <see cref="FileTailState"/>.</summary>
    public override object Status =>
        _shown.Select(tail => tail.State).OrderBy(state => state.Path, StringComparer.Ordinal).ToList();

    public override async Task RunAsync(CancellationToken cancel)
    {
        await using var stopping = cancel.Register(_wake.Pulse);
        try
        {
            for (;;)
            {
                cancel.ThrowIfCancellationRequested();
                var options = Volatile.Read(ref _options);
                await SyncAsync(options);
                await _discovery.WaitAsync(options.FileMatch.Enabled ? options.FileMatch.SyncPeriod : SweepPeriod);
            }
        }
        finally
        {
            await StopTailsAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await StopTailsAsync();
        _discovery.Dispose();
        _wake.Dispose();
        await base.DisposeAsync();
    }

    protected override ValueTask ApplyAsync(FileSourceOptions options, CancellationToken cancel)
    {
        Volatile.Write(ref _options, options);
        _wake.Pulse();
        return ValueTask.CompletedTask;
    }

    private async ValueTask SyncAsync(FileSourceOptions options)
    {
        if (_applied is not null && !ReadsAlike(_applied, options)) await StopTailsAsync();
        _applied = options;
        var matches = Match(options);
        var wanted = AssignSlots(matches.Targets);
        Volatile.Write(ref _paths, [.. wanted.Keys.Select(key => key.Path)]);
        await RetireUnwantedAsync(wanted);
        StartMissing(wanted, options);
        _shown = [.. _tails.Values];
        _synced = true;
        ReportHealth(matches.Problems);
    }

    private FileMatches Match(FileSourceOptions options)
    {
        if (options.FileMatch.Enabled) return _discovery.Scan(options.Targets, options.FileMatch.IgnoreOlderThan);
        var matches = new FileMatches();
        foreach (var target in options.Targets)
        {
            var path = target.GetValueOrDefault(FileMatcher.PathLabel, "");
            if (path.StartsWith('/')) matches.Targets.Add(target);
            else if (path.Length > 0) matches.Problems.Add($"{path}: give the path from the root, beginning with /");
            else matches.Problems.Add($"a target has no {FileMatcher.PathLabel}: give it the path of its file");
        }

        return matches;
    }

    /// <summary>A tail a path and label set. Where the labels of a path changed, its tail goes on with the new
    /// ones.</summary>
    private Dictionary<(string Path, int Slot), LabelSet> AssignSlots(List<IReadOnlyDictionary<string, string>> targets)
    {
        var wanted = new Dictionary<(string, int), LabelSet>();
        foreach (var path in targets.GroupBy(target => target[FileMatcher.PathLabel], StringComparer.Ordinal))
        {
            var sets = path.Select(target => LabelsOf(path.Key, target)).Distinct()
                .OrderBy(set => set.ToString(), StringComparer.Ordinal).ToList();
            foreach (var ((_, slot), tail) in _tails.Where(known => known.Key.Path == path.Key))
                if (sets.Remove(tail.Labels)) wanted[(path.Key, slot)] = tail.Labels;
            var next = 0;
            foreach (var set in sets)
            {
                while (wanted.ContainsKey((path.Key, next))) next++;
                wanted[(path.Key, next)] = set;
            }
        }

        return wanted;
    }

    private LabelSet LabelsOf(string path, IReadOnlyDictionary<string, string> target) =>
        Host.Labels.Of(target
            .Where(label => !label.Key.StartsWith(LabelSet.HiddenPrefix, StringComparison.Ordinal))
            .Append(new(FileNameLabel, path)));

    private async ValueTask RetireUnwantedAsync(Dictionary<(string Path, int Slot), LabelSet> wanted)
    {
        foreach (var (key, tail) in _tails.ToList())
        {
            if (wanted.TryGetValue(key, out var labels) && !tail.IsDone)
            {
                tail.Labels = labels;
                tail.Revive();
                continue;
            }

            tail.Retire();
            if (!tail.IsDone) continue;
            _tails.Remove(key);
            await tail.DisposeAsync();
        }
    }

    private void StartMissing(Dictionary<(string Path, int Slot), LabelSet> wanted, FileSourceOptions options)
    {
        var missing = wanted.Where(target => !_tails.ContainsKey(target.Key)).ToList();
        if (missing.Count == 0) return;
        var setting = Setting(options);
        var known = KnownByPath();
        var added = new List<FileTail>();
        _legacy ??= ReadLegacy(options);
        foreach (var (key, labels) in missing)
        {
            var positions = known[key].ToList();
            var startAt = positions.Count > 0 ? new StartAt(positions, false, null) : StartOf(key.Path, options);
            if (startAt is not { } start) continue;
            var tail = new FileTail(setting, key.Path, key.Slot, labels, start);
            _tails.Add(key, tail);
            added.Add(tail);
        }

        // All claim what they have read before anyone opens what another's file is named now.
        foreach (var tail in added) tail.FindAgain();
        foreach (var tail in added) tail.Start();
    }

    private LegacyPositions ReadLegacy(FileSourceOptions options) => options.LegacyPositionsFile.Length > 0
        ? LegacyPositions.Read(options.LegacyPositionsFile, Host) : new LegacyPositions();

    /// <summary>Where a path begins that has no position here; null: it is left alone, as its user asked.</summary>
    private StartAt? StartOf(string path, FileSourceOptions options)
    {
        if (_legacy!.Find(path) is { } offset)
        {
            _metrics.LegacyPositions.Increment();
            return new StartAt(null, false, offset);
        }

        var damaged = _legacy.Damage is not null;
        if (damaged && options.OnPositionsFileError == PositionsFileError.Skip) return null;
        var fromEnd = options.TailFromEnd
            || (damaged && options.OnPositionsFileError == PositionsFileError.RestartFromEnd);
        return new StartAt(null, fromEnd && !_synced, null);
    }

    private ILookup<(string, int), SourcePosition> KnownByPath() =>
        _positions.List(Id).ToLookup(position =>
            FileKeys.TryParse(position.Source.Key, out var path, out var slot, out _) ? (path, slot) : ("", 0));

    private FileTailSetting Setting(FileSourceOptions options) => new()
    {
        Component = Id,
        Positions = _positions,
        Watches = _watches,
        Events = Events,
        Time = Time,
        Timings = _timings,
        Metrics = _metrics,
        Owners = _owners,
        OpenInlet = () => new FanOut(() => Volatile.Read(ref _options).ForwardTo),
        IsTarget = path => Volatile.Read(ref _paths).Contains(path),
        Knows = (path, file) => PositionsOf(file).Any(known => known.Path == path),
        FindMoved = FindMoved,
        ProblemChanged = _wake.Pulse,
        Format = TextFormat.Find(options.Encoding)
            ?? throw new ComponentException($"encoding \"{options.Encoding}\" is unknown; use an IANA name"),
        Polling = options.FileWatch,
        Decompression = options.Decompression is { Enabled: true } compressed ? compressed : null,
    };

    /// <summary>What was read under a name that is no target now: the file was renamed to one that is.</summary>
    private SourcePosition? FindMoved(FileIdentity file)
    {
        var paths = Volatile.Read(ref _paths);
        return PositionsOf(file).FirstOrDefault(known => !paths.Contains(known.Path)).Position;
    }

    private IEnumerable<(string Path, SourcePosition Position)> PositionsOf(FileIdentity file)
    {
        foreach (var position in _positions.List(Id))
        {
            if (!FilePlace.TryParse(position.Context, out var place) || place.Identity != file) continue;
            if (FileKeys.TryParse(position.Source.Key, out var path, out _, out _)) yield return (path, position);
        }
    }

    private void ReportHealth(List<string> problems)
    {
        problems.AddRange(_tails.Values.Select(tail => tail.State).Where(state => state.Problem is not null)
            .Select(state => $"{state.Path}: {state.Problem}"));
        if (problems is [var first, .. var others])
            Host.Report(HealthState.Unhealthy, others.Count == 0 ? first : $"{first} (and {others.Count} more)");
        else Host.Report(HealthState.Healthy, $"{_tails.Count} files");
    }

    private async ValueTask StopTailsAsync()
    {
        var tails = _tails.Values.ToList();
        _tails.Clear();
        _shown = [];
        foreach (var tail in tails) tail.Cancel();
        foreach (var tail in tails) await tail.DisposeAsync();
    }

    private static bool ReadsAlike(FileSourceOptions a, FileSourceOptions b) =>
        a.Encoding == b.Encoding && a.Decompression == b.Decompression && a.FileWatch == b.FileWatch;
}
