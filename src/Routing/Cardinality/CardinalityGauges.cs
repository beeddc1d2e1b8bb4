using Weir.Routing.Metrics;

namespace Weir.Routing.Cardinality;

/// <summary>How many values labels have, read when metrics are collected.</summary>
internal static class CardinalityGauges
{
    public static IDisposable Register(
        MetricRegistry metrics, Func<IReadOnlyList<LabelCardinality>> labels)
    {
        var values = metrics.Gauge("weir_cardinality_values",
            "Distinct values of a label that cardinality_guard counts; an estimate beyond the budget.",
            "component_id", "tenant", "label");
        var budget = metrics.Gauge(
            "weir_cardinality_values_max", "Values that a label may take.", "component_id");
        return metrics.OnCollect(() =>
        {
            foreach (var label in labels())
            {
                values.With(label.Destination, label.Tenant, label.Label).Set(label.Values);
                budget.With(label.Destination).Set(label.ValuesMax);
            }
        });
    }
}
