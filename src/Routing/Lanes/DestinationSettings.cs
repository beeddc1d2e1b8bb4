using Weir.Protocol.Batches;
using Weir.Routing.Cardinality;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Lanes;

/// <summary>One endpoint of a destination. Equal settings keep their writers running over a reload.</summary>
public sealed record EndpointSettings
{
    /// <summary>Names its lanes in the spool: stable over restarts.</summary>
    public required string Name { get; init; }

    /// <summary>Host and port, for metrics.</summary>
    public required string Host { get; init; }

    /// <summary>Tenant of entries that name none; "" for none.</summary>
    public string TenantId { get; init; } = "";

    /// <summary>Where pushes go. Owned by whoever made the settings.</summary>
    public required IPushClient Client { get; init; }

    /// <summary>How it is asked what it has stored, after a push of unknown outcome; null: it is not asked.</summary>
    public EndpointLookup? Lookup { get; init; }

    /// <summary>Bytes of lines that one push carries at the most, save that one entry is always sent.</summary>
    public int BatchBytes { get; init; } = 1024 * 1024;

    /// <summary>Longest wait of an entry for its fragment to fill.</summary>
    public TimeSpan BatchWait { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Failed attempts after which a push becomes a dead letter; 0: never.</summary>
    public int RetriesMax { get; init; }

    /// <summary>Whether 429 is waited out; if not, such a push becomes a dead letter.</summary>
    public bool RetryOnRateLimit { get; init; } = true;

    /// <summary>What each tenant may send, over all nodes together; null: as much as the endpoint takes.</summary>
    public TenantLimits? TenantLimits { get; init; }
}

/// <summary>What a destination does with entries on the way to its endpoints.</summary>
public sealed record DestinationSettings
{
    public IReadOnlyList<EndpointSettings> Endpoints { get; init; } = [];

    /// <summary>Added to every entry that does not have the label itself.</summary>
    public IReadOnlyList<Label> ExternalLabels { get; init; } = [];

    /// <summary>Streams in a fragment at the most; entries of further ones are dropped and counted. 0: no
    /// limit.</summary>
    public int StreamsMax { get; init; }

    /// <summary>How many values a label may take; null: labels are not counted.</summary>
    public CardinalityOptions? CardinalityGuard { get; init; }

    /// <summary>Bytes of batches that wait for the fragment builders.</summary>
    public long CapacityBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Whether sources wait when the capacity is used up; if not, batches are dropped and counted.</summary>
    public bool BlockOnOverflow { get; init; } = true;

    /// <summary>Over how many builders and writers the streams of a tenant are spread.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>How long a stop waits for writers that make progress; the rest stays in the spool.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
