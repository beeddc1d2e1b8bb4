using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Weir.Cluster.Tests.Support;

/// <summary>A real RabbitMQ node in a process of its own: own ports, name, cookie and folder, and an own port mapper,
/// so
/// that it meets no other.</summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private const string Scripts = "/usr/lib/rabbitmq/lib";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-rabbitmq-").FullName;
    private readonly string _name;
    private readonly string _home;
    private readonly int _distributionPort = FreePort();
    private readonly PortMapper _mapper;
    private readonly bool _ownsMapper;
    private readonly StringBuilder _log = new();
    private Process? _server;

    private RabbitMqServer(RabbitMqServer? first, int number)
    {
        _name = $"weir{number}@localhost";
        _home = first?._home ?? Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName;
        _ownsMapper = first is null;
        _mapper = first?._mapper ?? new PortMapper();
        File.WriteAllText(Path.Combine(_folder, "plugins"), "[].");
        // A test machine's disk may have less free than the default asks for.
        WriteCertificates();
        File.WriteAllText(Path.Combine(_folder, "rabbit.conf"), $$"""
            listeners.ssl.1 = 127.0.0.1:{{TlsPort}}
            ssl_options.cacertfile = {{AuthorityPath}}
            ssl_options.certfile = {{_folder}}/server.pem
            ssl_options.keyfile = {{_folder}}/server.key
            ssl_options.verify = verify_none
            log.console = true
            log.console.level = info
            log.file = false
            disk_free_limit.absolute = 1MB
            loopback_users = none
            """);
    }

    public int Port { get; } = FreePort();

    public int TlsPort { get; } = FreePort();

    public string Url => $"amqp://127.0.0.1:{Port}";

    /// <summary>The certificate that vouches for the server's.</summary>
    public string AuthorityPath => Path.Combine(_folder, "authority.pem");

    /// <summary>Of all its processors, since its last start.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            if (_server is not { HasExited: false } server) return TimeSpan.Zero;
            server.Refresh();
            return server.TotalProcessorTime;
        }
    }

    public string Log
    {
        get { lock (_log) return _log.ToString(); }
    }

    /// <summary>The folder of its scripts, whichever version is installed.</summary>
    private static string ScriptsFolder { get; } = Path.Combine(
        Directory.GetDirectories(Scripts, "rabbitmq_server-*").Order(StringComparer.Ordinal).Last(), "sbin");

    /// <summary>A node alone, or one more beside <paramref name="first"/>, in its cluster.</summary>
    public static async Task<RabbitMqServer> StartAsync(RabbitMqServer? first = null, int number = 1)
    {
        var server = new RabbitMqServer(first, number);
        try
        {
            await server.ReturnAsync();
            if (first is not null) await server.JoinAsync(first);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, with what it had on disk.</summary>
    public async Task ReturnAsync()
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _server = new Process { StartInfo = StartOf("rabbitmq-server") };
        void Note(object sender, DataReceivedEventArgs line)
        {
            lock (_log) _log.AppendLine(line.Data);
            if (line.Data?.Contains("Server startup complete", StringComparison.Ordinal) == true)
                started.TrySetResult();
        }

        _server.OutputDataReceived += Note;
        _server.ErrorDataReceived += Note;
        _server.Start();
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        var exited = _server.WaitForExitAsync();
        var first = await Task.WhenAny(started.Task, exited, Task.Delay(Patience));
        Assert.True(first == started.Task, $"RabbitMQ did not start:\n{Log}");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_server is not { HasExited: false } server) return;
        server.Kill(entireProcessTree: true);
        await server.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task StopAsync()
    {
        if (_server is not { HasExited: false } server) return;
        using var kill = Process.Start("kill", ["-TERM", $"{server.Id}"]);
        await kill.WaitForExitAsync();
        await server.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Runs <c>rabbitmqctl</c> against this node.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        using var control = Process.Start(StartOf("rabbitmqctl", ["-q", "-n", _name, .. arguments]))!;
        var output = control.StandardOutput.ReadToEndAsync();
        var errors = control.StandardError.ReadToEndAsync();
        await control.WaitForExitAsync().WaitAsync(Patience);
        var said = await output + await errors;
        Assert.True(control.ExitCode == 0, $"rabbitmqctl {string.Join(' ', arguments)}: {said}");
        return said;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _server?.Dispose();
        if (_ownsMapper) await _mapper.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task JoinAsync(RabbitMqServer first)
    {
        await ControlAsync("stop_app");
        await ControlAsync("join_cluster", first._name);
        await ControlAsync("start_app");
    }

    private ProcessStartInfo StartOf(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(ScriptsFolder, script), arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _folder,
        };
        var environment = start.Environment;
        environment["HOME"] = _home; // of the cookie
        environment["ERL_EPMD_PORT"] = $"{_mapper.Port}";
        environment["RABBITMQ_NODENAME"] = _name;
        environment["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1";
        environment["RABBITMQ_NODE_PORT"] = $"{Port}";
        environment["RABBITMQ_DIST_PORT"] = $"{_distributionPort}";
        environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia");
        environment["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log");
        environment["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid");
        environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins");
        environment["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbit");
        environment["RUNNING_UNDER_SYSTEMD"] = "1"; // no shell between this process and the server
        return start;
    }

    private void WriteCertificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=weir test authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        using var signer = authority.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        server.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var signed = server.Create(signer, now.AddDays(-1), now.AddDays(1), [1]);
        File.WriteAllText(AuthorityPath, signer.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "server.pem"), signed.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Erlang's port mapper, in the foreground: one that a node starts by itself outlives it.</summary>
    private sealed class PortMapper : IAsyncDisposable
    {
        private readonly Process _process;

        public PortMapper()
        {
            Port = FreePort();
            var start = new ProcessStartInfo("epmd", ["-address", "127.0.0.1", "-port", $"{Port}"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            _process = Process.Start(start)!;
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public int Port { get; }

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
