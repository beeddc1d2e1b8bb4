using System.Buffers;

namespace Weir.Routing.Components.Http;

/// <summary>Which names of headers a configuration may use.</summary>
public static class HeaderNames
{
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // Alloy refuses these: the client owns them.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "authorization", "host", "content-encoding", "content-length", "content-type", "user-agent", "connection",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "www-authenticate", "accept-encoding",
        "transfer-encoding",
    };

    public static bool IsReserved(string name) => Reserved.Contains(name);

    /// <summary>Whether HTTP can carry it.</summary>
    public static bool IsValid(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(TokenCharacters);
}
