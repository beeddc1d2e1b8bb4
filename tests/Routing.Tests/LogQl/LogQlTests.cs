using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.LogQl;

namespace Weir.Routing.Tests.LogQl;

public sealed class LogQlTests
{
    private static readonly LabelSets Sets = new();

    [Theory]
    [InlineData("""{app="web"}""", true)]
    [InlineData("""{app!="web"}""", false)]
    [InlineData("""{app=~"w.b|x"}""", true)]
    [InlineData("""{app=~"we"}""", false)]
    [InlineData("""{app!~"we"}""", true)]
    [InlineData("""{absent=""}""", true)]
    [InlineData("""{absent!=""}""", false)]
    [InlineData("""{absent=~".*"}""", true)]
    [InlineData("""{absent=~".+"}""", false)]
    [InlineData("""{app="web", level="info",}""", true)]
    [InlineData("""{app="web", level="warn"}""", false)]
    [InlineData("{app=`web`}", true)]
    [InlineData("{}", true)]
    public void A_selector_matches_whole_values_and_takes_absent_labels_as_empty(string query, bool expected)
    {
        var labels = Sets.Of([new Label("app", "web"), new Label("level", "info")]);

        var matches = LogQlParser.ParseSelectorAlone(query).IsMatch(labels);

        Assert.Equal(expected, matches);
    }

    [Theory]
    [InlineData("""{a="b"} |= "err" """, true)]
    [InlineData("""{a="b"} != "err" """, false)]
    [InlineData("""{a="b"} |~ "e.+r" """, true)]
    [InlineData("""{a="b"} !~ "^error" """, true)]
    [InlineData("""{a="b"} |= "x" or "err" """, true)]
    [InlineData("""{a="b"} |= "err" |= "nothing" """, false)]
    [InlineData("""{a="b"} |= "" """, true)]
    [InlineData("""{a="b"} | json """, true)]
    [InlineData("""{a="b"} | json | status >= 500 """, true)]
    [InlineData("""{a="b"} | json | status < 500 """, false)]
    [InlineData("""{a="b"} | json | status="500" and level=~"err.*" """, true)]
    [InlineData("""{a="b"} | json | status="404" or level="error" """, true)]
    [InlineData("""{a="b"} | json | status="404" , level="error" """, false)]
    [InlineData("""{a="b"} | json | took > 1s """, true)]
    [InlineData("""{a="b"} | json | took > 2s """, false)]
    [InlineData("""{a="b"} | json | size >= 1KB """, true)]
    [InlineData("""{a="b"} | json | deep_er = 1 """, true)]
    [InlineData("""{a="b"} | json er="deep.er" | er = 1 """, true)]
    [InlineData("""{a="b"} | level="error" """, false)]
    [InlineData("""{a="b"} | json | drop level | level="" """, true)]
    [InlineData("""{a="b"} | json | keep level | status="" """, true)]
    public void A_pipeline_lets_through_what_its_filters_match(string query, bool expected)
    {
        var pipeline = new LogPipeline((LogQuery)LogQlParser.Parse(query));
        var line = """{"msg":"err","level":"error","status":500,"took":"1.5s","size":"2KB","deep":{"er":1}}"""u8;

        var passes = pipeline.Run(Sets.Of([new Label("a", "b")]), [], line);

        Assert.Equal(expected, passes);
    }

    [Fact]
    public void Logfmt_extracts_pairs_and_a_format_rewrites_the_line()
    {
        var query = (LogQuery)LogQlParser.Parse("""{a="b"} | logfmt | line_format "{{.level}}: {{ .msg }}!" """);
        var pipeline = new LogPipeline(query);
        var line = "level=warn msg=\"hello \\\"you\\\"\" flag empty="u8.ToArray();

        pipeline.Run(Sets.Of([new Label("a", "b")]), [], line);

        Assert.Equal("warn: hello \"you\"!", Encoding.UTF8.GetString(pipeline.LineOf(line)));
    }

    [Fact]
    public void A_line_that_is_no_json_is_kept_and_marked()
    {
        var pipeline = new LogPipeline((LogQuery)LogQlParser.Parse("""{a="b"} | json"""));

        var passes = pipeline.Run(Sets.Of([new Label("a", "b")]), [], "no json"u8);

        Assert.True(passes);
        Assert.Equal("JSONParserErr", pipeline.Labels["__error__"]);
    }

    [Fact]
    public void A_metric_query_nests()
    {
        var query = LogQlParser.Parse("""sum by (service) (rate({job="d"} | json | level="error" [5m] offset 1m))""");

        var sum = Assert.IsType<AggregateQuery>(query);
        var rate = Assert.IsType<RangeQuery>(sum.Inner);

        Assert.Equal(["service"], sum.By);
        Assert.Equal(
            ("rate", TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1)), (rate.Function, rate.Range, rate.Offset));
        Assert.Equal(2, rate.Lines.Stages.Count);
    }

    [Theory]
    [InlineData("""{app="web" """, ", stands here")]
    [InlineData("""{app}""", "app is compared with")]
    [InlineData("""{app=~"("}""", "")]
    [InlineData("""{app="web"} |> "<_>" """, "pattern filters")]
    [InlineData("""{app="web"} | regexp "x" """, "regexp is not answered here")]
    [InlineData("""{app="web"} |= """, "quoted string")]
    [InlineData("""{app="web"} extra""", "behind the query")]
    [InlineData("""{app="web} """, "has no end")]
    [InlineData("""sum({app="web"})""", "takes series of numbers")]
    [InlineData("""rate({app="web"})""", "[")]
    [InlineData("", "a query begins with")]
    [InlineData("\"\\q\"", "unknown escape")]
    public void What_cannot_be_understood_is_named_with_its_place(string query, string said)
    {
        var error = Assert.Throws<LogQlException>(() => LogQlParser.Parse(query));

        Assert.StartsWith("parse error at line 1, col ", error.Message);
        Assert.Contains(said, error.Message);
    }

    [Theory]
    [InlineData("""{app="web"} | json""")]
    [InlineData("""{app="web"} | level="x" """)]
    [InlineData("""{app="web"} |> "<_>" """)]
    public void A_match_takes_a_selector_and_line_filters_only(string query)
    {
        Assert.Throws<LogQlException>(() => LogQlParser.ParseMatcher(query));
    }

    [Fact]
    public void Any_text_is_parsed_or_refused()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        string[] words =
        [
            "{", "}", "(", ")", "[", "]", "|", "|=", "!=", "=~", "app", "=", "\"x\"", "`y`", "json", "sum", "by",
            "rate",
            "5m", "12", "and", "or", ",", "line_format", "\"{{.a}}\"", "\\", "\"", "é", "\n", "drop",
        ];

        for (var i = 0; i < 20_000; i++)
        {
            var query = string.Join(
                " ", Enumerable.Range(0, random.Next(15)).Select(_ => words[random.Next(words.Length)]));
            try
            {
                LogQlParser.Parse(query);
            }
            catch (LogQlException refused)
            {
                Assert.True(refused.Position >= 0, $"seed {seed}: {query}");
            }
        }
    }

    [Fact]
    public void Nesting_has_a_limit()
    {
        var query = new string('(', 10_000);

        Assert.Contains("nests deeper", Assert.Throws<LogQlException>(() => LogQlParser.Parse(query)).Message);
    }
}
