using Weir.Routing.Language;
using static Weir.Routing.Promtail.FieldKind;

namespace Weir.Routing.Promtail;

/// <summary>Converts the stage <c>metrics</c>, whose types may be written in any case.</summary>
internal static class MetricConverter
{
    // Promtail's metrics keep their names, whatever the prefix of others is.
    private const string Prefix = "promtail_custom_";

    private static readonly IReadOnlyList<string> Types = ["counter", "gauge", "histogram"];

    private static readonly IReadOnlyList<Field> Common =
    [
        new("type", Needless), new("description", Text),
        new("prefix", Text) { Otherwise = Prefix, Default = "loki_process_custom_" }, new("source", Text),
        new("max_idle_duration", Duration) { Default = "5m" }, new("config", Needless),
    ];

    private static readonly IReadOnlyList<Field> Counter =
    [
        new("match_all", Flag) { Default = "false" }, new("count_entry_bytes", Flag) { Default = "false" },
        new("value", Text), new("action", Word) { IsRequired = true, Words = ["inc", "add"] },
    ];

    private static readonly IReadOnlyList<Field> Gauge =
    [
        new("value", Text),
        new("action", Word) { IsRequired = true, Words = ["inc", "dec", "set", "add", "sub"] },
    ];

    private static readonly IReadOnlyList<Field> Histogram =
        [new("value", Text), new("buckets", Numbers)];

    // Of a histogram that names none: those of Prometheus' Go client.
    private const string BucketsOtherwise = "[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]";

    /// <summary>Adds a block for each metric.</summary>
    public static void Convert(Section metrics, AlloyBlock stage)
    {
        foreach (var (name, metric) in metrics.OwnSections())
        {
            var type = metric.RequiredText("type")?.ToLowerInvariant();
            if (type is null || !Types.Contains(type))
            {
                if (!string.IsNullOrEmpty(type))
                    metric.Diagnostics.Error(metric.Find("type")!.Value.Place, "there is no such type of metric",
                        Suggestion.DidYouMean(type, Types) ?? "there are: counter, gauge, histogram");
                continue;
            }
            var block = stage.Add("metric." + type);
            block.Set("name", Literal.Text(name));
            metric.CopyAll(Common, block);
            var fields = type switch { "counter" => Counter, "gauge" => Gauge, _ => Histogram };
            if (metric.Sub("config") is { } config) config.CopyAll(fields, block);
            else metric.Missing("config");
            if (type == "histogram" && !block.Has("buckets")) block.Set("buckets", BucketsOtherwise);
        }
    }
}
