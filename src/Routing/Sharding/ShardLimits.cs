using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

/// <summary>What bounds the writer side of a node.</summary>
public static class ShardLimits
{
    /// <summary>Fragments in hand from which on a shard counts as full: half of what it may have.</summary>
    public static readonly int FullAt = BrokerLimits.InHandMax(QueueUse.Shard) / 2;

    /// <summary>Parked lanes of a node that are drained at once.</summary>
    public const int DrainsMax = 64;

    /// <summary>Fragments of a lane that are remembered as done, so that a replay is not sent.</summary>
    public const int HandledMax = 4096;

    /// <summary>Fragments in one push: small ones of many hosts.</summary>
    public const int PushFragmentsMax = 1024;

    /// <summary>Bytes of a fragment's header that leave room for what is added on its further way.</summary>
    public const int HeaderBytesMax = 2048;

    /// <summary>Bytes of a tenant's name that leave room in the header for the others; Loki takes 150.</summary>
    public const int TenantBytesMax = 1024;

    /// <summary>How long a fragment that does not fill half a push waits for company of other hosts.</summary>
    public static readonly TimeSpan LingerMax = TimeSpan.FromMilliseconds(100);

    /// <summary>How long pushes under way may take when a shard is handed over.</summary>
    public static readonly TimeSpan HandoverMax = TimeSpan.FromSeconds(12);

    /// <summary>Wait before what the broker did not take is sent to it again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>A lane that gets nothing done for this long is parked where that makes room for others.</summary>
    public static readonly TimeSpan StuckMax = TimeSpan.FromMilliseconds(750);

    /// <summary>A slow lane is parked when others wait for it that have nothing to do.</summary>
    public static readonly TimeSpan HoldUpMax = TimeSpan.FromSeconds(1);

    /// <summary>A lane that gets nothing done for this long is parked even where nobody waits: what is in hand when a
    /// node dies is in doubt.</summary>
    public static readonly TimeSpan TroubleMax = TimeSpan.FromSeconds(5);

    /// <summary>What is in hand for this long is parked, or taken from its queue anew: brokers take such a consumer for
    /// stuck (<see cref="BrokerLimits.HoldMax"/>).</summary>
    public static readonly TimeSpan HeldMax = TimeSpan.FromMinutes(8);

    /// <summary>A session without proof of life for this long is given up, and what is under way with it: the broker
    /// does so after twice the lease at the earliest.</summary>
    public static readonly TimeSpan LeaseEnd = BrokerLimits.LeaseMax * 2 - TimeSpan.FromSeconds(2);

    /// <summary>How often an owner looks at its lanes and its lease.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(150);

    /// <summary>How often it asks how much its queues hold, for those who look on.</summary>
    public static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(2);
}
