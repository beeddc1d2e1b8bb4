using System.CommandLine;
using System.Net;
using Weir.Node.Agent;
using Weir.Node.Sqlite;
using Weir.Routing.Language;

namespace Weir.Node.Commands;

/// <summary><c>weir run [PATH]</c>, with Alloy's flags where they exist.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var path = ConfigurationArgument.Optional(
            "A configuration file or a folder of *.alloy files. "
            + "Without it Weir collects this host's containers and log files.");
        var address = new Option<string>("--server.http.listen-addr")
        {
            Description = "Where the admin endpoint listens.",
            DefaultValueFactory = _ => "127.0.0.1:12345",
        };
        var storage = new Option<string>("--storage.path")
        {
            Description = "Where the spool and the positions are kept.",
            DefaultValueFactory = _ => "data-weir/",
        };
        var spool = new Option<string>("--spool.max-bytes")
        {
            Description = "Disk budget of the spool; sources wait when it is used up.",
            DefaultValueFactory = _ => new ByteSize(SpoolOptions.BytesDefault).ToString(),
        };
        var store = new Option<bool?>("--store.enabled")
        {
            Description = "Serve the embedded Loki-compatible store on the admin endpoint. "
                + "On without a configuration, off with one unless given.",
        };
        var stability = new Option<string>("--stability.level")
        {
            Description = "generally-available, public-preview or experimental.",
            DefaultValueFactory = _ => "generally-available",
        };
        stability.AcceptOnlyFromAmong("generally-available", "public-preview", "experimental");
        var format = new ConfigurationArgument.FormatOptions();
        var command = new Command("run", "Run the node.") { path, address, storage, spool, store, stability };
        format.AddTo(command);
        AlloyFlags.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            if (!TryParseAddress(parsed.GetValue(address)!, out var endpoint))
            {
                Console.Error.WriteLine($"weir: --server.http.listen-addr {parsed.GetValue(address)} is no address: "
                    + "write it as 127.0.0.1:12345");
                return Task.FromResult(1);
            }

            if (!TryParseBudget(parsed.GetValue(spool)!, out var spoolBytesMax, out var problem))
            {
                Console.Error.WriteLine($"weir: --spool.max-bytes {parsed.GetValue(spool)}: {problem}");
                return Task.FromResult(1);
            }

            var settings = new NodeSettings(
                parsed.GetValue(path), format.Value(parsed), endpoint, parsed.GetValue(storage)!, spoolBytesMax,
                parsed.GetValue(store), parsed.GetValue(stability)!);
            return NodeProcess.RunAsync(settings, cancel);
        });
        return command;
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
