using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Cluster;

/// <summary>The <c>cluster</c> block as a part of the graph: in force from the start of the node, it only tells when it
/// was changed since.</summary>
/// <param name="atStart">The block then; null where nothing was started with it.</param>
internal sealed class ClusterSetting(IComponentHost host, ClusterBlockOptions? atStart)
    : Component<ClusterBlockOptions>(host)
{
    protected override ValueTask ApplyAsync(ClusterBlockOptions options, CancellationToken cancel)
    {
        if (atStart is null || OptionEquality.AreEqual(options, atStart)) Host.Report(HealthState.Healthy, "in force");
        else Host.Report(HealthState.Unhealthy, "changed since the node was started: restart it to put this in force");
        return ValueTask.CompletedTask;
    }
}
