using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weir.Node.Sources.Syslog;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;
using Weir.Routing.Relabeling;
using Weir.Support;

namespace Weir.Node.Tests.Sources.Syslog;

/// <summary>The source with real sockets.</summary>
public sealed class SyslogSourceTests : IAsyncLifetime
{
    private readonly CollectingReceiver _receiver = new();
    private readonly RecordingHost _host = new("loki.source.syslog.t");
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private SyslogSource _source = null!;
    private SyslogSourceOptions _options = new();

    private static ListenerOptions Tcp => new()
    {
        Address = "127.0.0.1:0",
        Labels = new Dictionary<string, string> { ["job"] = "syslog" },
    };

    private static ListenerOptions Udp => Tcp with { Protocol = ListenerProtocol.Udp };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    [Fact]
    public async Task Messages_over_tcp_become_lines_with_the_labels_that_rules_make()
    {
        _options = _options with
        {
            RelabelRules = Copying(
                "__syslog_message_severity", "level", "__syslog_message_facility", "facility",
                "__syslog_message_hostname", "host", "__syslog_message_app_name", "app",
                "__syslog_message_proc_id", "pid", "__syslog_message_msg_id", "id",
                "__syslog_connection_ip_address", "from", "__syslog_connection_hostname", "peer",
                "__syslog_message_sd_a_1_b", "b"),
        };
        var port = await StartAsync(Tcp with { LabelStructuredData = true });

        await SendTcpAsync(port,
            "<165>1 2003-10-11T22:14:15Z h su 12 ID47 [a@1 b=\"x\\]\" c=\"d\"] one\n<11>1 - - - - - - two");

        Assert.Equal(["one", "two"], await _receiver.LinesAsync(2));
        Assert.Equal("""{app="su", b="x]", facility="local4", from="127.0.0.1", host="h", id="ID47", """
            + """job="syslog", level="notice", peer="name-of-127.0.0.1", pid="12"}""", _receiver.Entries[0].Stream);
        Assert.Equal("""{facility="user", from="127.0.0.1", job="syslog", level="error", """
            + """peer="name-of-127.0.0.1"}""", _receiver.Entries[1].Stream);
        Assert.Equal(2, _host.Metrics.Sum("loki_source_syslog_entries_total"));
    }

    [Fact]
    public async Task Incoming_timestamps_and_whole_messages_are_taken_where_asked_for()
    {
        var port = await StartAsync(Tcp with { UseIncomingTimestamp = true, UseWholeMessage = true });
        const string message = "<165>1 2003-10-11T22:14:15Z h su - - - one";

        await SendTcpAsync(port, $"{message}\n{message}\n");

        Assert.Equal([message, message], await _receiver.LinesAsync(2));
        Assert.Equal([1_065_910_455_000_000_000, 1_065_910_455_000_000_001],
            _receiver.Entries.Select(entry => entry.Timestamp));
    }

