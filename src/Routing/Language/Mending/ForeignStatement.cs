namespace Weir.Routing.Language;

/// <summary>What is done about a statement that real configurations carry and the language does not have.</summary>
internal enum ForeignVerdict
{
    /// <summary>Left out with a warning: nothing of what it asks for is lost.</summary>
    Ignored,

    /// <summary>Taken under its right name, with a warning.</summary>
    Renamed,

    /// <summary>An error: what it means depends on more than itself.</summary>
    Refused,
}

/// <summary>A statement that belongs elsewhere: to Promtail, to another block, to another name.</summary>
/// <param name="Block">Name of the block that it stands in; empty for the top level.</param>
/// <param name="Name">Its name; <c>*</c> for every one that the block does not have.</param>
/// <param name="Verdict">What is done about it.</param>
/// <param name="Message">What is wrong with it.</param>
/// <param name="Hint">What to write instead; for one that is renamed, the new name.</param>
internal sealed record ForeignStatement(
    string Block, string Name, ForeignVerdict Verdict, string Message, string Hint)
{
    private const string Any = "*";
    private const string Promtail = "is a section of Promtail's file";

    private const string Convert =
        "run Promtail's file as it is with --config.format=promtail, or convert it: weir convert --from promtail";

    private const string Positions = "has no effect: positions are stored together with the lines they cover";
    private const string PositionsHint = "remove it; --storage.path says where the node keeps them";
    private const string InEndpoint = "belongs to an endpoint";
    private const string StagesOfMatch = "is not needed: the stages of stage.match stand in it directly";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ForeignStatement> All { get; } =
    [
        new("", "clients", ForeignVerdict.Refused, Promtail, Convert),
        new("", "client", ForeignVerdict.Refused, Promtail, Convert),
        new("", "positions", ForeignVerdict.Refused, Promtail, Convert),
        new("", "scrape_configs", ForeignVerdict.Refused, Promtail, Convert),
        new("", "limits_config", ForeignVerdict.Refused, Promtail, Convert),
        new("", "target_config", ForeignVerdict.Refused, Promtail, Convert),

        new("loki.source.docker", "positions_path", ForeignVerdict.Ignored, Positions, PositionsHint),
        new("loki.source.docker", "positions_file", ForeignVerdict.Ignored, Positions, PositionsHint),
        new("loki.source.docker", "positions", ForeignVerdict.Ignored, Positions, PositionsHint),
        new("loki.source.journal", "positions_path", ForeignVerdict.Ignored, Positions, PositionsHint),
        new("loki.source.file", "positions_path", ForeignVerdict.Ignored, Positions,
            PositionsHint + "; legacy_positions_file takes over a file of Promtail"),
        new("loki.source.file", "positions_file", ForeignVerdict.Ignored, Positions,
            PositionsHint + "; legacy_positions_file takes over a file of Promtail"),

        new("endpoint", "batchwait", ForeignVerdict.Renamed, "is Promtail's name for batch_wait", "batch_wait"),
        new("endpoint", "batchsize", ForeignVerdict.Renamed, "is Promtail's name for batch_size", "batch_size"),
        new("endpoint", "timeout", ForeignVerdict.Renamed, "is Promtail's name for remote_timeout", "remote_timeout"),
        new("loki.write", "labels", ForeignVerdict.Renamed, "is called external_labels here", "external_labels"),
        new("loki.process", "stage.labeldrop", ForeignVerdict.Renamed, "is Promtail's name for stage.label_drop",
            "stage.label_drop"),
        new("loki.process", "stage.labelallow", ForeignVerdict.Renamed, "is Promtail's name for stage.label_keep",
            "stage.label_keep"),

        new("endpoint", "backoff_config", ForeignVerdict.Refused, "is Promtail's",
            "write min_backoff_period, max_backoff_period and max_backoff_retries"),
        new("endpoint", "external_labels", ForeignVerdict.Refused, "belongs to loki.write, not to an endpoint",
            "write it beside endpoint { … }: it is the same for all endpoints"),
        new("loki.write", "url", ForeignVerdict.Refused, InEndpoint, "endpoint { url = … }"),
        new("loki.write", "tenant_id", ForeignVerdict.Refused, InEndpoint, "endpoint { tenant_id = … }"),
        new("loki.write", "basic_auth", ForeignVerdict.Refused, InEndpoint, "endpoint { basic_auth { … } }"),
        new("loki.write", "headers", ForeignVerdict.Refused, InEndpoint, "endpoint { headers = { … } }"),
        new("loki.source.file", "path", ForeignVerdict.Refused, "is a label of a target",
            "targets = [{__path__ = \"…\"}]"),
        new("loki.source.file", "__path__", ForeignVerdict.Refused, "is a label of a target",
            "targets = [{__path__ = \"…\"}]"),
        new("loki.source.file", "labels", ForeignVerdict.Refused, "stand in each target",
            "targets = [{__path__ = \"…\", job = \"…\"}]"),
        new("loki.source.docker", "relabel_configs", ForeignVerdict.Refused, "is Promtail's",
            "write the rules into a loki.relabel and refer to them: relabel_rules = loki.relabel.NAME.rules"),
        new("discovery.docker", "filters", ForeignVerdict.Refused, "is Promtail's",
            "write a block for each: filter { name = … then values = […] }"),
        new("loki.process", "pipeline_stages", ForeignVerdict.Refused, "is Promtail's",
            "write each stage as a block: stage.json { … }"),
        new("loki.process", "labels", ForeignVerdict.Refused, "is no argument of a pipeline",
            "stage.static_labels { values = { … } }"),
        new("stage.match", "stages", ForeignVerdict.Refused, StagesOfMatch, "remove what surrounds them"),
        new("stage.match", "pipeline_stages", ForeignVerdict.Refused, StagesOfMatch, "remove what surrounds them"),
        new("stage.labels", Any, ForeignVerdict.Refused, "is no argument of stage.labels",
            "labels stand in values: values = {NAME = \"SOURCE\"}"),
        new("stage.static_labels", Any, ForeignVerdict.Refused, "is no argument of stage.static_labels",
            "labels stand in values: values = {NAME = \"VALUE\"}"),
        new("stage.structured_metadata", Any, ForeignVerdict.Refused, "is no argument of stage.structured_metadata",
            "names stand in values: values = {NAME = \"SOURCE\"}"),
    ];

    /// <returns>Null for a statement that nothing is known against.</returns>
    public static ForeignStatement? Find(string block, StatementSyntax statement) => All.FirstOrDefault(known =>
        known.Block == block
        && (known.Name == statement.Name || (known.Name == Any && !IsKnown(statement))));

    // Of the blocks with a "*"; a name close to one of these is a typing mistake, which is reported as such.
    private static bool IsKnown(StatementSyntax statement) => statement is not AttributeSyntax
        || Suggestion.Closest(statement.Name, ["values", "source_type", "regex"]) is not null;
}
