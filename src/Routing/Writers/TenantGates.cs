using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>What a tenant may send to an endpoint, over all nodes together.</summary>
/// <param name="RateBytes">Bytes of lines a second; 0: no limit.</param>
/// <param name="BurstBytes">Bytes that may be sent at once after a pause.</param>
/// <param name="InFlightBytes">Bytes of pushes without an answer; 0: no limit. One push is always let through.</param>
public sealed record TenantLimits(long RateBytes, long BurstBytes, long InFlightBytes);

/// <summary>Holds lanes to the limits of their tenants. One a process; any thread.</summary>
/// <param name="countServing">Live writers that have work for a destination, endpoint and tenant now: each takes its
/// share of a limit. At least 1 counts.</param>
public sealed class TenantGates(TimeProvider time, Func<string, string, string, int> countServing)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Destination, string Endpoint, string Tenant), TenantGate> _gates = [];

    /// <summary>Of a node by itself, which has every limit alone.</summary>
    public TenantGates(TimeProvider time)
        : this(time, (_, _, _) => 1)
    {
    }

    /// <summary>The gate of a lane; lanes of one endpoint and tenant share it.</summary>
    internal IPushGate Of(LaneKey lane, EndpointSettings endpoint)
    {
        var gate = GateOf((lane.Destination, lane.Endpoint, lane.Tenant));
        gate.Limits = endpoint.TenantLimits;
        return gate;
    }

    private TenantGate GateOf((string Destination, string Endpoint, string Tenant) key)
    {
        lock (_gate)
        {
            if (!_gates.TryGetValue(key, out var gate))
            {
                _gates[key] = gate = new TenantGate(
                    time, () => countServing(key.Destination, key.Endpoint, key.Tenant));
            }

            return gate;
        }
    }
}
