using System.CommandLine;

namespace Weir.Node.Commands;

/// <summary>Which node a command asks.</summary>
internal static class AdminAddress
{
    public static Option<string> Option() => new("--addr", "--address")
    {
        Description = "The node's admin endpoint.",
        DefaultValueFactory = _ => "127.0.0.1:12345",
    };

    /// <exception cref="UriFormatException">It is no address.</exception>
    public static Uri Url(string address, string path) =>
        new(new Uri(address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}"), path);
}
