using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Relabeling;

namespace Weir.Node.Sources.Journal;

/// <summary>Arguments of <c>loki.source.journal</c>.</summary>
[Component("loki.source.journal")]
public sealed record JournalSourceOptions : IValidated
{
    [Argument("forward_to", Required = true)]
    public IReadOnlyList<ILogsReceiver> ForwardTo { get; init; } = [];

    /// <summary>The line is a JSON object of all fields instead of the field MESSAGE.</summary>
    [Argument("format_as_json")]
    public bool FormatAsJson { get; init; }

    /// <summary>Where nothing was read before, entries older than this are left alone. Default 7 h.</summary>
    [Range(Min = "0s")]
    [Argument("max_age")]
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(7);

    /// <summary>A directory of journal files; "" is this host's journal.</summary>
    [Argument("path")]
    public string Path { get; init; } = "";

    /// <summary>FIELD=value, several parted by spaces: only entries with all of these fields; of equal fields one
    /// does.</summary>
    [Argument("matches")]
    public string Matches { get; init; } = "";

    /// <summary>Applied to the labels of each entry: <see cref="Labels"/>, and each field as
    /// <c>__journal_</c> and its name in lower case.</summary>
    [Argument("relabel_rules")]
    public RelabelRules RelabelRules { get; init; } = RelabelRules.Empty;

    /// <summary>Added to every line. <c>job</c> is the component's id where these do not name one.</summary>
    [Argument("labels")]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    [Block("legacy_position")]
    public LegacyPositionOptions? LegacyPosition { get; init; }

    /// <summary>Whether both read the same entries.</summary>
    internal bool ReadsLike(JournalSourceOptions other) => Path == other.Path && Matches == other.Matches;

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (Path.Length > 0 && !Path.StartsWith('/'))
            problems.Add("path", $"\"{Path}\" does not begin with /", "give the directory's path from the root");
        if (JournalMatches.ProblemOf(Matches) is { } problem)
            problems.Add("matches", problem, "write FIELD=value, several parted by spaces, as for journalctl");
    }
}

/// <summary>Block <c>legacy_position</c>: where Promtail left off, for a journal that has no position here.</summary>
public sealed record LegacyPositionOptions
{
    /// <summary>Promtail's positions file.</summary>
    [Argument("file", Required = true)]
    public string File { get; init; } = "";

    /// <summary>The job that read the journal.</summary>
    [Argument("name", Required = true)]
    public string Name { get; init; } = "";
}
