using System.Globalization;
using System.Net;
using static Weir.Node.Tests.Store.StoreServer;

namespace Weir.Node.Tests.Store;

public sealed class StoreQueryTests
{
    [Fact]
    public async Task A_range_query_answers_streams_in_Loki_s_shape_newest_first()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web","env":"prod"}""", "one", "two");

        var (status, text) = await server.GetAsync(
            "/loki/api/v1/query_range", "", ("query", """{app="web"}"""), ("end", "1704164646"));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """{"status":"success","data":{"resultType":"streams","result":"""
            + """[{"stream":{"app":"web","env":"prod"},"values":[["1704164645000000000","two"],"""
            + """["1704164644000000000","one"]]}],"""
            + "\"stats\":{}}}", text);
    }

    [Fact]
    public async Task Direction_and_limit_choose_which_lines_and_in_which_order()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "1", "2", "3", "4");

        var backward = await server.LinesAsync("""{app="web"}""", ("limit", "2"));
        var forward = await server.LinesAsync("""{app="web"}""", ("limit", "2"), ("direction", "FORWARD"));

        Assert.Equal(["4", "3"], backward);
        Assert.Equal(["1", "2"], forward);
    }

    [Theory]
    [InlineData("1704164643000000000", "1704164645000000000")]
    [InlineData("1704164643", "1704164645")]
    [InlineData("1704164643.000", "1704164645.000")]
    [InlineData("2024-01-02T03:04:03Z", "2024-01-02T04:04:05+01:00")]
    public async Task Times_are_nanoseconds_seconds_or_RFC_3339_start_included_and_end_not(string start, string end)
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "1", "2", "3", "4");

        var lines = await LinesBetweenAsync(server, ("start", start), ("end", end));

        Assert.Equal(["3", "2"], lines);
    }

    [Fact]
    public async Task Since_counts_back_from_the_end()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "1", "2", "3", "4");

        var lines = await LinesBetweenAsync(server, ("since", "2s"));

        Assert.Equal(["3", "2"], lines);
    }

    [Fact]
    public async Task Equal_entries_are_one_and_equal_times_keep_their_order()
    {
        await using var server = await StartAsync();
        string[] lines = ["b", "a", "b", "a\\u0000", "c"];
        var values = string.Join(',', lines.Select(line => $"[\"{Now}\",\"{line}\"]"));
        var push = $$"""{"streams":[{"stream":{"app":"web"},"values":[{{values}}]}]}""";
        using var first = await server.PushJsonAsync(push);
        using var again = await server.PushJsonAsync(push);

        var forward = await server.LinesAsync("""{app="web"}""", ("direction", "forward"));
        var backward = await server.LinesAsync("""{app="web"}""");
        var limited = await server.LinesAsync("""{app="web"}""", ("direction", "forward"), ("limit", "2"));

        Assert.Equal(["b", "a", "a\0", "c"], forward);
        Assert.Equal(forward.Reverse(), backward);
        Assert.Equal(["b", "a"], limited);
    }

    [Theory]
    [InlineData("""{app=~"web|db"} |= "err" """, "error in web", "{\"level\":\"error\",\"ms\":12}", "level=error ms=7")]
    [InlineData("""{app="web"} != "error" """, "fine")]
    [InlineData("""{app="web"} |~ "^err" """, "error in web")]
    [InlineData("""{app="db"} | json | ms > 10""", "{\"level\":\"error\",\"ms\":12}")]
    [InlineData("""{app="db"} | logfmt | level="error" and ms < 10""", "level=error ms=7")]
    [InlineData("""{app="db"} | json | __error__="JSONParserErr" """, "level=error ms=7", "{\"a\":\"\\ud800\"}")]
    public async Task Filters_parsers_and_label_filters_choose_lines(string query, params string[] expected)
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "fine", "error in web");
        await server.PushAsync("""{"app":"db"}""",
            "level=error ms=7", "{\"level\":\"error\",\"ms\":12}", "{\"a\":\"\\ud800\"}");

        var lines = await server.LinesAsync(query);

        Assert.Equal(expected.Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Structured_metadata_is_seen_by_filters_and_is_in_the_answer()
    {
        await using var server = await StartAsync();
        var values = $$"""["{{Now}}","a",{"trace":"t1"}],["{{Now}}","b",{"trace":"t2"}]""";
        using var pushed = await server.PushJsonAsync(
            $$"""{"streams":[{"stream":{"app":"web"},"values":[{{values}}]}]}""");

        var result = await server.RangeAsync("""{app="web"} | trace="t2" """);

        Assert.Equal($$"""[{"stream":{"app":"web","trace":"t2"},"values":[["{{Now}}","b"]]}]""", result);
        Assert.Equal("[]", await server.RangeAsync("""{trace="t2"}"""));
    }

    [Fact]
    public async Task An_instant_query_of_lines_answers_the_newest()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "1", "2");

        var result = await server.InstantAsync("""{app="web"} |= "2" """);

        Assert.Equal($$"""[{"stream":{"app":"web"},"values":[["{{Now}}","2"]]}]""", result);
    }

    [Theory]
    [InlineData("query", "")]
    [InlineData("query", "{app=")]
    [InlineData("start", "yesterday")]
    [InlineData("end", "-5")]
    [InlineData("since", "-1h")]
    [InlineData("step", "0")]
    [InlineData("step", "0.01")]
    [InlineData("step", "NaN")]
    [InlineData("limit", "0")]
    [InlineData("limit", "5001")]
    [InlineData("limit", "many")]
    [InlineData("direction", "sideways")]
    public async Task A_parameter_that_cannot_be_used_is_refused_with_the_reason(string name, string value)
    {
        await using var server = await StartAsync();
        var parameters = new Dictionary<string, string> { ["query"] = """{app="web"}""", [name] = value };

        var (status, text) = await server.GetAsync(
            "/loki/api/v1/query_range", "", [.. parameters.Select(pair => (pair.Key, pair.Value))]);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.NotEmpty(text);
    }

    [Fact]
    public async Task A_query_may_come_as_a_form()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "1");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["query"] = """{app="web"}""", ["end"] = (Now + 1).ToString(CultureInfo.InvariantCulture),
        });

        using var answer = await server.Client.PostAsync("/loki/api/v1/query_range", form);

        Assert.Contains($"[\"{Now}\",\"1\"]", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> LinesBetweenAsync(
        StoreServer server, params (string Name, string Value)[] parameters)
    {
        var data = await server.DataAsync("/loki/api/v1/query_range", [("query", """{app="web"}"""), .. parameters]);
        using var document = System.Text.Json.JsonDocument.Parse(data);
        return [.. document.RootElement.GetProperty("result").EnumerateArray().SelectMany(stream =>
            stream.GetProperty("values").EnumerateArray().Select(value => value[1].GetString()!))];
    }
}
