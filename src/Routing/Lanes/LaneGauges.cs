using System.Globalization;
using Weir.Routing.Metrics;

namespace Weir.Routing.Lanes;

/// <summary>Gauges of all lanes, read when metrics are collected.</summary>
internal static class LaneGauges
{
    private static readonly string[] Labels = ["component_id", "endpoint", "tenant", "partition"];

    public static IDisposable Register(MetricRegistry metrics, Func<IReadOnlyList<LaneStatus>> lanes)
    {
        var fragments = metrics.Gauge("weir_lane_backlog_fragments", "Fragments owed, in flight or not.", Labels);
        var bytes = metrics.Gauge("weir_lane_backlog_bytes", "Compressed bytes owed.", Labels);
        var oldest = metrics.Gauge("weir_lane_oldest_age_seconds", "Age of the oldest fragment owed.", Labels);
        var inFlight = metrics.Gauge("weir_lane_in_flight_fragments", "Fragments in the push under way.", Labels);
        var state = metrics.Gauge(
            "weir_lane_state",
            "0 idle, 1 sending, 2 throttled, 3 retrying, 4 misconfigured, 5 orphaned, 6 paused, 7 draining.", Labels);
        var orphaned = metrics.Gauge(
            "weir_lane_orphaned_fragments", "Fragments owed to endpoints that are not configured.");
        return metrics.OnCollect(() =>
        {
            var orphans = 0L;
            foreach (var status in lanes())
            {
                var (destination, endpoint, tenant, partition) = status.Lane;
                string[] values = [destination, endpoint, tenant, partition.ToString(CultureInfo.InvariantCulture)];
                fragments.With(values).Set(status.BacklogFragments);
                bytes.With(values).Set(status.BacklogBytes);
                oldest.With(values).Set(status.OldestAge.TotalSeconds);
                inFlight.With(values).Set(status.InFlightFragments);
                state.With(values).Set((int)status.State);
                if (status.State == LaneState.Orphaned) orphans += status.BacklogFragments;
            }

            orphaned.With().Set(orphans);
        });
    }
}
