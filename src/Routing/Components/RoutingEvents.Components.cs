using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Routing;

public sealed partial class RoutingEvents
{
    public void ComponentHealthChanged(string component, HealthState before, HealthState after, string message)
    {
        if (after == HealthState.Unhealthy)
            Log.Write(LogSeverity.Warn, component, "unhealthy", new LogField("reason", message));
        else if (before == HealthState.Unhealthy)
            Log.Write(LogSeverity.Info, component, "healthy again", new LogField("reason", message));
    }

    public void ComponentRemoved(string component) =>
        Log.Write(LogSeverity.Info, component, "removed: the configuration has it no longer");
}
