using System.Diagnostics.CodeAnalysis;
using Weir.Routing.Language;

namespace Weir.Node.RabbitMq;

/// <summary>One broker of the list, as its URL states it.</summary>
/// <param name="VirtualHost">"/" where the URL names none.</param>
/// <param name="Username">"" where the URL names none; then the cluster's own credentials serve.</param>
internal sealed record BrokerAddress(
    string Host, int Port, bool IsTls, string VirtualHost, string Username, Secret Password)
{
    private const int PlainPort = 5672;
    private const int TlsPort = 5671;

    /// <summary>For logs: never with credentials.</summary>
    public override string ToString() => $"{Host}:{Port}";

    /// <param name="problem">Why not; without what the URL says, for that may hold a password.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out BrokerAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        problem = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("amqp" or "amqps"))
            problem = "a broker is written as amqp://host:5672/vhost or amqps://host:5671/vhost";
        else if (url.Host.Length == 0) problem = "the broker's URL names no host";
        else if (url.Query.Length > 0 || url.Fragment.Length > 0)
            problem = "a broker's URL takes no options: TLS is set in tls_config, all else by arguments of the block";
        else if (url.AbsolutePath.IndexOf('/', 1) > 0)
            problem = "a virtual host with a slash in its name is written with %2F in the URL";
        if (problem is not null) return false;
        var isTls = url!.Scheme == "amqps";
        var credentials = url.UserInfo.Split(':', 2);
        address = new BrokerAddress(
            url.IdnHost,
            url.Port > 0 ? url.Port : isTls ? TlsPort : PlainPort,
            isTls,
            url.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(url.AbsolutePath[1..]) : "/",
            Uri.UnescapeDataString(credentials[0]),
            new Secret(credentials.Length > 1 ? Uri.UnescapeDataString(credentials[1]) : ""));
        return true;
    }
}
