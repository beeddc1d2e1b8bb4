using Weir.Node.Polling;
using Weir.Node.Sources.Files.Watching;
using Weir.Routing.Components;
using Weir.Routing.Discovery;
using Weir.Routing.Language;

namespace Weir.Node.Discovery;

/// <summary>Arguments of <c>discovery.file</c>.</summary>
[Component("discovery.file", Exports = typeof(DiscoveredTargets))]
public sealed record FileTargetsOptions : IValidated
{
    internal static readonly string[] Endings = [".json", ".yml", ".yaml"];

    /// <summary>Files of JSON or YAML; the last part of a path may have one <c>*</c>.</summary>
    [Argument("files", Required = true)]
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>How often they are read; changes are noticed at once where inotify watches. Default 5 min.</summary>
    [Argument("refresh_interval")]
    [Range(Min = "10ms")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (Files.Count == 0) problems.Add("files", "it must name a file");
        foreach (var file in Files)
        {
            var name = Path.GetFileName(file);
            var isKnown = Endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
            if (!isKnown || name.Count(character => character == '*') > 1 || file[..^name.Length].Contains('*'))
                problems.Add("files", $"\"{file}\" is no path of a .json, .yml or .yaml file with one * in its name");
        }
    }
}

/// <summary><c>discovery.file</c>: targets that files list, kept current. While a file cannot be read, its last targets
/// stay.</summary>
public sealed class FileTargets : PolledDiscovery<FileTargetsOptions>
{
    private readonly PathWatch _watch;
    private Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> _known =
        new(StringComparer.Ordinal);

    public FileTargets(IComponentHost host, FileWatches watches)
        : base(host) => _watch = new PathWatch(watches, Wake);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _watch.Dispose();
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override TimeSpan PeriodOf(FileTargetsOptions options) => options.RefreshInterval;

    /// <inheritdoc/>
    protected override async ValueTask LookAsync(FileTargetsOptions options, CancellationToken cancel)
    {
        var folders = options.Files.Select(file => Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/");
        _watch.Follow(Find(options.Files), folders);
        var found = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>(StringComparer.Ordinal);
        var problem = "";
        foreach (var file in Find(options.Files))
        {
            try
            {
                found[file] = Read(file, await FileContent.ReadAsync(file, cancel));
            }
            catch (ComponentException unusable)
            {
                problem = unusable.Message;
                if (_known.TryGetValue(file, out var last)) found[file] = last;
            }
        }

        _known = found;
        Publish(new DiscoveredTargets([.. found.Values.SelectMany(targets => targets)]));
        if (problem.Length > 0) throw new ComponentException(problem);
        Host.Report(HealthState.Healthy, $"{found.Count} files are read");
    }

    private static IReadOnlyList<IReadOnlyDictionary<string, string>> Read(string file, string text)
    {
        var extra = ("__meta_filepath", file);
        var isJson = file.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        var isRead = isJson
            ? TargetGroups.TryReadJson(text, extra, out var targets, out var problem)
            : TargetGroups.TryReadYaml(text, extra, out targets, out problem);
        return isRead ? targets : throw new ComponentException($"{file}: {problem}");
    }

    // In the order of the argument, those of a pattern by name; each once.
    private static List<string> Find(IReadOnlyList<string> files) =>
        [.. files.Select(Path.GetFullPath).SelectMany(Matching).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> Matching(string file)
    {
        var (folder, name) = (Path.GetDirectoryName(file) ?? "/", Path.GetFileName(file));
        if (!name.Contains('*', StringComparison.Ordinal)) return [file];
        return Directory.Exists(folder) ? Directory.GetFiles(folder, name).Order(StringComparer.Ordinal) : [];
    }
}
