using Weir.Protocol.Batches;
using Weir.Routing.Components;

namespace Weir.Routing.Enriching;

/// <summary>One source's way through a <c>loki.enrich</c>.</summary>
/// <param name="table">Read once a batch; with a changed one, what is remembered is forgotten.</param>
internal sealed class EnrichInlet(Func<EnrichTable> table, LabelSets sets, ILogsInlet next) : ILogsInlet
{
    // Label sets of one source; when there are more, all are worked out anew.
    private const int KnownMax = 10_000;

    private readonly Dictionary<LabelSet, LabelSet> _known = [];
    private EnrichTable? _followed;

    public bool HoldsLines => next.HoldsLines;

    public ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
    {
        Follow();
        foreach (ref var entry in batch.Entries)
        {
            if (!_known.TryGetValue(entry.Labels, out var enriched))
            {
                if (_known.Count == KnownMax) _known.Clear();
                _known.Add(entry.Labels, enriched = _followed!.Enrich(entry.Labels, sets));
            }

            entry.Labels = enriched;
        }

        return next.SendAsync(batch, cancel);
    }

    public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => next.ReleaseAsync(ending, cancel);

    public void Dispose() => next.Dispose();

    private void Follow()
    {
        var current = table();
        if (ReferenceEquals(current, _followed)) return;
        _followed = current;
        _known.Clear();
    }
}
