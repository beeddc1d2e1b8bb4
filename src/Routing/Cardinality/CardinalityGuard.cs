using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;

namespace Weir.Routing.Cardinality;

/// <summary>A label as the guard sees it.</summary>
/// <param name="Destination">Id of the component.</param>
/// <param name="Tenant">"" where entries name none.</param>
/// <param name="Values">Exact up to the budget, an estimate beyond.</param>
/// <param name="IsOverBudget">It has taken more values than it may, and the action is in force.</param>
public sealed record LabelCardinality(
    string Destination, string Tenant, string Label, long Values, int ValuesMax, bool IsOverBudget,
    CardinalityAction Action);

/// <summary>What the guard makes of a stream.</summary>
/// <param name="Labels">What is left of its labels; never empty.</param>
/// <param name="Metadata">What every entry of it gets as structured metadata, in the wire form; empty for
/// nothing.</param>
internal readonly record struct GuardedStream(LabelSet Labels, byte[] Metadata);

/// <summary>
/// Counts the values of each label of each tenant, and takes labels that have too many off the streams: as a whole, for
/// all streams from then on.
/// </summary>
/// <remarks>
/// Any thread. Asked once for each label set that an inlet has not met, never for a line: an inlet keeps the answer as
/// long as <see cref="Version"/> is the same. It counts from the start of the node, or a change of its arguments.
/// </remarks>
internal sealed class CardinalityGuard(string destination, CardinalityOptions options, RoutingEvents events)
{
    /// <summary>Labels that are counted, over all tenants; names beyond are left alone.</summary>
    public const int LabelsMax = 1_000;

    /// <summary>Loki's own name for a stream that has none: a stream needs a label.</summary>
    private static readonly Label LastResort = new("service_name", "unknown_service");

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string Label), LabelValues> _values = [];
    private int _version;
    private bool _isFull;

    public CardinalityOptions Options => options;

    /// <summary>Changes when a label goes over its budget: answers from before are void.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>All labels that are counted.</summary>
    public IReadOnlyList<LabelCardinality> Labels
    {
        get
        {
            lock (_gate)
            {
                return [.. _values.Select(known => new LabelCardinality(
                    destination, known.Key.Tenant, known.Key.Label, known.Value.Count, options.ValuesMax,
                    known.Value.IsOver, options.Action))];
            }
        }
    }

    /// <summary>Counts a stream's labels, and says what is to become of it.</summary>
    /// <param name="labels">As they would leave the node; not empty.</param>
    /// <param name="tenant">"" for none.</param>
    /// <param name="sets">The node's table.</param>
    public GuardedStream Judge(LabelSet labels, string tenant, LabelSets sets)
    {
        var over = new List<Label>();
        lock (_gate)
        {
            foreach (var label in labels.Labels)
                if (IsOver(label, tenant)) over.Add(label);
        }

        if (over.Count == 0 || options.Action == CardinalityAction.Warn) return new GuardedStream(labels, []);
        var left = labels;
        foreach (var label in over) left = sets.Without(left, label.Name);
        if (left.Count == 0) left = sets.Of([LastResort]);
        return new GuardedStream(left, options.Action == CardinalityAction.Demote ? MetadataOf(over) : []);
    }

    private bool IsOver(Label label, string tenant)
    {
        if (!_values.TryGetValue((tenant, label.Name), out var values))
        {
            if (_values.Count >= LabelsMax)
            {
                if (!_isFull) events.CardinalityUncounted(destination, LabelsMax);
                _isFull = true;
                return false;
            }

            _values[(tenant, label.Name)] = values = new LabelValues(options.ValuesMax);
        }

        if (values.Add(label.Value))
        {
            Volatile.Write(ref _version, _version + 1);
            events.LabelOverBudget(destination, tenant, label.Name, options);
        }

        return values.IsOver;
    }

    private static byte[] MetadataOf(List<Label> labels)
    {
        var metadata = new List<byte>();
        foreach (var (name, value) in labels)
        {
            var (nameBytes, valueBytes) = (Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
            var pair = new byte[PushRequestWriter.MetadataBytes(nameBytes.Length, valueBytes.Length)];
            metadata.AddRange(pair.AsSpan(0, PushRequestWriter.WriteMetadata(pair, nameBytes, valueBytes)));
        }

        return [.. metadata];
    }
}
