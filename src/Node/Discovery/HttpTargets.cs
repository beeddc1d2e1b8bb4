using System.Globalization;
using Weir.Node.Http;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Discovery;
using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Node.Discovery;

/// <summary>Arguments of <c>discovery.http</c>.</summary>
[Component("discovery.http", Exports = typeof(DiscoveredTargets))]
public sealed record HttpTargetsOptions : IValidated
{
    /// <summary>Answers with JSON, as <c>discovery.file</c> reads it.</summary>
    [Argument("url", Required = true)]
    public string Url { get; init; } = "";

    /// <summary>Default 60 s.</summary>
    [Argument("refresh_interval")]
    [Range(Min = "10ms")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(60);

    [Inline]
    public HttpClientOptions Http { get; init; } = new();

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            problems.Add("url", "it must be an http:// or https:// address");
    }
}

/// <summary><c>discovery.http</c>: targets that a server lists, kept current.</summary>
public sealed class HttpTargets(IComponentHost host) : PolledDiscovery<HttpTargetsOptions>(host)
{
    private const string MediaType = "application/json";

    private readonly RemoteText _text = new(host.Time);
    private readonly Metric _failures = host.Events.Metrics.Counter(
        "prometheus_sd_http_failures_total", "Number of HTTP service discovery refresh failures.", "component_id")
        .With(host.Id);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _text.Dispose();
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override TimeSpan PeriodOf(HttpTargetsOptions options) => options.RefreshInterval;

    /// <inheritdoc/>
    protected override async ValueTask LookAsync(HttpTargetsOptions options, CancellationToken cancel)
    {
        var isRead = false;
        try
        {
            var text = await _text.AskAsync(RequestFor(options), MediaType, cancel);
            var shown = UserInfo.Without(new Uri(options.Url)).ToString();
            isRead = TargetGroups.TryReadJson(text, ("__meta_url", shown), out var targets, out var problem);
            if (!isRead) throw new ComponentException($"the answer cannot be used: {problem}");
            Publish(new DiscoveredTargets(targets));
            Host.Report(HealthState.Healthy, $"{targets.Count} targets");
        }
        finally
        {
            if (!isRead) _failures.Increment();
        }
    }

    // As Prometheus does it: an answer may take as long as the interval, which the server is told.
    private static RemoteOptions RequestFor(HttpTargetsOptions options) => new()
    {
        Url = options.Url,
        Client = options.Http,
        PollTimeout = options.RefreshInterval,
        Headers = new Dictionary<string, Secret>
        {
            ["X-Prometheus-Refresh-Interval-Seconds"] =
                new(options.RefreshInterval.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
        },
    };
}
