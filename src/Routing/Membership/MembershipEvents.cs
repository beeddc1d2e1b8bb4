using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Routing;

/// <summary>What happens between nodes.</summary>
public sealed partial class RoutingEvents
{
    private readonly MetricFamily _nodeMessagesSkipped = metrics.Counter(
        "weir_cluster_messages_skipped_total", "Messages from other nodes that were not taken.", "reason");

    private readonly Metric _members =
        metrics.Gauge("weir_cluster_members", "Nodes that are alive, this one included.").With();

    private readonly Metric _liveWriters =
        metrics.Gauge("weir_cluster_writers", "Writers that are alive and take shards.").With();

    /// <summary>A message was not what it should be; nothing else is lost by that.</summary>
    /// <param name="reason">A word for the metric.</param>
    public void NodeMessageSkipped(string reason, string detail)
    {
        var counted = _nodeMessagesSkipped.With(reason);
        // Said once for each reason; the counter tells the rest.
        if (counted.Value == 0)
        {
            Log.Write(LogSeverity.Warn, "cluster", "a message from a node was skipped",
                new("reason", reason), new("detail", detail));
        }

        counted.Increment();
    }

    public void MembersCounted(int members, int writers)
    {
        _members.Set(members);
        _liveWriters.Set(writers);
    }

    public void MemberJoined(string id, string name, string version) =>
        Log.Write(LogSeverity.Info, "cluster", "a node is here",
            new("node", id), new("name", name), new("version", version));

    public void MemberLost(string id, string name, bool hasLeft) => Log.Write(
        hasLeft ? LogSeverity.Info : LogSeverity.Warn, "cluster",
        hasLeft ? "a node has left" : "a node is silent: it counts as gone", new("node", id), new("name", name));

    public void NodeIdTaken(string id)
    {
        var counted = _nodeMessagesSkipped.With("same_id");
        if (counted.Value == 0)
        {
            Log.Write(LogSeverity.Error, "cluster",
                "another node has this node's id: was its storage folder copied? Remove node-id from one of the copies",
                new LogField("node", id));
        }

        counted.Increment();
    }
}
