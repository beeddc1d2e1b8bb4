using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Weir.Node.Agent;
using Weir.Node.Cluster;
using Weir.Node.Sqlite;
using Weir.Routing.Language;

namespace Weir.Node.Commands;

/// <summary>What <c>weir run</c> is told on its command line.</summary>
internal sealed class RunFlags
{
    private readonly Argument<string?> _path = ConfigurationArgument.Optional(
        "A configuration file or a folder of *.alloy files. "
        + "Without it Weir collects this host's containers and log files.");

    private readonly Option<string?> _hostFolder = new("--config.host-dir")
    {
        Description = "A folder with a configuration a host: HOSTNAME.alloy if it is there, else default.alloy.",
    };

    private readonly Option<string> _address = new("--server.http.listen-addr")
    {
        Description = "Where the admin endpoint listens.",
        DefaultValueFactory = _ => "127.0.0.1:12345",
    };

    private readonly Option<string?> _token = new("--server.http.token-file")
    {
        Description = "Holds the bearer token of the admin endpoint; without it WEIR_TOKEN counts. Needed as soon as "
            + "the address is not loopback.",
    };

    private readonly Option<string> _storage = new("--storage.path")
    {
        Description = "Where the spool and the positions are kept.",
        DefaultValueFactory = _ => "data-weir/",
    };

    private readonly Option<string> _spool = new("--spool.max-bytes")
    {
        Description = "Disk budget of the spool; sources wait when it is used up.",
        DefaultValueFactory = _ => new ByteSize(SpoolOptions.BytesDefault).ToString(),
    };

    private readonly Option<bool?> _store = new("--store.enabled")
    {
        Description = "Serve the embedded Loki-compatible store on the admin endpoint. "
            + "On without a configuration, off with one unless given.",
    };

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Print what would be pushed and where, an entry a line; deliver nothing and keep no position. "
            + "It ends at Ctrl-C.",
    };

    private readonly ConfigurationArgument.StabilityOption _stability = new();

    private readonly ConfigurationArgument.FormatOptions _format = new();

    private readonly ClusterFlags _cluster = new();

    public void AddTo(Command command)
    {
        command.Add(_path);
        foreach (Option option in new Option[] { _hostFolder, _address, _token, _storage, _spool, _store, _dryRun })
            command.Add(option);
        _stability.AddTo(command);
        _format.AddTo(command);
        _cluster.AddTo(command);
    }

    /// <summary>Whether nothing is to be delivered.</summary>
    public bool IsDryRun(ParseResult parsed) => parsed.GetValue(_dryRun);

    /// <param name="parsed">The command line.</param>
    /// <param name="settings">What it asks for; null when false is returned.</param>
    /// <param name="problem">What is wrong, and how to write it.</param>
    public bool TryRead(ParseResult parsed, [NotNullWhen(true)] out NodeSettings? settings, out string problem)
    {
        settings = null;
        if (!TryParseAddress(parsed.GetValue(_address)!, out var endpoint))
        {
            problem = $"--server.http.listen-addr {parsed.GetValue(_address)} is no address: "
                + "write it as 127.0.0.1:12345";
            return false;
        }

        if (!TryParseBudget(parsed.GetValue(_spool)!, out var spoolBytesMax, out problem))
        {
            problem = $"--spool.max-bytes {parsed.GetValue(_spool)}: {problem}";
            return false;
        }

        var (path, hostFolder) = (parsed.GetValue(_path), parsed.GetValue(_hostFolder));
        if (path is not null && hostFolder is not null)
        {
            problem = "give a PATH or --config.host-dir, not both";
            return false;
        }

        if (IsDryRun(parsed) && path is null && hostFolder is null)
        {
            problem = "--dry-run needs a PATH";
            return false;
        }

        settings = new NodeSettings(
            path, hostFolder, _format.Value(parsed), endpoint, parsed.GetValue(_token),
            parsed.GetValue(_storage)!, spoolBytesMax, parsed.GetValue(_store), _stability.Value(parsed),
            _cluster.Value(parsed).Over(ClusterOverrides.Of(Environment.GetEnvironmentVariable)));
        return true;
    }

    private static bool TryParseBudget(string text, out long bytes, out string problem)
    {
        var isSize = ByteSize.TryParse(text, out var size, out problem);
        bytes = size.Bytes;
        if (!isSize || bytes >= NodeSettings.SpoolBytesMin) return isSize;
        problem = $"the smallest budget is {new ByteSize(NodeSettings.SpoolBytesMin)}";
        return false;
    }

    private static bool TryParseAddress(string text, out IPEndPoint endpoint)
    {
        // Alloy takes ":12345" for every address.
        if (text.StartsWith(':')) text = "0.0.0.0" + text;
        if (text.StartsWith("localhost:", StringComparison.Ordinal)) text = "127.0.0.1" + text["localhost".Length..];
        return IPEndPoint.TryParse(text, out endpoint!);
    }
}
