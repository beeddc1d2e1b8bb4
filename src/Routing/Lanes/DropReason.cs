namespace Weir.Routing.Lanes;

/// <summary>Why entries were not delivered: the words of metrics and dead letters. The first five are
/// Alloy's.</summary>
public static class DropReason
{
    /// <summary>The endpoint refused them, or stayed out of reach for as many attempts as the configuration
    /// allows.</summary>
    public const string IngesterError = "ingester_error";

    /// <summary>429, where the configuration says not to wait.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>More streams in a fragment than <c>max_streams</c> allows.</summary>
    public const string StreamLimited = "stream_limited";

    /// <summary>Longer than any endpoint is sent.</summary>
    public const string LineTooLong = "line_too_long";

    /// <summary>No room, where the configuration says not to wait.</summary>
    public const string QueueIsFull = "queue_is_full";

    /// <summary>No label that leaves the node: Loki takes no such stream.</summary>
    public const string NoLabels = "no_labels";

    /// <summary>The endpoint takes nothing for this tenant (status 260).</summary>
    public const string IngestionBlocked = "ingestion_blocked";

    /// <summary>The fragment's bytes in the spool are not those that were sealed.</summary>
    public const string Damaged = "damaged";

    /// <summary>No endpoint takes such a tenant, and no message between nodes holds its name.</summary>
    public const string TenantTooLong = "tenant_too_long";

    /// <summary>The destination has no endpoint.</summary>
    public const string NoEndpoint = "no_endpoint";
}
