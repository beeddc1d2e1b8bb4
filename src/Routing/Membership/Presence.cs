using Weir.Protocol.Cluster;
using Weir.Routing.Actors;

namespace Weir.Routing.Membership;

/// <summary>Says how this node is: now and then, and at once when something changed.</summary>
/// <param name="describe">Everything but sequence, name, version, roles, uptime and draining, which are filled in
/// here.</param>
public sealed class Presence(NodeLink link, Members members, Func<NodeState> describe, TimeProvider time)
{
    private static readonly TimeSpan GoodbyeWithin = TimeSpan.FromSeconds(1);

    private readonly Signal _changed = new();
    private readonly long _startedAt = time.GetTimestamp();
    private long _sequence;
    private volatile bool _isDraining;

    public bool IsDraining => _isDraining;

    /// <summary>Something that others should know is different now.</summary>
    public void Changed() => _changed.Set();

    /// <summary>From now on this node takes no shards; it says so at once.</summary>
    public void Drain()
    {
        _isDraining = true;
        Changed();
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            await link.SendAsync(null, new NodeMessage { State = Describe() }, cancel);
            var published = time.GetTimestamp();
            var isChanged = false;
            while (!isChanged)
            {
                var left = MembershipLimits.PublishEvery - time.GetElapsedTime(published);
                if (left <= TimeSpan.Zero) break;
                var expiry = members.Expire();
                isChanged = await _changed.WaitAsync(expiry < left ? expiry : left, time, cancel);
            }

            var gap = MembershipLimits.PublishGapMin - time.GetElapsedTime(published);
            if (gap > TimeSpan.Zero) await Task.Delay(gap, time, cancel);
        }
    }

    /// <summary>Tells all that this node ends. Best effort.</summary>
    public async ValueTask LeaveAsync()
    {
        using var late = new CancellationTokenSource(GoodbyeWithin, time);
        try
        {
            await link.SendAsync(null, new NodeMessage { Goodbye = new Goodbye() }, late.Token);
        }
        catch (OperationCanceledException)
        {
            // The others will notice by the silence.
        }
    }

    private NodeState Describe()
    {
        var state = describe();
        state.Sequence = ++_sequence;
        state.Name = link.Self.Name;
        state.Version = link.Self.Version;
        state.Roles.Add(link.Self.Roles);
        state.UptimeMs = (long)time.GetElapsedTime(_startedAt).TotalMilliseconds;
        state.IsDraining = _isDraining;
        return state;
    }
}
