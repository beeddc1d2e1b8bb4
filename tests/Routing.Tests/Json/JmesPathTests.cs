using System.Buffers;
using System.Text;
using Weir.Routing.Json;

namespace Weir.Routing.Tests.Json;

public sealed class JmesPathTests
{
    private const string Document = """
        {"a":{"b":{"c":1.50}},"n":null,"t":true,"s":"x\u00e9\n","e":"","l":[1,2,3,4],"ee":[],"o":{"k":"v","j":2},
         "x-y":{"z z":"deep"},"nest":[[1,[2]],[3],4],"people":[{"name":"ann","age":30,"tags":["x"]},
         {"name":"bob","age":25},{"age":40,"tags":[]}],"pods":{"p":{"ip":1},"q":{"ip":2},"r":{}},"big":1e20}
        """;

    [Theory]
    // Keys, indexes, slices.
    [InlineData("a.b.c", "1.5")]
    [InlineData("a.b", """{"c":1.5}""")]
    [InlineData("a.nope.c", null)]
    [InlineData("s", "xé\n")]
    [InlineData("t", "true")]
    [InlineData("n", null)]
    [InlineData("big", "100000000000000000000")]
    [InlineData("\"x-y\".\"z z\"", "deep")]
    [InlineData("l[0]", "1")]
    [InlineData("l[-1]", "4")]
    [InlineData("l[9]", null)]
    [InlineData("a[0]", null)]
    [InlineData("l[1:3]", "[2,3]")]
    [InlineData("l[::-1]", "[4,3,2,1]")]
    [InlineData("l[::2]", "[1,3]")]
    [InlineData("l[-2:]", "[3,4]")]
    [InlineData("l[:-9]", "[]")]
    [InlineData("l[9:0:-2]", "[4,2]")]
    [InlineData("@.t", "true")]
    // Projections.
    [InlineData("people[*].name", """["ann","bob"]""")]
    [InlineData("people[0:1].name", """["ann"]""")]
    [InlineData("people[*].tags[]", """["x"]""")]
    [InlineData("people[*].tags[0]", """["x"]""")]
    [InlineData("people[*].tags | [0]", """["x"]""")]
    [InlineData("(people[*].tags)[1]", "[]")]
    [InlineData("pods.*.ip", "[1,2]")]
    [InlineData("*.k", """["v"]""")]
    [InlineData("nest[]", "[1,[2],3,4]")]
    [InlineData("nest[][]", "[1,2,3,4]")]
    [InlineData("a[*]", null)]
    [InlineData("l.*", null)]
    [InlineData("people[?age > `26`].name", """["ann"]""")]
    [InlineData("people[?name].name | [1]", "bob")]
    [InlineData("people[?name == 'bob' || age == `40`].age", "[25,40]")]
    [InlineData("people[?!name].age", "[40]")]
    [InlineData("people[?tags && age < `35`].name", """["ann"]""")]
    [InlineData("people[?name < 'b']", "[]")]
    // Multiselects, operators, literals.
    [InlineData("[t, l[0]]", "[true,1]")]
    [InlineData("{x: t, \"y z\": a.b.c}", """{"x":true,"y z":1.5}""")]
    [InlineData("nope.[a]", null)]
    [InlineData("nope || s", "xé\n")]
    [InlineData("e && t", "")]
    [InlineData("!e", "true")]
    [InlineData("!ee", "true")]
    [InlineData("a == {b: {c: `1.5`}}", "true")]
    [InlineData("o == `{\"j\":2,\"k\":\"v\"}`", "true")]
    [InlineData("l != `[1,2,3]`", "true")]
    [InlineData("'it\\'s'", "it's")]
    [InlineData("`\"a\\`b\"`", "a`b")]
    // Functions.
    [InlineData("abs(`-1.5`)", "1.5")]
    [InlineData("avg(l)", "2.5")]
    [InlineData("avg(ee)", null)]
    [InlineData("ceil(`1.1`)", "2")]
    [InlineData("floor(`-1.1`)", "-2")]
    [InlineData("contains(l, `3`)", "true")]
    [InlineData("contains('abc', 'bc')", "true")]
    [InlineData("ends_with('abc', 'bc')", "true")]
    [InlineData("starts_with('abc', 'b')", "false")]
    [InlineData("join('-', ['a', 'b'])", "a-b")]
    [InlineData("keys(o)", """["k","j"]""")]
    [InlineData("values(o)", """["v",2]""")]
    [InlineData("length('é𝄞')", "2")]
    [InlineData("length(l)", "4")]
    [InlineData("length(o)", "2")]
    [InlineData("map(&age, people)", "[30,25,40]")]
    [InlineData("max(l)", "4")]
    [InlineData("min(['b','a'])", "a")]
    [InlineData("max_by(people, &age).age", "40")]
    [InlineData("min_by(people, &age).name", "bob")]
    [InlineData("merge(o, {k: `1`})", """{"j":2,"k":1}""")]
    [InlineData("not_null(n, nope, 'x')", "x")]
    [InlineData("reverse('ab')", "ba")]
    [InlineData("reverse(l)[0]", "4")]
    [InlineData("sort(['b','a'])", """["a","b"]""")]
    [InlineData("sort_by(people, &age)[*].age", "[25,30,40]")]
    [InlineData("sum(l)", "10")]
    [InlineData("to_array(t)", "[true]")]
    [InlineData("to_number('1e1')", "10")]
    [InlineData("to_number('x')", null)]
    [InlineData("to_string(l)", "[1,2,3,4]")]
    [InlineData("type(o)", "object")]
    [InlineData("type(n)", "null")]
    public void Finds_what_the_standard_says(string expression, string? expected)
    {
        Assert.True(JmesPath.TryCompile(expression, out var path, out var error), error);
        var target = new ArrayBufferWriter<byte>();

        var isFound = path.TryEvaluate(Encoding.UTF8.GetBytes(Document), target, out var kind, out error);

        Assert.True(isFound, error);
        Assert.Equal(expected ?? "", Encoding.UTF8.GetString(target.WrittenSpan));
        Assert.Equal(expected is null, kind == JmesKind.Null);
    }

