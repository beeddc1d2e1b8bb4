using Weir.Routing.Cardinality;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;

namespace Weir.Routing.Destinations;

/// <summary>Arguments of <c>loki.write</c>.</summary>
[Component("loki.write", Exports = typeof(WriteExports))]
public sealed record WriteOptions : IValidated
{
    /// <summary>Added to every entry that does not have the label itself.</summary>
    [Argument("external_labels")]
    public IReadOnlyDictionary<string, string> ExternalLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Streams in one fragment at the most; entries of further ones are dropped and counted. 0: no
    /// limit.</summary>
    [Argument("max_streams")]
    [Range(Min = "0")]
    public int MaxStreams { get; init; }

    [Block("endpoint")]
    public IReadOnlyList<EndpointOptions> Endpoints { get; init; } = [];

    /// <summary>Bounds how many values a label may take; null: labels are not counted.</summary>
    [Block("cardinality_guard")]
    public CardinalityOptions? CardinalityGuard { get; init; }

    /// <summary>Accepted: the spool is the write-ahead log, always on.</summary>
    [Block("wal")]
    public WalOptions? Wal { get; init; }

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        for (var i = 0; i < Endpoints.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (one, other) = (Endpoints[j], Endpoints[i]);
                if (one.Name.Length > 0 && one.Name == other.Name)
                    problems.Add("endpoint", $"two endpoints are named \"{one.Name}\"", "names tell lanes apart");
                else if (OptionEquality.AreEqual(one, other))
                    problems.Add("endpoint", "two endpoints have the same settings", "remove one of them");
            }
        }
    }
}

/// <summary>What <c>loki.write</c> exports.</summary>
public sealed record WriteExports
{
    [Export("receiver")]
    public required ILogsReceiver Receiver { get; init; }
}

/// <summary>Block <c>endpoint</c>: where entries are pushed, and how.</summary>
public sealed record EndpointOptions : IValidated
{
    /// <summary>Used as it stands, path included.</summary>
    [Argument("url", Required = true)]
    public string Url { get; init; } = "";

    /// <summary>Names its lanes in the spool and in metrics; "" takes the URL.</summary>
    [Argument("name")]
    public string Name { get; init; } = "";

    /// <summary>Sent along with every push.</summary>
    [Argument("headers")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Longest wait of an entry for more to come.</summary>
    [Argument("batch_wait")]
    [Range(Min = "1ms")]
    public TimeSpan BatchWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of lines in one push.</summary>
    [Argument("batch_size")]
    [Range(Min = "1B")]
    public ByteSize BatchSize { get; init; } = new(1024 * 1024);

    /// <summary>Longest wait for an answer.</summary>
    [Argument("remote_timeout")]
    [Range(Min = "1ms")]
    public TimeSpan RemoteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Tenant of entries that name none.</summary>
    [Argument("tenant_id")]
    public string TenantId { get; init; } = "";

    [Argument("min_backoff_period")]
    [Range(Min = "1ms")]
    public TimeSpan MinBackoffPeriod { get; init; } = TimeSpan.FromMilliseconds(500);

    [Argument("max_backoff_period")]
    [Range(Min = "1ms")]
    public TimeSpan MaxBackoffPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Failed attempts after which a push becomes a dead letter. 0, and where it is not set: never.</summary>
    [Argument("max_backoff_retries")]
    [Range(Min = "0")]
    public int? MaxBackoffRetries { get; init; }

    /// <summary>Whether 429 is waited out; if not, such a push becomes a dead letter.</summary>
    [Argument("retry_on_http_429")]
    public bool RetryOnHttp429 { get; init; } = true;

    /// <summary>Authentication, TLS and proxy.</summary>
    [Inline]
    public HttpClientOptions Http { get; init; } = new();

    [Block("queue_config")]
    public QueueOptions Queue { get; init; } = new();

    /// <summary>How it is asked what it has stored, before a push of unknown outcome is sent again. An extension of
    /// ours.</summary>
    [Block("reconcile")]
    public ReconcileOptions Reconcile { get; init; } = new();

    /// <summary>What each tenant may send here, over all nodes together. An extension of ours.</summary>
    [Block("tenant_limits")]
    public TenantLimitOptions? TenantLimits { get; init; }

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (Url.Length == 0)
            problems.Add("url", "it is empty", "where it comes from the environment: is the variable set?");
        else if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            problems.Add("url", "it must be an http:// or https:// address");
        else if (Reconcile is { Enabled: ReconcileMode.Always, Url.Length: 0 } && LookupAddress.Of(this) is null)
        {
            problems.Add("reconcile", $"url does not end with {LookupAddress.PushPath}, so that it does not say "
                + "where to query", "give the block reconcile the url of query_range");
        }

        if (MaxBackoffPeriod < MinBackoffPeriod)
            problems.Add("max_backoff_period", "it must not be shorter than min_backoff_period");
    }
}

/// <summary>Block <c>tenant_limits</c>: what each tenant may send to the endpoint. In a cluster the limits hold for all
/// nodes together: each writer with work for the tenant has its share.</summary>
public sealed record TenantLimitOptions : IValidated
{
    /// <summary>Bytes of lines a second; 0: no limit.</summary>
    [Argument("rate")]
    public ByteSize Rate { get; init; }

    /// <summary>Bytes of lines that may be sent at once after a pause; 0: those of one second.</summary>
    [Argument("burst")]
    public ByteSize Burst { get; init; }

    /// <summary>Bytes of lines in pushes that have no answer yet; one push is always let through. 0: no
    /// limit.</summary>
    [Argument("max_in_flight_bytes")]
    public ByteSize MaxInFlightBytes { get; init; }

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (Burst.Bytes > 0 && Rate.Bytes == 0) problems.Add("burst", "it is nothing without rate", "give rate too");
        if (Rate.Bytes == 0 && MaxInFlightBytes.Bytes == 0)
            problems.Add("tenant_limits", "it limits nothing", "give rate or max_in_flight_bytes");
    }
}

/// <summary>Block <c>queue_config</c>: what waits before the spool. The strictest endpoint of a component
/// counts.</summary>
public sealed record QueueOptions
{
    /// <summary>Bytes of entries that wait for fragments to be built.</summary>
    [Argument("capacity")]
    [Range(Min = "1B")]
    public ByteSize Capacity { get; init; } = new(10 * 1024 * 1024);

    /// <summary>Over how many builders and writers streams are spread.</summary>
    [Argument("min_shards")]
    [Range(Min = "1", Max = "1024")]
    public int MinShards { get; init; } = 1;

    /// <summary>How long a stop waits for writers that make progress; the rest stays in the spool.</summary>
    [Argument("drain_timeout")]
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether sources wait when the capacity is used up; if no endpoint says so, entries are dropped and
    /// counted.</summary>
    [Argument("block_on_overflow")]
    public bool BlockOnOverflow { get; init; } = true;
}

/// <summary>Block <c>wal</c>: accepted as Alloy has it, without effect.</summary>
public sealed record WalOptions
{
    [Argument("enabled")]
    public bool Enabled { get; init; }

    [Argument("max_segment_age")]
    public TimeSpan MaxSegmentAge { get; init; } = TimeSpan.FromHours(1);

    [Argument("min_read_frequency")]
    public TimeSpan MinReadFrequency { get; init; } = TimeSpan.FromMilliseconds(250);

    [Argument("max_read_frequency")]
    public TimeSpan MaxReadFrequency { get; init; } = TimeSpan.FromSeconds(1);

    [Argument("drain_timeout")]
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
