using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Listeners;

/// <summary>A node that others send to, with Promtail's file as its configuration.</summary>
public sealed class ListenerTests : SinkTrial
{
    private const string Syslog = "loki.source.syslog.network";
    private const string Api = "loki.source.api.network";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Promtails_syslog_job_takes_what_logger_sends()
    {
        await using var weir = Start();
        var address = await AddressOfAsync(weir, Syslog);

        using var logger = Process.Start(
            "logger", $"-n 127.0.0.1 -P {address.Port} --tcp --octet-count --rfc5424 -t tried -p local3.warning hello");
        await logger.WaitForExitAsync();

        await Sink.WaitAsync(arrivals => arrivals.Any(), Patience, "the line");
        var arrival = Assert.Single(Sink.Arrivals);
        Assert.Equal(("""{app="tried", job="network", level="warning"}""", "hello"), (arrival.Stream, arrival.Line));
        Assert.Equal(0, await weir.StopAsync());
    }

    [Fact]
    public async Task A_push_that_was_answered_survives_a_kill_and_keeps_its_tenant()
    {
        Sink.Mood = () => SinkMood.Fail;
        await using (var weir = Start())
        {
            using var client = new HttpClient();
            client.DefaultRequestHeaders.Add("X-Scope-OrgID", "t1");
            var url = new Uri(await AddressOfAsync(weir, Api), "/loki/api/v1/push");
            using var content = new StringContent(
                """{"streams":[{"stream":{"app":"a"},"values":[["1704164645000000000","kept"]]}]}""",
                new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
            using var answer = await client.PostAsync(url, content);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            await weir.KillAsync();
        }

        Sink.Mood = () => SinkMood.Accept;
        await using var again = Start();

        await Sink.WaitAsync(arrivals => arrivals.Any(), Patience, "the line");
        var arrival = Sink.Arrivals.First();
        Assert.Equal(("t1", """{app="a", from="push"}""", 1_704_164_645_000_000_000, "kept"),
            (arrival.Tenant, arrival.Stream, arrival.Timestamp, arrival.Line));
        Assert.Equal(0, await again.StopAsync());
    }

    private static async Task<Uri> AddressOfAsync(WeirProcess weir, string component)
    {
        using var client = new HttpClient { BaseAddress = await weir.AddressAsync() };
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            using var json = JsonDocument.Parse(
                await client.GetStringAsync($"/api/v1/components/{component}", limit.Token));
            var message = json.RootElement.GetProperty("health").GetProperty("message").GetString() ?? "";
            if (message.StartsWith("listens on ", StringComparison.Ordinal))
            {
                var address = message["listens on ".Length..];
                return new Uri(address.Contains("://", StringComparison.Ordinal) ? address : $"tcp://{address}");
            }

            await Task.Delay(50, limit.Token);
        }
    }

    private WeirProcess Start() => Start(Configure(
        $$"""
        clients:
          - url: {{Sink.PushUrl}}
            batchwait: 100ms
        scrape_configs:
          - job_name: network
            syslog:
              listen_address: 127.0.0.1:0
              labels: {job: network}
            loki_push_api:
              server: {http_listen_address: 127.0.0.1, http_listen_port: 0}
              labels: {from: push}
              use_incoming_timestamp: true
            relabel_configs:
              - {source_labels: [__syslog_message_severity], target_label: level}
              - {source_labels: [__syslog_message_app_name], target_label: app, regex: (.+)}
        """, "promtail.yaml"), "--config.format=promtail");
}
