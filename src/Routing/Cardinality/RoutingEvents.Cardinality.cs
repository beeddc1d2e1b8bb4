using Weir.Routing.Cardinality;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Routing;

public sealed partial class RoutingEvents
{
    private readonly MetricFamily _labelsOver = metrics.Counter(
        "weir_cardinality_labels_over_budget_total",
        "Labels that took more values than cardinality_guard allows.", "component_id", "tenant", "action");

    private readonly MetricFamily _entriesChanged = metrics.Counter(
        "weir_cardinality_entries_changed_total",
        "Entries from which cardinality_guard took a label.", "component_id", "tenant", "action");

    public void LabelOverBudget(string destination, string tenant, string label, CardinalityOptions options)
    {
        var action = ActionName(options.Action);
        _labelsOver.With(destination, tenant, action).Increment();
        Log.Write(LogSeverity.Warn, destination, options.Action switch
            {
                CardinalityAction.Demote =>
                    "a label takes more values than it may: from now on it is structured metadata",
                CardinalityAction.DropLabel => "a label takes more values than it may: from now on it is dropped",
                _ => "a label takes more values than it may: every value is a stream of its own",
            },
            new("label", label), new("tenant", tenant), new("max_values_per_label", options.ValuesMax),
            new("action", action));
    }

    /// <summary>Once for a destination: it has more label names than are counted.</summary>
    public void CardinalityUncounted(string destination, int labelsMax) =>
        Log.Write(LogSeverity.Warn, destination,
            "cardinality_guard counts no more labels: there are too many names of them",
            new LogField("labels_max", labelsMax));

    /// <summary>Entries of a batch that lost a label to the guard.</summary>
    public Metric CardinalityChanged(string destination, string tenant, CardinalityAction action) =>
        _entriesChanged.With(destination, tenant, ActionName(action));

    private static string ActionName(CardinalityAction action) => action switch
    {
        CardinalityAction.Demote => "demote",
        CardinalityAction.DropLabel => "drop_label",
        _ => "warn",
    };
}
