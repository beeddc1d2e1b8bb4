using Weir.Routing.Components.Http;
using Weir.Routing.Language;

namespace Weir.Node.Http;

/// <summary>A text that a server gives, asked for again and again.</summary>
public sealed record RemoteOptions : IValidated
{
    [Argument("url", Required = true)]
    public string Url { get; init; } = "";

    [Argument("method")]
    public string Method { get; init; } = "GET";

    /// <summary>Sent with each request. Never shown: any of them may authenticate.</summary>
    [Argument("headers")]
    public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>();

    /// <summary>Sent with each request; "" for none. Never shown, as it may hold credentials.</summary>
    [Argument("body")]
    public Secret Body { get; init; } = new("");

    /// <summary>Default 1 min.</summary>
    [Argument("poll_frequency")]
    [Range(Min = "10ms")]
    public TimeSpan PollFrequency { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Until the last byte of the answer. Default 10 s; less than the frequency.</summary>
    [Argument("poll_timeout")]
    [Range(Min = "1ms")]
    public TimeSpan PollTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How to speak to the server.</summary>
    [Block("client")]
    public HttpClientOptions Client { get; init; } = new();

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            problems.Add("url", "it must be an http:// or https:// address");
        if (!HeaderNames.IsValid(Method)) problems.Add("method", $"\"{Method}\" is no method of HTTP");
        if (PollTimeout >= PollFrequency) problems.Add("poll_timeout", "it must be less than poll_frequency");
        foreach (var name in Headers.Keys)
            if (!HeaderNames.IsValid(name)) problems.Add("headers", $"\"{name}\" is no name of a header");
    }
}