    [Fact]
    public async Task What_is_malformed_too_long_empty_or_unwanted_is_counted_and_the_rest_is_delivered()
    {
        _options = _options with
        {
            RelabelRules = new RelabelRules([new RuleOptions
            {
                SourceLabels = ["__syslog_message_app_name"], Regex = "noisy", Action = RelabelAction.Drop,
            }]),
        };
        var port = await StartAsync(Tcp with { MessageBytesMax = 100 });

        await SendTcpAsync(port, $"<13>1 - - - - - -\n<13>what\n<13>1 - - - - - - {new string('x', 200)}\n"
            + "<13>1 - - noisy - - - x\n<13>1 - - - - - - bad \u00ff\n<13>1 - - - - - - end", Encoding.Latin1);

        Assert.Equal(["bad \ufffd", "end"], await _receiver.LinesAsync(2));
        Assert.Equal(2, _host.Metrics.Sum("loki_source_syslog_parsing_errors_total"));
        Assert.Equal(1, _host.Metrics.Sum("loki_source_syslog_empty_messages_total"));
        Assert.Equal(2, _host.Metrics.Sum("weir_source_syslog_dropped_messages_total"));
        Assert.Equal(1, _host.Metrics.Sum("weir_source_syslog_invalid_bytes_total"));
        Assert.Contains(_host.Log.Lines, line => line.Contains("rfc3164", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_without_framing_is_closed_and_the_next_one_is_served()
    {
        var port = await StartAsync(Tcp);
        using var lost = new TcpClient("127.0.0.1", port);
        await lost.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        Assert.Equal(0, await ReadAsync(lost));

        await SendTcpAsync(port, "22 <13>1 - - - - - - line\n");

        Assert.Equal(["line"], await _receiver.LinesAsync(1));
        Assert.Equal(1, _host.Metrics.Sum("weir_source_syslog_closed_connections_total"));
    }

    [Fact]
    public async Task A_silent_connection_is_closed_after_idle_timeout()
    {
        var port = await StartAsync(Tcp with { IdleTimeout = TimeSpan.FromMilliseconds(50) });
        using var silent = new TcpClient("127.0.0.1", port);

        Assert.Equal(0, await ReadAsync(silent));

        Assert.Equal(1, _host.Metrics.Sum("weir_source_syslog_closed_connections_total"));
    }

    [Fact]
    public async Task A_sender_over_tcp_waits_while_the_pipeline_is_full_and_nothing_is_lost()
    {
        const int lines = 200_000;
        var port = await StartAsync(Tcp);
        _receiver.Close();
        var text = string.Concat(Enumerable.Range(0, lines).Select(i => $"<13>1 - - - - - - line {i}\n"));
        var sending = SendTcpAsync(port, text);
        using var other = new TcpClient("127.0.0.1", port);
        await other.GetStream().WriteAsync("<13>1 - - - - - - other"u8.ToArray());
        await UntilAsync(() => _host.Metrics.Sum("loki_source_syslog_entries_total") > 1);
        Assert.True(_host.Metrics.Sum("loki_source_syslog_entries_total") < lines);

        _receiver.Open();
        await sending;

        other.Close();
        var received = await _receiver.LinesAsync(lines + 1);
        Assert.Equal(Enumerable.Range(0, lines).Select(i => $"line {i}"), received.Where(line => line != "other"));
    }

    [Fact]
    public async Task Other_labels_leave_connections_open()
    {
        var port = await StartAsync(Tcp);
        using var sender = new TcpClient("127.0.0.1", port);
        await sender.GetStream().WriteAsync("<13>1 - - - - - - a\n"u8.ToArray());
        await _receiver.LinesAsync(1);

        await ApplyAsync(Tcp with { Labels = new Dictionary<string, string> { ["job"] = "new" } });
        await _host.ReportedAsync(HealthState.Healthy, "listens");
        await UntilAppliedAsync(sender, """{job="new"}""");

        Assert.Equal(port, PortOf(0));
    }

    [Fact]
    public async Task A_listener_that_is_gone_closes_its_socket_and_a_new_one_opens_its_own()
    {
        var port = await StartAsync(Tcp);

        await ApplyAsync(Udp);
        await _host.ReportedAsync(HealthState.Healthy, "listens on 127.0.0.1");
        using var sender = new TcpClient();

        await UntilAsync(() => _source.Status is SyslogStatus { Listeners: [{ Protocol: "udp", Bound: not null }] });
        await Assert.ThrowsAsync<SocketException>(async () => await sender.ConnectAsync("127.0.0.1", port));
    }

    [Fact]
    public async Task A_taken_address_is_told_and_tried_again()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();

        await OpenAsync(Tcp with { Address = taken.LocalEndPoint!.ToString()! });

        await _host.ReportedAsync(HealthState.Unhealthy, "cannot listen on 127.0.0.1:");
    }

    [Theory]
    [InlineData("<13>1 - - - - - - one", "one")]
    [InlineData("<13>1 - - - - - - one\n", "one")]
    [InlineData("<13>1 - - - - - - one\ntwo\n", "one\ntwo")]
    [InlineData("<13>1 - - - - - - one\n<13>1 - - - - - - two\n", "one,two")]
    [InlineData("21 <13>1 - - - - - - one", "one")]
    public async Task Datagrams_become_lines(string datagram, string expected)
    {
        var port = await StartAsync(Udp);

        await SendUdpAsync(port, datagram);

        var lines = expected.Split(',');
        Assert.Equal(lines, await _receiver.LinesAsync(lines.Length));
    }

    [Fact]
    public async Task Datagrams_that_find_the_queue_full_are_counted_one_by_one()
    {
        var port = await StartAsync(Udp with { MessageBytesMax = 65_535 });
        _receiver.Close();
        using var sender = new UdpClient("127.0.0.1", port);
        var datagram = Encoding.UTF8.GetBytes($"<13>1 - - - - - - {new string('x', 60_000)}");
        var sent = 0;
        while (_host.Metrics.Sum("weir_source_syslog_dropped_messages_total") == 0)
        {
            await sender.SendAsync(datagram);
            sent++;
            await Task.Yield();
        }

        _receiver.Open();
        await UntilAsync(() =>
            _receiver.Entries.Count + _host.Metrics.Sum("weir_source_syslog_dropped_messages_total") >= sent);

        Assert.Equal(sent, _receiver.Entries.Count + _host.Metrics.Sum("weir_source_syslog_dropped_messages_total"));
    }

    [Fact]
    public async Task Over_tls_a_handshake_that_fails_costs_only_its_connection()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var port = await StartAsync(Tcp with
        {
            Tls = new TlsOptions
            {
                CertificatePem = certificate.ExportCertificatePem(),
                KeyPem = new Secret(key.ExportPkcs8PrivateKeyPem()),
            },
        });
        using var plain = new TcpClient("127.0.0.1", port);
        await plain.GetStream().WriteAsync("<13>1 - - - - - - not for me\n"u8.ToArray());
        await UntilAsync(() => _host.Metrics.Sum("weir_source_syslog_closed_connections_total") == 1);

        using var client = new TcpClient("127.0.0.1", port);
        await using var secured = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        await secured.AuthenticateAsClientAsync("localhost");
        await secured.WriteAsync("<13>1 - - - - - - in private\n"u8.ToArray());

        Assert.Equal(["in private"], await _receiver.LinesAsync(1));
    }

    [Fact]
    public async Task Raw_lines_are_delivered_as_they_are()
    {
        var port = await StartAsync(Tcp with { Format = SyslogFormat.Raw });

        await SendTcpAsync(port, "12 anything\n{\"a\":1}\n");

        Assert.Equal(["12 anything", "{\"a\":1}"], await _receiver.LinesAsync(2));
    }

    [Theory]
    [InlineData("--tcp --rfc5424", "rfc5424")]
    [InlineData("--tcp --rfc5424 --octet-count", "rfc5424")]
    [InlineData("--udp --rfc5424", "rfc5424")]
    [InlineData("--tcp --rfc3164", "rfc3164")]
    [InlineData("--udp --rfc3164", "rfc3164")]
    public async Task Messages_of_logger_are_read(string arguments, string format)
    {
        _options = _options with { RelabelRules = Copying("__syslog_message_app_name", "app") };
        var listener = arguments.Contains("--udp", StringComparison.Ordinal) ? Udp : Tcp;
        var port = await StartAsync(listener with
        {
            Format = format == "rfc3164" ? SyslogFormat.Rfc3164 : SyslogFormat.Rfc5424,
            UseIncomingTimestamp = true,
        });

        using var logger = Process.Start("logger", $"-n 127.0.0.1 -P {port} {arguments} -t tried hello there");
        await logger.WaitForExitAsync();

        Assert.Equal(["hello there"], await _receiver.LinesAsync(1));
        Assert.Equal("""{app="tried", job="syslog"}""", _receiver.Entries[0].Stream);
    }

    private static RelabelRules Copying(params string[] pairs) => new(pairs.Chunk(2).Select(pair =>
        new RuleOptions { SourceLabels = [pair[0]], TargetLabel = pair[1] }));

    private static async Task SendTcpAsync(int port, string text, Encoding? encoding = null)
    {
        using var client = new TcpClient("127.0.0.1", port);
        await client.GetStream().WriteAsync((encoding ?? Encoding.UTF8).GetBytes(text));
    }

    private static async Task SendUdpAsync(int port, string text)
    {
        using var client = new UdpClient("127.0.0.1", port);
        await client.SendAsync(Encoding.UTF8.GetBytes(text));
    }

    /// <returns>0 when the other side closed it.</returns>
    private static async Task<int> ReadAsync(TcpClient client) =>
        await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds()) await Task.Delay(10, limit.Token);
    }

    private async Task UntilAppliedAsync(TcpClient sender, string stream)
    {
        for (var i = 2; _receiver.Entries[^1].Stream != stream; i++)
        {
            await sender.GetStream().WriteAsync("<13>1 - - - - - - b\n"u8.ToArray());
            await _receiver.LinesAsync(i);
        }
    }

    private int PortOf(int index) =>
        IPEndPoint.Parse(((SyslogStatus)_source.Status!).Listeners[index].Bound!).Port;

    private async Task OpenAsync(params ListenerOptions[] listeners)
    {
        _source = new SyslogSource(_host, new SyslogPeers((address, _) => Task.FromResult($"name-of-{address}")));
        await ApplyAsync(listeners);
        _running = _source.RunAsync(_stop.Token);
    }

    private async Task<int> StartAsync(params ListenerOptions[] listeners)
    {
        await OpenAsync(listeners);
        await _host.ReportedAsync(HealthState.Healthy, "listens on 127.0.0.1");
        return PortOf(0);
    }

    private ValueTask ApplyAsync(params ListenerOptions[] listeners)
    {
        _options = _options with { ForwardTo = [_receiver], Listeners = listeners };
        return _source.ApplyAsync((object)_options, default);
    }
}
