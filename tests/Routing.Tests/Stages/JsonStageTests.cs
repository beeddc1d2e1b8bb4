using System.Text;
using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class JsonStageTests
{
    [Theory]
    [InlineData("a", """{"a":"x"}""", "a=x")]
    [InlineData("a", """{"a":""}""", "a=")]
    [InlineData("a", """{"b":1}""", "a:nil")]
    [InlineData("a", """{"a":null}""", "a:nil")]
    [InlineData("a", """{}""", "a:nil")]
    [InlineData("a", """null""", "a:nil")]
    [InlineData("a", """  { "a" : "x" , "b" : [ 1 , 2 ] }  """, "a=x")]
    [InlineData("a", "\t{\r\n\"a\"\t:\r\n\"x\"}\n", "a=x")]
    [InlineData("a", """{"a":true}""", "a=true")]
    [InlineData("a", """{"a":false,"b":0}""", "a=false")]
    [InlineData("a", """{"a":{"b":1}}""", """a={"b":1}""")]
    [InlineData("a", """{"a":[1, "x y", {"k" : "\" ]"}]}""", """a=[1,"x y",{"k":"\" ]"}]""")]
    [InlineData("a", """{"a":"x","a":"y"}""", "a=y")]
    [InlineData("a", """{"a":"x\ty\"z\\\/"}""", "a=x\ty\"z\\/")]
    [InlineData("a", """{"a":"\b\f\n\r"}""", "a=\b\f\n\r")]
    [InlineData("a", """{"a":"\u0041\u00e9"}""", "a=A\xc3\xa9")]
    [InlineData("a", """{"a":"\ud83d\ude00"}""", "a=\xf0\x9f\x98\x80")]
    [InlineData("a", """{"a":"\ud83d!"}""", "a=\xef\xbf\xbd!")]
    [InlineData("a", """{"a":"\ude00\u0041"}""", "a=\xef\xbf\xbd" + "A")]
    [InlineData("a", """{"\u0061":"x"}""", "a=x")]
    [InlineData("a", "{\"a\":\"\xff\xfe\"}", "a=\xff\xfe")]
    [InlineData("a b", """{"b":"2","a":"1"}""", "a=1 b=2")]
    [InlineData("a=b", """{"b":"2"}""", "a=2")]
    [InlineData("a=b b=a", """{"a":1,"b":2}""", "a=2 b=1")]
    [InlineData("a=x b=x", """{"x":"\n!"}""", "a=\n! b=\n!")]
    [InlineData("a=x.y", """{"x":{"y":"z"}}""", "a=z")]
    [InlineData("a=x.y", """{"x":{"z":"y"}}""", "a:nil")]
    [InlineData("a=x.y", """{"x":"y"}""", "a:nil")]
    [InlineData("a=x.y", """{"x":[{"y":1}]}""", "a:nil")]
    [InlineData("a=x.y b=x", """{"x":{"y":"z"}}""", """a=z b={"y":"z"}""")]
    [InlineData("a=x.y", """{"x":{"y":"z"},"x":3}""", "a:nil")]
    [InlineData("a=x.y b=x.z c=q", """{"q":1,"x":{"p":{"y":0},"y":"1","z":{}}}""", "a=1 b={} c=1")]
    [InlineData("a=x[1]", """{"x":[1,2]}""", "a=2")]
    [InlineData("a=x[1] b=x", """{"x":[1]}""", "a:nil b=[1]")]
    [InlineData("a=length(x)", """{"x":[1,2]}""", "a=2")]
    [InlineData("a=length(x)", """{"x":1}""", "")]
    [InlineData("a=x||y", """{"y":"z"}""", "a=z")]
    [InlineData("a=x[*].y", """{"x":[{"y":"z"},{"y":2}]}""", "a=[\"z\",2]")]
    [InlineData("a=x=='y'", """{"x":"y"}""", "a=true")]
    [InlineData("a=\"x-y\".\"z w\"", """{"x-y":{"z w":5}}""", "a=5")]
    public void Values_are_taken_as_Go_would_decode_and_print_them(string expressions, string line, string seen)
    {
        // A space stands between pairs, so the one key that holds a space is put together here.
        var map = expressions.Contains("z w", StringComparison.Ordinal)
            ? new Dictionary<string, string?> { ["a"] = expressions[2..] }
            : LabelStagesTests.Map(expressions);
        var rig = new StageRig(new JsonOptions { Expressions = map }, new Probe([.. map.Keys]));

        rig.One(line);

        Assert.Equal(seen, rig.Probed);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("200", "200")]
    [InlineData("-7", "-7")]
    [InlineData("-0", "-0")]
    [InlineData("1.5", "1.5")]
    [InlineData("1.50", "1.5")]
    [InlineData("1.0", "1")]
    [InlineData("0.000001234", "0.000001234")]
    [InlineData("1e3", "1000")]
    [InlineData("1E+21", "1000000000000000000000")]
    [InlineData("1.5e-9", "0.0000000015")]
    [InlineData("123456789012345678", "123456789012345680")]
    [InlineData("1.2345678901234567e15", "1234567890123456.8")]
    [InlineData("0.1234567890123456789", "0.12345678901234568")]
    [InlineData("12345678901234.5", "12345678901234.5")]
    public void Numbers_are_printed_as_the_shortest_decimal(string number, string printed)
    {
        var rig = new StageRig(
            new JsonOptions { Expressions = LabelStagesTests.Map("n") }, new Probe("n"),
            new LabelsOptions { Values = LabelStagesTests.Map("n") });

        var labels = rig.One($$"""{"n":{{number}}}""").Labels;

        Assert.Equal(($"n={printed}", $"n={printed}"), (rig.Probed, labels));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("plain text")]
    [InlineData("[]")]
    [InlineData("[{\"a\":1}]")]
    [InlineData("\"a\"")]
    [InlineData("12")]
    [InlineData("true")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1}x")]
    [InlineData("{\"a\":1}{}")]
    [InlineData("{a:1}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{\"a\":1 \"b\":2}")]
    [InlineData("{\"a\":1,\"b\":tru}")]
    [InlineData("{\"a\":1,\"b\":nulll}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1.}")]
    [InlineData("{\"a\":.5}")]
    [InlineData("{\"a\":1e}")]
    [InlineData("{\"a\":+1}")]
    [InlineData("{\"a\":-}")]
    [InlineData("{\"a\":\"x}")]
    [InlineData("{\"a\":\"\\q\"}")]
    [InlineData("{\"a\":\"\\u12g4\"}")]
    [InlineData("{\"a\":\"\\u12\"}")]
    [InlineData("{\"a\":\"x\ny\"}")]
    [InlineData("{\"a\":\"0123456789abcdef\x01\"}")]
    [InlineData("{\"a\":1,\"b\":[1,]}")]
    [InlineData("{\"a\":1,\"b\":{\"c\":}}")]
    [InlineData("{\"a\":1,\"b\":[1}}")]
    [InlineData("{\"a\":NaN}")]
    public void What_is_no_JSON_object_extracts_nothing_and_is_counted(string line)
    {
        var options = new JsonOptions { Expressions = LabelStagesTests.Map("a") };
        var keeping = new StageRig(options, new Probe("a"));
        var dropping = new StageRig(options with { DropMalformed = true }, new Probe("a"));

        var kept = keeping.Lines(line);
        var dropped = dropping.Lines(line);

        Assert.Equal([line], kept);
        Assert.Equal(("", 1), (keeping.Probed, keeping.Failed("json", "malformed")));
        Assert.Empty(dropped);
        Assert.Equal(1, dropping.Dropped("malformed_json"));
    }

    [Theory]
    [InlineData("""{"a":"x"}""", "a=x")]
    [InlineData(null, "")]
    [InlineData("no object", "")]
    public void A_source_is_read_in_place_of_the_line(string? value, string seen)
    {
        var rig = new StageRig(
            new Extract("src", value),
            new JsonOptions { Expressions = LabelStagesTests.Map("a"), Source = "src", DropMalformed = false },
            new Probe("a"));

        rig.One("""{"a":"line"}""");

        Assert.Equal(seen, rig.Probed);
    }

    [Fact]
    public void A_source_that_is_absent_leaves_the_line_alone_and_drops_nothing()
    {
        var rig = new StageRig(
            new JsonOptions { Expressions = LabelStagesTests.Map("a"), Source = "src", DropMalformed = true });

        Assert.Equal(["no object"], rig.Lines("no object"));
    }

    [Theory]
    [InlineData("^a", """{"ab":1,"ac":"x","b":2}""", "ab=1 ac=x")]
    [InlineData(".*", """{"ab":null,"ac":{"b" : 2},"\u0062":"\n"}""", "ab:nil ac={\"b\":2} b=\n")]
    [InlineData("^$", """{"ab":1}""", "")]
    public void A_regex_extracts_the_top_level_keys_that_match(string regex, string line, string seen)
    {
        var rig = new StageRig(new JsonOptions { Regex = regex }, new Probe("ab", "ac", "b"));

        rig.One(line);

        Assert.Equal(seen, rig.Probed);
    }

    [Theory]
    [InlineData("", null, "")]
    [InlineData("a", "", "source")]
    [InlineData("a=x..y", null, "expressions")]
    public void Arguments_that_cannot_work_are_refused(string expressions, string? source, string argument)
    {
        var problems = new OptionProblems();

        new JsonOptions { Expressions = LabelStagesTests.Map(expressions), Source = source }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name ?? "");
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_malformed_and_just_below_it_is_not()
    {
        var rig = new StageRig(new JsonOptions { Expressions = LabelStagesTests.Map("a"), DropMalformed = true });

        var left = rig.Lines(Nested(JsonScanner.DepthMax), Nested(JsonScanner.DepthMax + 1), Nested(100_000));

        Assert.Single(left);
        static string Nested(int depth) => $$"""{"a":{{new string('[', depth)}}{{new string(']', depth)}}}""";
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(
            new JsonOptions { Expressions = LabelStagesTests.Map("a b c=d.e n") },
            new LabelsOptions { Values = LabelStagesTests.Map("a n") });
        const string line = """{"a":"x","b":"esc\"aped","d":{"e":1},"n":1.50}""";
        using var batch = rig.Batch([.. Enumerable.Repeat((line, "app=x"), 20)]);

        Allocations.AssertNone(() => rig.Run(batch));
    }

    [Fact]
    public void Random_lines_neither_crash_nor_lose_an_entry()
    {
        var rig = new StageRig(
            new JsonOptions { Expressions = LabelStagesTests.Map("a b=c.d e"), Regex = "." },
            new LabelsOptions { Values = LabelStagesTests.Map("a b e") });
        string[] pieces =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"c\":{\"d\":", "\\", "\\u00", "\\n", "1", "-", ".5", "e9",
            "true", "null", " ", "\n", "\xff", "\0", "\"a\":1,", "{\"a\":\"", "0123456789abcdef",
        ];

        Fuzz.Run(2000, random =>
        {
            var lines = Enumerable.Range(0, 4).Select(_ => Fuzz.Text(random, pieces, 30)).ToArray();

            Assert.Equal(lines, rig.Lines(lines));
        });
    }

    [Fact]
    public void What_the_scanner_accepts_and_refuses_agrees_with_the_runtime()
    {
        string[] pieces =
        [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\":", "1", "-2", ".5", "e9", "true", "false", "null", " ",
            "\"\\n\"", "\"x\":{", "\"\\u12ab\"", "0",
        ];
        var accepted = 0;

        Fuzz.Run(5000, random =>
        {
            var text = "{\"b\":" + Fuzz.Text(random, pieces, 8) + "}";
            var bytes = Encoding.Latin1.GetBytes(text);
            var expected = Parses(bytes);
            if (expected) accepted++;

            var found = new JsonScanner(bytes, []).TryScan(JsonPaths.Build([]).Root);

            Assert.True(expected == found, text);
        });
        Assert.True(accepted > 100, "too few valid texts to tell");
    }

    private static bool Parses(byte[] json)
    {
        try
        {
            System.Text.Json.JsonDocument.Parse(json).Dispose();
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
