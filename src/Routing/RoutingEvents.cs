using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Routing;

/// <summary>What happens in the pipeline: one method an event, with its log line and its counter.</summary>
/// <remarks>Parts of the class stand beside what they speak of (lanes, stages, components).</remarks>
public sealed partial class RoutingEvents(IProcessLog log, MetricRegistry metrics)
{
    private readonly MetricFamily _actorFaults =
        metrics.Counter("weir_actor_faults_total", "Faults of actors, each followed by a restart.", "actor");

    public IProcessLog Log { get; } = log;

    public MetricRegistry Metrics { get; } = metrics;

    public void ActorFaulted(string actor, int faults, Exception fault)
    {
        _actorFaults.With(actor).Increment();
        Log.Write(LogSeverity.Error, actor, "faulted; it starts again from its last committed position",
            new("faults_in_a_row", faults), new("error", $"{fault.GetType().Name}: {fault.Message}"));
    }
}
