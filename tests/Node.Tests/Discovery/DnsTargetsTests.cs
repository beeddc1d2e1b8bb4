using System.Net;
using System.Net.Sockets;
using Weir.Node.Discovery;
using Weir.Protocol.Dns;
using Weir.Routing.Components;
using Weir.Support;

namespace Weir.Node.Tests.Discovery;

public sealed class DnsTargetsTests
{
    private const string Address = "c00c 0001 0001 0000003c 0004 0a000001";
    private const string Alias = "c00c 0005 0001 0000003c 0003 0178 00";

    private static DnsResolver Resolver(ResolverSettings settings) =>
        new(() => settings, new Random(1), TimeProvider.System);

    private static async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> DiscoverAsync(
        NameServer server, DnsTargetsOptions options, int count)
    {
        var host = new RecordingHost("discovery.dns.d");
        await using var component = new DnsTargets(host, Resolver(server.Settings));
        using var stop = new CancellationTokenSource();
        await ((IComponent)component).ApplyAsync(options, default);
        var running = component.RunAsync(stop.Token);
        var exports = await host.ExportedAsync<DiscoveredTargets>(
            $"{count} targets", exported => exported.Targets.Count == count && !server.Asked.IsEmpty);
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return exports.Targets;
    }

    private static string Text(IReadOnlyDictionary<string, string> target) => string.Join(
        ' ', target.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));

    [Theory]
    [InlineData(DnsTargetType.Srv, 33, "c00c 0021 0001 0000003c 000b 0001 0002 1f90 0161 0178 00",
        "__address__=a.x:8080 __meta_dns_name=web __meta_dns_srv_record_port=8080 __meta_dns_srv_record_target=a.x.")]
    [InlineData(DnsTargetType.A, 1, Address, "__address__=10.0.0.1:9 __meta_dns_name=web")]
    [InlineData(DnsTargetType.Aaaa, 28, "c00c 001c 0001 00000000 0010 20010db8000000000000000000000001",
        "__address__=[2001:db8::1]:9 __meta_dns_name=web")]
    [InlineData(DnsTargetType.Mx, 15, "c00c 000f 0001 00000000 0005 000a 016d 00",
        "__address__=m:9 __meta_dns_mx_record_target=m. __meta_dns_name=web")]
    [InlineData(DnsTargetType.Ns, 2, "c00c 0002 0001 00000000 0003 016e 00",
        "__address__=n:9 __meta_dns_name=web __meta_dns_ns_record_target=n.")]
    public async Task Every_kind_of_record_has_its_labels(DnsTargetType type, int number, string record, string target)
    {
        await using var server = new NameServer(_ => (NameServer.Success, [Alias, record]));

        var targets = await DiscoverAsync(
            server, new DnsTargetsOptions { Names = ["web"], Type = type, Port = 9 }, 1);

        Assert.Equal(target, Text(Assert.Single(targets)));
        Assert.Contains($"udp web. {number}", server.Asked);
    }

    [Fact]
    public async Task A_name_that_cannot_be_looked_up_keeps_its_targets_and_the_health_says_why()
    {
        var fails = false;
        await using var server = new NameServer(asked =>
            fails && asked.StartsWith('a') ? (NameServer.Refused, []) : (NameServer.Success, [Address]));
        var host = new RecordingHost("discovery.dns.d");
        await using var component = new DnsTargets(host, Resolver(server.Settings));
        using var stop = new CancellationTokenSource();
        await ((IComponent)component).ApplyAsync(
            new DnsTargetsOptions
            {
                Names = ["a", "b"], Type = DnsTargetType.A, Port = 1, RefreshInterval = TimeSpan.FromMilliseconds(10),
            },
            default);

        var running = component.RunAsync(stop.Token);
        await host.ReportedAsync(HealthState.Healthy, "2 targets");
        fails = true;
        var problem = await host.ReportedAsync(HealthState.Unhealthy, "refused");
        var last = await host.ExportedAsync<DiscoveredTargets>("both", exported => exported.Targets.Count == 2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.StartsWith("a: name server", problem, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], last.Targets.Select(target => target["__meta_dns_name"]));
    }

    [Fact]
    public async Task What_does_not_fit_a_datagram_is_asked_for_over_TCP()
    {
        await using var server = new NameServer(_ => (NameServer.Success, [Address, Address])) { Truncates = true };

        var records = await Resolver(server.Settings).ResolveAsync("x", DnsType.A, default);

        Assert.Equal(2, records.Count);
        Assert.Equal(["udp x. 1", "tcp x. 1"], server.Asked);
    }

    [Fact]
    public async Task Names_are_tried_in_the_search_domains_and_a_name_that_is_nowhere_has_no_records()
    {
        await using var server = new NameServer(asked => asked.StartsWith("db.two.", StringComparison.Ordinal)
            ? (NameServer.Success, [Address]) : (NameServer.NameError, []));
        var settings = server.Settings with { Search = ["one", "two."] };

        var found = await Resolver(settings).ResolveAsync("db", DnsType.A, default);
        var missing = await Resolver(settings).ResolveAsync("no.where", DnsType.A, default);

        Assert.Single(found);
        Assert.Empty(missing);
        Assert.Equal(
            ["udp db.one. 1", "udp db.two. 1", "udp no.where. 1", "udp no.where.one. 1", "udp no.where.two. 1"],
            server.Asked);
    }

    [Fact]
    public async Task Another_server_is_asked_when_one_refuses_or_is_not_there()
    {
        await using var refusing = new NameServer(_ => (NameServer.Refused, []));
        await using var good = new NameServer(_ => (NameServer.Success, [Address]));
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var gone = (IPEndPoint)bound.LocalEndPoint!;
        bound.Close();
        var settings = good.Settings with { Servers = [gone, refusing.Endpoint, good.Endpoint] };

        var records = await Resolver(settings).ResolveAsync("x", DnsType.A, default);
        var failure = await Assert.ThrowsAsync<ComponentException>(() =>
            Resolver(refusing.Settings).ResolveAsync("x", DnsType.A, default));

        Assert.Single(records);
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_s_settings_are_read()
    {
        var settings = ResolverSettings.Parse("""
            # by hand
            nameserver 10.0.0.53
            nameserver fe80::1%eth0 ; local
            nameserver nonsense
            search example.com corp.
            options ndots:5 timeout:99 attempts:0 rotate
            """);

        Assert.Equal(["10.0.0.53:53"], settings.Servers.Take(1).Select(server => server.ToString()));
        Assert.Equal(["example.com", "corp."], settings.Search);
        Assert.Equal((5, TimeSpan.FromSeconds(30), 1), (settings.Dots, settings.Timeout, settings.Attempts));
        Assert.Equal(["a.b.example.com.", "a.b.corp.", "a.b."], settings.NamesOf("a.b"));
        Assert.Equal(["a.b."], settings.NamesOf("a.b."));
        Assert.Equal("127.0.0.1:53", Assert.Single(ResolverSettings.Parse("").Servers).ToString());
    }

    [Fact]
    public void No_text_of_settings_crashes_the_reader()
    {
        string[] pieces = ["nameserver ", "search ", "options ", "ndots:", "timeout:", "-1", "99999999999", ".", "::1",
            "\n", " ", "\t", "#", ";", "é", "a"];
        for (var seed = 0; seed < 2_000; seed++)
        {
            var text = Fuzz.Text(new Random(seed), pieces, 20);

            var settings = ResolverSettings.Parse(text);

            Assert.True(settings.Servers.Count > 0 && settings.NamesOf("x").Any(), $"seed {seed}");
        }
    }
}
