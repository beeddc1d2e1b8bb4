using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weir.Bench.Throughput;

/// <summary>A RabbitMQ node of the benchmark's own, as Debian packages it.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private const string Scripts = "/usr/lib/rabbitmq/lib";

    private readonly Process _mapper;
    private readonly Process _server;

    /// <param name="folder">Its data and its cookie are kept here.</param>
    public Broker(string folder)
    {
        var mapperPort = FreePort();
        // Else the node starts one that outlives it.
        _mapper = Process.Start(Quietly("epmd", ["-address", "127.0.0.1", "-port", $"{mapperPort}"]))!;
        var script = Directory.GetDirectories(Scripts, "rabbitmq_server-*").Order(StringComparer.Ordinal).Last();
        var start = Quietly(Path.Combine(script, "sbin", "rabbitmq-server"), []);
        File.WriteAllText(Path.Combine(folder, "plugins"), "[].");
        File.WriteAllText(Path.Combine(folder, "rabbit.conf"), "disk_free_limit.absolute = 1MB\n");
        start.Environment["HOME"] = folder;
        start.Environment["ERL_EPMD_PORT"] = $"{mapperPort}";
        start.Environment["RABBITMQ_NODENAME"] = "bench@localhost";
        start.Environment["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1";
        start.Environment["RABBITMQ_NODE_PORT"] = $"{Port}";
        start.Environment["RABBITMQ_DIST_PORT"] = $"{FreePort()}";
        start.Environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "mnesia");
        start.Environment["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log");
        start.Environment["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid");
        start.Environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "plugins");
        start.Environment["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbit");
        start.Environment["RUNNING_UNDER_SYSTEMD"] = "1"; // no shell between this process and the server
        _server = Process.Start(start)!;
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
    }

    public string Url => $"amqp://127.0.0.1:{Port}";

    public ProcessCost Cost => ProcessCost.Of(_server.Id);

    private int Port { get; } = FreePort();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _server, _mapper })
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private static ProcessStartInfo Quietly(string program, string[] arguments) => new(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
