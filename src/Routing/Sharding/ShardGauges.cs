using System.Globalization;
using Weir.Routing.Lanes;
using Weir.Routing.Metrics;

namespace Weir.Routing.Sharding;

/// <summary>Gauges of the shards that a node owns and of their lanes, read when metrics are collected.</summary>
internal sealed class ShardGauges(MetricRegistry metrics, Func<IReadOnlyList<ShardStatus>> owned)
{
    private readonly Metric _owned = metrics.Gauge("weir_shards_owned", "Shards that this node owns.").With();

    private readonly Metric _inHand = metrics.Gauge(
        "weir_shard_in_hand_bytes", "Compressed bytes of fragments that are not acknowledged.").With();

    private readonly MetricFamily[] _families =
    [
        metrics.Gauge("weir_shard_ready_fragments", "Fragments in the queue.", "component_id", "shard"),
        metrics.Gauge("weir_shard_oldest_age_seconds", "Age of what is in hand or parked.", "component_id", "shard"),
        metrics.Gauge("weir_shard_parked_lanes", "Lanes that are parked.", "component_id", "shard"),
    ];

    private HashSet<(string Destination, int Shard)> _shown = [];

    public static IDisposable Register(MetricRegistry metrics, Func<IReadOnlyList<ShardStatus>> owned)
    {
        var shards = new ShardGauges(metrics, owned);
        return metrics.OnCollect(shards.Collect);
    }

    private void Collect()
    {
        var statuses = owned();
        _owned.Set(statuses.Count);
        _inHand.Set(statuses.Sum(shard => shard.InHandBytes));
        var shown = new HashSet<(string Destination, int Shard)>();
        foreach (var (shard, _, _) in statuses)
        {
            shown.Add((shard.Destination, shard.Shard));
            var values = Values((shard.Destination, shard.Shard));
            _families[0].With(values).Set(shard.Ready);
            _families[1].With(values).Set(shard.OldestAge.TotalSeconds);
            _families[2].With(values).Set(shard.ParkedLanes);
        }

        // Another node tells of those that are its own now.
        foreach (var gone in _shown.Except(shown))
            foreach (var family in _families) family.Remove(Values(gone));
        _shown = shown;
    }

    private static string[] Values((string Destination, int Shard) shard) =>
        [shard.Destination, shard.Shard.ToString(CultureInfo.InvariantCulture)];
}
