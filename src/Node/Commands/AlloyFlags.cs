using System.CommandLine;

namespace Weir.Node.Commands;

/// <summary>Flags of <c>alloy run</c> that mean nothing to Weir, taken so that a unit file or compose file starts it
/// unchanged.</summary>
internal static class AlloyFlags
{
    private static readonly string[] Values =
    [
        "--server.http.ui-path-prefix", "--server.http.memory-addr", "--server.http.enable-pprof",
        "--server.http.disable-support-bundle", "--disable-reporting",
        "--config.extra-args", "--feature.community-components.enabled", "--feature.component-shutdown-deadline",
        "--feature.prometheus.metric-validation-scheme", "--windows.priority",
        "--cluster.enabled", "--cluster.join-addresses", "--cluster.discover-peers",
        "--cluster.rejoin-interval", "--cluster.advertise-address", "--cluster.advertise-interfaces",
        "--cluster.max-join-peers", "--cluster.enable-tls", "--cluster.tls-ca-path",
        "--cluster.tls-cert-path", "--cluster.tls-key-path", "--cluster.tls-server-name",
        "--cluster.wait-for-size", "--cluster.wait-timeout",
    ];

    public static void AddTo(Command command)
    {
        foreach (var name in Values)
        {
            command.Add(new Option<string?>(name)
            {
                Description = "Taken for compatibility with Alloy; without effect.",
                Arity = ArgumentArity.ZeroOrOne,
                Hidden = true,
            });
        }
    }
}
