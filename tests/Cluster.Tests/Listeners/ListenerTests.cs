using System.Diagnostics;
using System.Net;
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
        var address = await weir.ListenerAsync(Syslog);

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
            var url = new Uri(await weir.ListenerAsync(Api), "/loki/api/v1/push");
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
