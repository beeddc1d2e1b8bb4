using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Weir.Node.Http;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Http;

public sealed class ProxyTests
{
    private static readonly IReadOnlyList<ReadOnlyMemory<byte>> Body = [new byte[50_000]];

    [Fact]
    public async Task A_plain_server_is_reached_through_the_proxy_with_its_user()
    {
        await using var server = await LoopbackServer.StartAsync();
        await using var proxy = new LoopbackProxy();
        using var client = LokiPushClientTests.Client(
            server.Url, new() { Proxy = new() { Url = proxy.Url("me:pa%3Ass@") } });

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal(new PushAnswer(PushOutcome.Answered, 204, default, ""), answer);
        Assert.Equal(50_000, Assert.Single(server.Seen).Body.Length);
        Assert.Contains(proxy.Heads, head => head.StartsWith($"POST http://localhost:{server.Port}/loki/api/v1/push"));
        Assert.Contains(proxy.Heads, head =>
            head.Contains("Proxy-Authorization: Basic " + Convert.ToBase64String("me:pa:ss"u8)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_TLS_server_is_reached_through_a_tunnel_with_configured_headers(bool headers)
    {
        await using var server = await LoopbackServer.StartAsync(https: https =>
            https.ServerCertificate = TlsTests.SelfSigned());
        await using var proxy = new LoopbackProxy();
        var options = new ProxyOptions { Url = proxy.Url() };
        if (headers)
            options = options with
            {
                ConnectHeaders = new Dictionary<string, IReadOnlyList<Secret>> { ["X-Zone"] = [new("blue")] },
            };
        using var client = LokiPushClientTests.Client(
            server.Url, new() { Proxy = options, Tls = new() { InsecureSkipVerify = true } });

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal(new PushAnswer(PushOutcome.Answered, 204, default, ""), answer);
        Assert.Equal("HTTP/2", Assert.Single(server.Seen).Protocol);
        var head = Assert.Single(proxy.Heads);
        Assert.StartsWith($"CONNECT localhost:{server.Port} HTTP/1.1\r\n", head);
        Assert.Equal(headers, head.Contains("\r\nX-Zone: blue\r\n"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_proxy_that_refuses_the_tunnel_sends_nothing(bool headers)
    {
        await using var proxy = new LoopbackProxy { Refuses = true };
        var options = new ProxyOptions { Url = proxy.Url("me:hunter2@") };
        if (headers)
            options = options with
            {
                ConnectHeaders = new Dictionary<string, IReadOnlyList<Secret>> { ["X-Zone"] = [new("blue")] },
            };
        using var client = LokiPushClientTests.Client(new("https://localhost:9/"), new() { Proxy = options });

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal(PushOutcome.NotSent, answer.Outcome);
        Assert.Contains("403", answer.Detail);
        Assert.DoesNotContain("hunter2", answer.Detail);
    }

    [Fact]
    public async Task A_server_on_the_list_of_exceptions_is_reached_directly()
    {
        await using var server = await LoopbackServer.StartAsync();
        await using var proxy = new LoopbackProxy();
        using var client = LokiPushClientTests.Client(
            server.Url, new() { Proxy = new() { Url = proxy.Url(), NoProxy = "example.org,localhost" } });

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal(204, answer.Status);
        Assert.Empty(proxy.Heads);
    }

    [Theory]
    [InlineData("*", "http://any.thing/", true)]
    [InlineData("example.org", "http://example.org/", true)]
    [InlineData("example.org", "http://a.Example.ORG/", true)]
    [InlineData("example.org", "http://badexample.org/", false)]
    [InlineData(".example.org", "http://example.org/", false)]
    [InlineData("*.example.org", "http://a.example.org/", true)]
    [InlineData("a, example.org:8080", "http://example.org:8080/", true)]
    [InlineData("example.org:8080", "http://example.org/", false)]
    [InlineData("10.0.0.0/8", "http://10.1.2.3:3100/", true)]
    [InlineData("10.0.0.0/8", "http://11.1.2.3/", false)]
    [InlineData("192.168.1.1", "http://192.168.1.1/", true)]
    [InlineData("fe80::1", "http://[fe80::1]/", true)]
    [InlineData("[::2]:80", "http://[::2]/", true)]
    [InlineData("2001:db8::/32", "http://[2001:db8::5]/", true)]
    [InlineData(" , /, 10.0.0.0/99, :", "http://10.0.0.1/", false)]
    [InlineData("", "http://example.org/", false)]
    public void The_list_of_exceptions_is_read_as_Go_reads_it(string list, string url, bool expected)
    {
        Assert.Equal(expected, new NoProxyList(list).Contains(new Uri(url)));
    }

    [Fact]
    public void No_list_of_exceptions_makes_the_reader_fail()
    {
        const string alphabet = "a.*:,/[]19 -\u00fc";
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var list = new string(random.GetItems<char>(alphabet, random.Next(30)));

            var fault = Record.Exception(() => new NoProxyList(list).Contains(new Uri("http://1.9.1.9:19/")));

            Assert.True(fault is null, $"seed {seed}: {list}: {fault}");
        }
    }

    /// <summary>A proxy that forwards one request a connection, or tunnels.</summary>
    private sealed class LoopbackProxy : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _accepting;

        public LoopbackProxy()
        {
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public bool Refuses { get; init; }

        public ConcurrentQueue<string> Heads { get; } = new();

        public string Url(string user = "") => $"http://{user}127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _accepting;
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            var served = new List<Task>();
            try
            {
                for (; ; ) served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(served);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            try
            {
                using var owned = client;
                await using var near = client.GetStream();
                var head = await ReadHeadAsync(near);
                Heads.Enqueue(head);
                if (!head.StartsWith("CONNECT ") && !head.Contains("Proxy-Authorization:") && head.Contains("/loki"))
                {
                    await near.WriteAsync(Ascii(
                        "HTTP/1.1 407 who?\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n"
                        + "Connection: close\r\n\r\n"), _stop.Token);
                    return;
                }

                if (Refuses)
                {
                    await near.WriteAsync(Ascii("HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n"), _stop.Token);
                    return;
                }

                var target = head.Split(' ')[1];
                var server = new Uri(target.StartsWith("http") ? target : "http://" + target);
                using var through = new TcpClient();
                await through.ConnectAsync(IPAddress.Loopback, server.Port, _stop.Token);
                await using var far = through.GetStream();
                if (head.StartsWith("CONNECT ")) await near.WriteAsync(Ascii("HTTP/1.1 200 go\r\n\r\n"), _stop.Token);
                else
                {
                    var origin = server.GetLeftPart(UriPartial.Authority);
                    await far.WriteAsync(Ascii(head.Replace(origin, "")), _stop.Token);
                }

                await Task.WhenAny(near.CopyToAsync(far, _stop.Token), far.CopyToAsync(near, _stop.Token));
            }
            catch (IOException)
            {
                // The client went away.
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }

        private async Task<string> ReadHeadAsync(Stream stream)
        {
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n") && await stream.ReadAsync(one, _stop.Token) > 0)
                head.Append((char)one[0]);
            return head.ToString();
        }

        private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
    }
}
