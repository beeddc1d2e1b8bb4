namespace Weir.Node.Http;

/// <summary>How a path of a Loki server is asked.</summary>
public sealed record LokiServerOptions
{
    /// <summary>Used as it is; a user and password in it become basic authentication.</summary>
    public required Uri Url { get; init; }

    /// <summary>From the first byte sent to the last byte of the answer, connecting included. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Sent with each request, unless Weir sets the header itself.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
