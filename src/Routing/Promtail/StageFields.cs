using static Weir.Routing.Promtail.FieldKind;

namespace Weir.Routing.Promtail;

/// <summary>The stages whose fields become attributes of the same meaning.</summary>
internal static class StageFields
{
    private static readonly Field Source = new("source", Text);
    private static readonly Field NeededSource = new("source", Text) { IsRequired = true };

    /// <summary>By the stage's name in Promtail: its name in the configuration language, and its fields.</summary>
    public static readonly IReadOnlyDictionary<string, (string Name, IReadOnlyList<Field> Fields)> All =
        new Dictionary<string, (string, IReadOnlyList<Field>)>(StringComparer.Ordinal)
        {
            ["docker"] = ("docker", []),
            ["decolorize"] = ("decolorize", []),
            ["cri"] = ("cri",
            [
                new("max_partial_lines", Integer) { Default = "100" },
                new("max_partial_line_size", ByteCount) { Default = "0" },
                new("max_partial_line_size_truncate", Flag) { Default = "false" },
            ]),
            ["regex"] = ("regex", [new("expression", Regex) { IsRequired = true }, Source]),
            ["json"] = ("json",
            [
                new("expressions", TextMap) { IsRequired = true }, Source,
                new("drop_malformed", Flag) { Default = "false" },
            ]),
            ["logfmt"] = ("logfmt", [new("mapping", TextMap) { IsRequired = true }, Source]),
            ["template"] = ("template", [NeededSource, new("template", Text) { IsRequired = true }]),
            ["timestamp"] = ("timestamp",
            [
                NeededSource, new("format", Text) { IsRequired = true }, new("fallback_formats", Texts),
                new("location", Text),
                new("action_on_failure", Text) { Default = "fudge" },
            ]),
            ["output"] = ("output", [NeededSource]),
            ["tenant"] = ("tenant", [new("label", Text), Source, new("value", Text)]),
            ["replace"] = ("replace",
                [new("expression", Regex) { IsRequired = true }, Source, new("replace", Text)]),
            ["drop"] = ("drop",
            [
                new("source", JoinedTexts), new("separator", Text) { Default = ";" }, new("expression", Regex),
                new("value", Text), new("older_than", Duration), new("longer_than", Size),
                new("drop_counter_reason", Text) { Default = "drop_stage" },
            ]),
            ["limit"] = ("limit",
            [
                new("rate", Number) { IsRequired = true }, new("burst", Integer) { IsRequired = true },
                new("drop", Flag) { Default = "false" }, new("by_label_name", Text),
                new("max_distinct_labels", Integer) { Default = "10000" },
            ]),
            ["multiline"] = ("multiline",
            [
                new("firstline", Regex) { IsRequired = true }, new("max_wait_time", Duration) { Default = "3s" },
                new("max_lines", Integer) { Default = "128" },
            ]),
            ["pack"] = ("pack",
                [new("labels", Texts) { IsRequired = true }, new("ingest_timestamp", Flag) { Default = "true" }]),
            ["sampling"] = ("sampling",
            [
                new("rate", Number) { IsRequired = true },
                new("drop_counter_reason", Text) { Default = "sampling_stage" },
            ]),
            ["geoip"] = ("geoip",
                [new("db", Text) { IsRequired = true }, NeededSource, new("db_type", Text)]),
            ["eventlogmessage"] = ("eventlogmessage",
            [
                new("source", Text) { Default = "message" }, new("overwrite_existing", Flag) { Default = "false" },
                new("drop_invalid_labels", Flag) { Default = "false" },
            ]),
        };
}