    [Theory]
    [InlineData("", "expected an expression, but the expression ends")]
    [InlineData("a.", "expected a name, \"[\" or \"{\" behind the dot, but the expression ends")]
    [InlineData("a b", "expected the end at offset 2")]
    [InlineData("a[", "expected a number, \":\" or \"*\", but the expression ends")]
    [InlineData("a[1", "expected \"]\", but the expression ends")]
    [InlineData("a[1:2:0]", "a slice's step must not be 0")]
    [InlineData("a[1:2:3:4]", "expected \"]\" at offset 8")]
    [InlineData("{a b}", "expected \":\" at offset 3")]
    [InlineData("nope(a)", "unknown function \"nope\"")]
    [InlineData("abs()", "abs takes 1 arguments, not 0")]
    [InlineData("\"abs\"(a)", "expected a function's name before \"(\" at offset 5")]
    [InlineData("'a", "unclosed ' at offset 0")]
    [InlineData("`{`", "not JSON: { at offset 0")]
    [InlineData("a # b", "unknown character '#' at offset 2")]
    [InlineData("a[99999999999]", "not a number: \"99999999999\" at offset 2")]
    public void Refuses_and_says_where(string expression, string expected)
    {
        var isCompiled = JmesPath.TryCompile(expression, out _, out var error);

        Assert.False(isCompiled);
        Assert.StartsWith($"JMESPath \"{expression}\": {expected}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abs(s)", Document, "abs: argument 1 is string, not a number")]
    [InlineData("sort([`1`, 'a'])", Document, "sort orders numbers or strings, all of one kind")]
    [InlineData("map('x', l)", Document, "map: argument 1 is string, not an &expression")]
    [InlineData("a", "{\"a\":", "malformed JSON")]
    [InlineData("a", "{} {}", "more than one JSON value")]
    [InlineData("a", "{\"a\":\"\\ud800\"}", "malformed JSON")]
    public void Says_what_does_not_fit(string expression, string json, string expected)
    {
        Assert.True(JmesPath.TryCompile(expression, out var path, out _));

        var isFound = path.TryEvaluate(Encoding.UTF8.GetBytes(json), new ArrayBufferWriter<byte>(), out _,
            out var error);

        Assert.False(isFound);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a.b.\"c d\"", "a/b/c d")]
    [InlineData("a[0]", null)]
    [InlineData("a | b", null)]
    [InlineData("(a).b", null)]
    [InlineData("*", null)]
    public void Knows_a_plain_path_of_keys(string expression, string? expected)
    {
        Assert.True(JmesPath.TryCompile(expression, out var path, out _));

        Assert.Equal(expected, path.KeyPath is null ? null : string.Join('/', path.KeyPath));
    }

    [Theory]
    [InlineData("[@,@]")]
    [InlineData("join('',[@,@])")]
    [InlineData("to_string([@,@])")]
    public void What_doubles_itself_is_stopped(string doubling)
    {
        var expression = string.Join(" | ", Enumerable.Repeat(doubling, 60)) + " | to_string(@)";
        Assert.True(JmesPath.TryCompile(expression, out var path, out _));

        var isFound = path.TryEvaluate("\"x\""u8, new ArrayBufferWriter<byte>(), out _, out var error);

        Assert.False(isFound);
        Assert.Contains("steps", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_read_as_replacement_characters()
    {
        Assert.True(JmesPath.TryCompile("a", out var path, out _));
        var target = new ArrayBufferWriter<byte>();

        Assert.True(path.TryEvaluate([.. "{\"a\":\""u8, 0xFF, .. "\"}"u8], target, out _, out _));

        Assert.Equal("\uFFFD", Encoding.UTF8.GetString(target.WrittenSpan));
    }

    [Fact]
    public void No_expression_and_no_document_breaks_it() => Fuzz.Run(4000, random =>
    {
        string[] pieces =
        [
            "a", "l", "people", ".", "*", "[", "]", "[?", "[]", "0", "-1", ":", "(", ")", "{", "}", ",", "|", "||",
                "&&", "!",
            "==", "<", "'x'", "`1`", "@", "&", "sort_by(people, &age)", "length(", "to_string(@)", "\"x-y\"", " ", "é",
        ];
        var expression = Fuzz.Text(random, pieces, 12);
        if (!JmesPath.TryCompile(expression, out var path, out var error))
        {
            Assert.NotEmpty(error);
            return;
        }

        var json = random.Next(2) == 0 ? Document : Document[..random.Next(Document.Length)];

        if (!path.TryEvaluate(Encoding.UTF8.GetBytes(json), new ArrayBufferWriter<byte>(), out _, out error))
            Assert.NotEmpty(error);
    });
}
