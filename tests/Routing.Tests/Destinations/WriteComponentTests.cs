using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Destinations;
using Weir.Routing.Lanes;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Destinations;

public sealed class WriteComponentTests
{
    private readonly DeliveryFixture _fixture = new();
    private readonly List<(EndpointOptions Options, ScriptedPushClient Client)> _opened = [];
    private readonly List<LookupAddress> _asked = [];
    private readonly Queue<PushAnswer> _answers = new();

    [Fact]
    public void Entries_sent_to_its_receiver_reach_its_endpoints() =>
        Run(async component =>
        {
            await component.ApplyAsync((object)Options(Endpoint("http://one/push"), Endpoint("http://two/push")),
                default);

            await _fixture.SendAsync("line");
            await _fixture.DeliveredAsync();

            Assert.All(_opened, one => Assert.Equal("line", DeliveryFixture.Lines(one.Client.Pushes)));
            Assert.Equal(2, _opened.Count);
        });

    [Fact]
    public void A_reload_keeps_the_clients_of_endpoints_that_did_not_change() =>
        Run(async component =>
        {
            await component.ApplyAsync((object)Options(Endpoint("http://one/push"), Endpoint("http://two/push")),
                default);

            await component.ApplyAsync(
                (object)Options(Endpoint("http://one/push"), Endpoint("http://two/push") with { TenantId = "t" }),
                    default);

            Assert.Equal(["http://one/push", "http://two/push", "http://two/push"], _opened.Select(one =>
                one.Options.Url));
        });

    [Fact]
    public void Unnamed_endpoints_are_named_by_url_and_tenant_without_credentials() =>
        Run(async component =>
        {
            await component.ApplyAsync(
                (object)Options(
                    Endpoint("http://user:secret@one:3100/push?token=secret"),
                    Endpoint("http://one:3100/push") with { TenantId = "t" },
                    Endpoint("http://one:3100/push") with { RemoteTimeout = TimeSpan.FromSeconds(1) },
                    Endpoint("http://one:3100/push") with { Name = "mine" }),
                default);
            await _fixture.SendAsync("line");
            await _fixture.DeliveredAsync();

            Assert.Equal(
                ["mine", "one:3100/push", "one:3100/push#2", "one:3100/push#t"],
                _fixture.Delivery.Lanes.Select(lane => lane.Lane.Endpoint).Order(StringComparer.Ordinal));
        });

    [Fact]
    public void Each_endpoint_whose_url_says_where_gets_a_client_to_ask_it() => Run(async component =>
    {
        await component.ApplyAsync(
            (object)Options(Endpoint("http://one/loki/api/v1/push"), Endpoint("http://two/push")), default);

        Assert.Equal("http://one/loki/api/v1/query_range", Assert.Single(_asked).Url.AbsoluteUri);
    });

    [Fact]
    public void An_endpoint_that_refused_to_be_asked_is_asked_again_after_a_reload() => Run(async component =>
    {
        await component.ApplyAsync((object)Options(Endpoint("http://one/loki/api/v1/push")), default);
        await DoubtAsync();
        await DoubtAsync();
        Assert.Equal(1, _fixture.Metric("weir_reconcile_lookups_total", "refused"));

        component.Reloaded();
        await DoubtAsync();

        Assert.Equal(2, _fixture.Metric("weir_reconcile_lookups_total", "refused"));
    });

    [Fact]
    public void Endpoints_with_the_same_name_or_the_same_settings_are_refused()
    {
        var same = new OptionProblems();
        var named = new OptionProblems();

        Options(Endpoint("http://one/push"), Endpoint("http://one/push")).Validate(same);
        Options(Endpoint("http://a/") with { Name = "x" }, Endpoint("http://b/") with { Name = "x" }).Validate(named);

        Assert.Equal("two endpoints have the same settings", Assert.Single(same.Items).Message);
        Assert.Equal("two endpoints are named \"x\"", Assert.Single(named.Items).Message);
    }

    [Fact]
    public async Task Echo_says_each_entry_in_the_log_of_the_process()
    {
        var host = new RecordingHost("loki.echo.here");
        await using var component = new EchoComponent(host);
        using var inlet = component.Open();
        var batch = new LogBatch();
        batch.Add(1_700_000_000_123_456_789, host.Labels.Of([new Label("job", "a")]), "hello"u8, 0);

        await inlet.SendAsync(batch, default);

        Assert.Equal(
            """Info loki.echo.here: received log entry entry=hello entry_timestamp=2023-11-14T22:13:20.123456789Z """
            + """labels={job="a"} structured_metadata={}""",
            Assert.Single(host.Log.Lines));
    }

    private void Run(Func<WriteComponent, Task> body) =>
        _fixture.Run(DeliveryFixture.Settings(), async () =>
        {
            var component = new WriteComponent(new RecordingHost(DeliveryFixture.Id, _fixture.Time), _fixture.Delivery,
                endpoint =>
                {
                    var client = new ScriptedPushClient((_, _) =>
                        ValueTask.FromResult(_answers.TryDequeue(out var one) ? one : ScriptedPushClient.Accepted));
                    _opened.Add((endpoint, client));
                    return client;
                },
                (_, address) =>
                {
                    _asked.Add(address);
                    return new ScriptedLogQuery(() => []) { Instead = _ => ScriptedLogQuery.Status(403) };
                });
            await body(component);
            await component.DisposeAsync();
        });

    /// <summary>Delivers a line whose first push has an unknown outcome.</summary>
    private async Task DoubtAsync()
    {
        _answers.Enqueue(ScriptedPushClient.Status(500));
        await _fixture.SendAsync("line");
        await _fixture.DeliveredAsync();
    }

    private static WriteOptions Options(params EndpointOptions[] endpoints) => new() { Endpoints = endpoints };

    private static EndpointOptions Endpoint(string url) => new() { Url = url };
}
