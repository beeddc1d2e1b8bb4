using Weir.Routing.Components.Http;
using Weir.Routing.Language;

namespace Weir.Routing.Destinations;

/// <summary>Whether an endpoint is asked what it has stored.</summary>
public enum ReconcileMode : byte
{
    /// <summary>Until it refuses.</summary>
    Auto,

    /// <summary>Whatever it answers.</summary>
    [Spelling("true")]
    Always,

    [Spelling("false")]
    Never,
}

/// <summary>Block <c>reconcile</c> of an endpoint. Credentials, TLS and headers that it does not state are the
/// endpoint's own, as long as the address is.</summary>
public sealed record ReconcileOptions : IValidated
{
    /// <summary>Where <c>query_range</c> is; "" derives it from a push URL that ends as Loki's does.</summary>
    [Argument("url")]
    public string Url { get; init; } = "";

    [Argument("enabled")]
    public ReconcileMode Enabled { get; init; }

    /// <summary>Sent along with every query.</summary>
    [Argument("headers")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Authentication, TLS and proxy.</summary>
    [Inline]
    public HttpClientOptions Http { get; init; } = new();

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (Url.Length == 0) return;
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            problems.Add("url", "it must be an http:// or https:// address");
    }
}
