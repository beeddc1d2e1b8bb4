using System.Net;
using static Weir.Node.Tests.Store.StoreServer;

namespace Weir.Node.Tests.Store;

public sealed class StoreMetricQueryTests
{
    [Theory]
    [InlineData("""count_over_time({app="web"}[3s])""", "3")]
    [InlineData("""count_over_time({app="web"}[10s] offset 2s)""", "2")]
    [InlineData("""rate({app="web"}[4s])""", "1")]
    [InlineData("""bytes_over_time({app="web"}[2s])""", "5")]
    [InlineData("""bytes_rate({app="web"}[10s])""", "0.9")]
    [InlineData("""sum(count_over_time({app="web"}[1m])) * 2 + 1""", "9")]
    [InlineData("""10 - sum(count_over_time({app="web"}[1m])) % 3 / 2""", "9.5")]
    public async Task Ranges_are_counted_at_an_instant(string query, string expected)
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "a", "bbb", "cc", "ddd");

        var result = await server.InstantAsync(query);

        Assert.EndsWith($"[1704164645,\"{expected}\"]}}]", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_query_of_numbers_answers_a_matrix_a_value_a_step()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "1", "2", "3");

        var data = await server.DataAsync("/loki/api/v1/query_range",
            ("query", """count_over_time({app="web"}[2s])"""), ("step", "1"), ("start", "1704164641"),
            ("end", "1704164647"));

        Assert.Equal(
            """{"resultType":"matrix","result":[{"metric":{"app":"web"},"values":[[1704164643,"1"],[1704164644,"2"],"""
            + """[1704164645,"2"],[1704164646,"1"]]}],"stats":{}}""", data);
    }

    [Fact]
    public async Task Steps_below_a_second_have_fractions()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "1");

        var data = await server.RangeAsync("""count_over_time({app="web"}[1s])""",
            ("step", "500ms"), ("start", "1704164644.5"));

        Assert.Equal(
            """[{"metric":{"app":"web"},"values":[[1704164645,"1"],[1704164645.5,"1"]]}]""", data);
    }

    [Fact]
    public async Task Series_are_summed_by_labels_and_the_largest_are_chosen()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web","pod":"1"}""", "a", "b");
        await server.PushAsync("""{"app":"web","pod":"2"}""", "c");
        await server.PushAsync("""{"app":"db","pod":"3"}""", "d", "e", "f", "g");

        var results = new List<string>();
        foreach (var query in new[]
        {
            """sum by (app) (count_over_time({pod=~".+"}[1m]))""",
            """sum without (pod) (count_over_time({app="web"}[1m]))""",
            """topk(1, count_over_time({pod=~".+"}[1m]))""",
            """bottomk(1, sum by (app) (count_over_time({pod=~".+"}[1m])))""",
            """avg(count_over_time({app="web"}[1m]))""",
            """count(count_over_time({pod=~".+"}[1m]))""",
            """max(count_over_time({pod=~".+"}[1m])) / min(count_over_time({pod=~".+"}[1m]))""",
        })
            results.Add((await server.InstantAsync(query)).Replace("1704164645,", "", StringComparison.Ordinal));

        Assert.Equal(
            [
                """[{"metric":{"app":"web"},"value":["3"]},{"metric":{"app":"db"},"value":["4"]}]""",
                """[{"metric":{"app":"web"},"value":["3"]}]""",
                """[{"metric":{"app":"db","pod":"3"},"value":["4"]}]""",
                """[{"metric":{"app":"web"},"value":["3"]}]""",
                """[{"metric":{},"value":["1.5"]}]""",
                """[{"metric":{},"value":["3"]}]""",
                """[{"metric":{},"value":["4"]}]""",
            ], results);
    }

    [Fact]
    public async Task Entries_that_are_counted_twice_by_Loki_are_counted_twice_here()
    {
        await using var server = await StartAsync();
        await server.PushAsync("""{"app":"web"}""", "a");
        await server.PushAsync("""{"app":"web"}""", "a");

        var counted = await server.InstantAsync("""count_over_time({app="web"}[1m])""");

        Assert.Contains("\"2\"", counted, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extracted_labels_make_series_up_to_a_limit()
    {
        await using var server = await StartAsync();
        var lines = Enumerable.Range(0, 300).Select(i => $"id={i}").ToArray();
        await server.PushAsync("""{"app":"web"}""", lines);
        (string, string)[] manySteps = [("start", "1704157746"), ("end", "1704164645"), ("step", "1")];

        var few = await server.InstantAsync("""count(count_over_time({app="web"} | logfmt [10m]))""");
        var (status, text) = await server.GetAsync("/loki/api/v1/query_range", "",
            [("query", """count_over_time({app="web"} | logfmt [10m])"""), .. manySteps]);

        Assert.Contains("\"300\"", few, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("more than 2000000 values", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_steps_than_Loki_takes_are_refused()
    {
        await using var server = await StartAsync();

        var (status, text) = await server.GetAsync("/loki/api/v1/query_range", "",
            ("query", """rate({app="web"}[1m])"""), ("start", "1704150000"), ("end", "1704164645"), ("step", "1"));

        Assert.Equal((HttpStatusCode.BadRequest, "the range has more than 11000 steps"), (status, text));
    }

    [Fact]
    public async Task Grafana_s_test_of_a_data_source_is_answered()
    {
        await using var server = await StartAsync();

        var data = await server.DataAsync("/loki/api/v1/query",
            ("query", "vector(1)+vector(1)"), ("time", "4000000000"), ("direction", "backward"), ("limit", "1"));

        Assert.Equal(
            """{"resultType":"vector","result":[{"metric":{},"value":[4000000000,"2"]}],"stats":{}}""", data);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1 + 1")]
    [InlineData("""{app="web"} + 1""")]
    [InlineData("sum(1)")]
    [InlineData("vector(x)")]
    public async Task Arithmetic_without_series_is_refused(string query)
    {
        await using var server = await StartAsync();

        var (status, _) = await server.GetAsync("/loki/api/v1/query", "", ("query", query));

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Theory]
    [InlineData("vector(1)", "+vector(1)")]
    [InlineData("""{a="b"} | x=1""", " and x=1")]
    [InlineData("""{a="b"} | x=1""", ",x=1")]
    [InlineData("""{a="b"} | x=1""", " or x=1")]
    public async Task Chains_of_operators_are_bounded(string first, string more)
    {
        await using var server = await StartAsync();
        using var form = new FormUrlEncodedContent(
            [new("query", first + string.Concat(Enumerable.Repeat(more, 10_000)))]);

        using var answer = await server.Client.PostAsync("/loki/api/v1/query", form);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("500 operators", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
