using System.Net;
using System.Net.WebSockets;
using System.Text;
using static Weir.Node.Tests.Store.StoreServer;

namespace Weir.Node.Tests.Store;

/// <summary>What is asked around a query: labels, series, sizes, versions; and the live tail.</summary>
public sealed class StoreDiscoveryTests
{
    [Fact]
    public async Task Labels_values_and_series_can_be_narrowed_by_a_selector()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web","env":"prod"}""", "1");
        await server.PushAsync("""{"app":"db","zone":"b"}""", "1");

        string[] answers =
        [
            await server.DataAsync("/loki/api/v1/labels"),
            await server.DataAsync("/loki/api/v1/labels", ("query", """{app="db"}""")),
            await server.DataAsync("/loki/api/v1/label/app/values"),
            await server.DataAsync("/loki/api/v1/label/app/values", ("query", """{env="prod"}""")),
            await server.DataAsync("/loki/api/v1/label/none/values"),
            await server.DataAsync("/loki/api/v1/series", ("match[]", """{app="web"}""")),
            await server.DataAsync("/loki/api/v1/series", ("match[]", """{env="x"}"""), ("match[]", """{zone="b"}""")),
        ];

        Assert.Equal(
            [
                """["app","env","zone"]""", """["app","zone"]""", """["db","web"]""", """["web"]""", "[]",
                """[{"app":"web","env":"prod"}]""", """[{"app":"db","zone":"b"}]""",
            ], answers);
    }

    [Theory]
    [InlineData("/loki/api/v1/labels?query={app=")]
    [InlineData("/loki/api/v1/label/app/values?query=rate({a=\"b\"}[1m])")]
    [InlineData("/loki/api/v1/series?match[]=nonsense")]
    [InlineData("/loki/api/v1/index/stats?query=nonsense")]
    [InlineData("/loki/api/v1/index/stats")]
    [InlineData("/loki/api/v1/tail?query={app=\"web\"}")]
    public async Task A_malformed_selector_is_refused(string path)
    {
        await using var server = await StartAsync();

        using var answer = await server.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Statistics_say_how_much_a_query_will_read()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "1", "2");
        await server.PushAsync("""{"app":"db"}""", "1");

        var all = await server.GetAsync("/loki/api/v1/index/stats", "",
            ("query", """{app=~".+"}"""), ("end", $"{Now + 1}"));
        var none = await server.GetAsync("/loki/api/v1/index/stats", "", ("query", """{app="x"}"""));
        var early = await server.GetAsync("/loki/api/v1/index/stats", "",
            ("query", """{app="web"}"""), ("start", "1"), ("end", "2"));

        Assert.Matches("""^\{"streams":2,"chunks":2,"bytes":[1-9][0-9]*,"entries":3}$""", all.Text);
        Assert.Equal("""{"streams":0,"chunks":0,"bytes":0,"entries":0}""", none.Text);
        Assert.Equal("""{"streams":1,"chunks":0,"bytes":0,"entries":0}""", early.Text);
    }

    [Fact]
    public async Task Grafana_learns_a_version_and_what_is_not_answered_here()
    {
        await using var server = await StartAsync();

        var version = await server.GetAsync("/loki/api/v1/status/buildinfo");
        var ready = await server.GetAsync("/ready");
        var unknown = new List<HttpStatusCode>();
        foreach (var path in new[] { "detected_labels", "drilldown-limits", "index/volume", "patterns", "rules" })
            unknown.Add((await server.GetAsync($"/loki/api/v1/{path}")).Status);

        Assert.StartsWith("{\"version\":\"", version.Text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "ready"), ready);
        Assert.All(unknown, status => Assert.Equal(HttpStatusCode.NotFound, status));
    }

    [Fact]
    public async Task A_tail_gets_matching_lines_as_they_are_pushed()
    {
        await using var server = await StartAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(server.Client.BaseAddress!)
        {
            Scheme = "ws",
            Path = "/loki/api/v1/tail",
            Query = "query=" + Uri.EscapeDataString("""{app="web"} |= "x" """),
        }.Uri, default);

        await server.PushAsync("""{"app":"db"}""", "x");
        await server.PushAsync("""{"app":"web"}""", "y", "x1");
        var message = await ReceiveAsync(socket);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", default);

        Assert.Equal($$"""{"streams":[{"stream":{"app":"web"},"values":[["{{Now}}","x1"]]}]}""", message);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    [Fact]
    public async Task A_form_that_is_none_is_refused()
    {
        await using var server = await StartAsync();
        using var form = new StringContent(new string('&', 5000).Replace("&", "a=b&", StringComparison.Ordinal));
        form.Headers.ContentType = new("application/x-www-form-urlencoded");

        using var answer = await server.Client.PostAsync("/loki/api/v1/query", form);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_tail_of_numbers_is_refused()
    {
        await using var server = await StartAsync();
        using var socket = new ClientWebSocket();
        var url = new UriBuilder(server.Client.BaseAddress!)
        {
            Scheme = "ws", Path = "/loki/api/v1/tail", Query = "query=" + Uri.EscapeDataString("""rate({a="b"}[1m])"""),
        }.Uri;

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(url, default));

        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), default);
        Assert.True(received.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
