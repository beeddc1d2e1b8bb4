using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class StandardLibraryTests
{
    [Theory]
    [InlineData("sys.env(\"HOME\")", "\"/root\"")]
    [InlineData("env(\"UNSET\")", "\"\"")]
    [InlineData("constants.hostname + constants.os + constants.arch + constants.version", "\"host-1linuxamd64v0.1.0\"")]
    [InlineData("coalesce(\"\", null, 0, [], {}, \"x\", \"y\")", "\"x\"")]
    [InlineData("coalesce(\"\", 0)", "0")]
    [InlineData("array.concat([1], [], [2, 3])", "[1, 2, 3]")]
    [InlineData("concat([1], null)", "[1]")]
    [InlineData("array.combine_maps([{a=\"1\", b=\"x\"}, {a=\"2\"}], [{a=\"1\", c=\"y\"}], [\"a\"])",
        "[{a=\"1\", b=\"x\", c=\"y\"}]")]
    [InlineData("array.combine_maps([{a=\"1\"}, {a=\"2\"}], [{a=\"1\", c=\"y\"}], [\"a\"], true)",
        "[{a=\"1\", c=\"y\"}, {a=\"2\"}]")]
    [InlineData("array.group_by([{k=\"a\", n=1}, {n=2}, {k=\"a\", n=3}], \"k\", true)",
        "[{k=\"a\", items=[{k=\"a\", n=1}, {k=\"a\", n=3}]}]")]
    [InlineData("array.group_by([{n=2}], \"k\", false)", "[{k=\"\", items=[{n=2}]}]")]
    [InlineData("convert.nonsensitive(test.secret)", "\"hunter2\"")]
    [InlineData("encoding.from_json(`{\"a\": [1, 2.5, true, null, \"x\"]}`)", "{a = [1, 2.5, true, null, \"x\"]}")]
    [InlineData("encoding.to_json({b = 1, a = [\"<é>\", null]})", "`{\"a\":[\"<é>\",null],\"b\":1}`")]
    [InlineData("encoding.from_yaml(\"a: 1\\nb: [x, 'y', ~, true]\\nc: &l {d: 0x10}\\ne: *l\")",
        "{a = 1, b = [\"x\", \"y\", null, true], c = {d = 16}, e = {d = 16}}")]
    [InlineData("encoding.from_base64(\"aGk/\")", "\"hi?\"")]
    [InlineData("encoding.from_URLbase64(\"Pz8_\")", "\"???\"")]
    [InlineData("encoding.to_base64(\"???\") + encoding.to_URLbase64(\"???\")", "\"Pz8/Pz8_\"")]
    [InlineData("encoding.url_encode(\"a b&é~\")", "\"a+b%26%C3%A9~\"")]
    [InlineData("encoding.url_decode(\"a+b%26%C3%A9\")", "\"a b&é\"")]
    [InlineData("file.path_join(\"/var\", \"\", \"../log/./x/\", \"a.log\")", "\"/log/x/a.log\"")]
    [InlineData("file.path_join(\"..\", \"a\", \"..\")", "\"..\"")]
    [InlineData("file.path_join()", "\"\"")]
    [InlineData("string.join([\"a\", 1], \"-\")", "\"a-1\"")]
    [InlineData("string.replace(\"aXbX\", \"X\", \".\")", "\"a.b.\"")]
    [InlineData("string.split(\"a,b\", \",\")", "[\"a\", \"b\"]")]
    [InlineData("string.split(\"aé\", \"\")", "[\"a\", \"é\"]")]
    [InlineData("string.to_upper(\"a\") + string.to_lower(\"B\")", "\"Ab\"")]
    [InlineData("string.trim(\"!!a!\", \"!\") + trim_space(\" b\\n\")", "\"ab\"")]
    [InlineData("string.trim_prefix(\"abc\", \"a\") + string.trim_suffix(\"abc\", \"c\")", "\"bcab\"")]
    public void Functions_give_what_Alloy_documents(string expression, string expected)
    {
        var (value, wanted) = (Evaluating.Value(expression), Evaluating.Value(expected));

        Assert.True(ValueEquality.AreEqual(wanted, value));
    }

    [Theory]
    [InlineData("\"%s is %d%%\", \"x\", 5", "x is 5%")]
    [InlineData("\"%5d|%-5d|%05d|%+d\", 42, 42, -42, 42", "   42|42   |-0042|+42")]
    [InlineData("\"%.2f %6.1f %e\", 3.14159, 2.5, 1500", "3.14    2.5 1.500000e+03")]
    [InlineData("\"%q %v %t\", \"a\\\"b\", [1, {k = \"v\"}], true", "\"a\\\"b\" [1 map[k:v]] true")]
    [InlineData("\"%x %X %#x %b %o %c\", 255, 255, 255, 5, 8, 65", "ff FF 0xff 101 10 A")]
    [InlineData("\"%x\", \"hi\"", "6869")]
    [InlineData("\"%8s|%-8s|%.2s\", \"ab\", \"ab\", \"abc\"", "      ab|ab      |ab")]
    [InlineData("\"%v %g\", 0.5, 1.5", "0.5 1.5")]
    public void Format_follows_Go(string arguments, string expected) =>
        Assert.Equal(expected, ((StringValue)Evaluating.Value($"string.format({arguments})")).Text);

    [Theory]
    [InlineData("\"%d\"")]
    [InlineData("\"x\", 1")]
    [InlineData("\"%d\", \"a\"")]
    [InlineData("\"%\"")]
    [InlineData("\"%y\", 1")]
    [InlineData("\"%99999999999d\", 1")]
    public void A_format_that_does_not_match_its_values_is_refused(string arguments) =>
        Assert.StartsWith("string.format: ", Evaluating.Error($"string.format({arguments})").Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("$.store.book[0].title", "[\"A\"]")]
    [InlineData("store.book[*].price", "[8, 12, 9]")]
    [InlineData("$..price", "[8, 12, 9]")]
    [InlineData("$.store.book[-1].title", "[\"C\"]")]
    [InlineData("$.store.book[0:2].title", "[\"A\", \"B\"]")]
    [InlineData("$.store.book[::2].title", "[\"A\", \"C\"]")]
    [InlineData("$.store.book[::-1].title", "[\"C\", \"B\", \"A\"]")]
    [InlineData("$['store']['book'][0,2]['title']", "[\"A\", \"C\"]")]
    [InlineData("$.store.book[?(@.price < 10 && @.title != 'C')].title", "[\"A\"]")]
    [InlineData("$.store.book[?(@.isbn)].title", "[\"B\"]")]
    [InlineData("$.store.book[?(!@.isbn || @.price == 12)].title", "[\"A\", \"B\", \"C\"]")]
    [InlineData("$.nothing.here", "[]")]
    [InlineData("$.store.*[1].isbn", "[\"1\"]")]
    public void A_JSONPath_selects(string path, string expected)
    {
        const string document = "{\"store\":{\"book\":[{\"title\":\"A\",\"price\":8},"
            + "{\"title\":\"B\",\"price\":12,\"isbn\":\"1\"},{\"title\":\"C\",\"price\":9}]}}";

        var found = Evaluating.Value($"json_path(`{document}`, {StringLiteral.Encode(path)})");

        Assert.True(ValueEquality.AreEqual(Evaluating.Value(expected), found));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_JSONPaths_and_formats_do_not_crash(int seed)
    {
        var random = new Random(seed);
        string[] pieces =
        [
            "$", ".", "..", "*", "[", "]", "?(", ")", "@", "a", "'", "0", ":", ",", "-", "==", "<", "&&", "!", "%", "d",
        ];
        for (var run = 0; run < 2_000; run++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ =>
                pieces[random.Next(pieces.Length)]));
            var call = $"[json_path(`{{\"a\": [0, {{\"a\": 1}}]}}`, {StringLiteral.Encode(text)}), "
                + $"string.format({StringLiteral.Encode(text)}, 1)]";
            var found = new DiagnosticBag();

            var value = new Evaluator(Evaluating.Scope(), found).Evaluate(Evaluating.Parse(call));

            Assert.True(value is null == found.HasErrors, $"seed {seed}: {text}");
        }
    }
}
