using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class EvaluatorTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("7 / 2", "3")]
    [InlineData("-7 / 2", "-3")]
    [InlineData("7 / 2.0", "3.5")]
    [InlineData("7 % 4", "3")]
    [InlineData("2 ^ 3 ^ 2", "512")]
    [InlineData("2 ^ -1", "0")]
    [InlineData("9223372036854775807 + 1", "9223372036854775808")]
    [InlineData("18446744073709551615 - 1", "18446744073709551614")]
    [InlineData("\"a\" + \"b\"", "\"ab\"")]
    [InlineData("1 == 1.0", "true")]
    [InlineData("1 == \"1\"", "false")]
    [InlineData("[1, {a = 2}] == [1, {a = 2.0}]", "true")]
    [InlineData("\"a\" < \"b\" && 2 >= 2", "true")]
    [InlineData("true || false == false", "true")]
    [InlineData("!(1 != 1)", "true")]
    [InlineData("{a = {b = [1, 2]}}.a.b[1]", "2")]
    [InlineData("{a = 1}[\"z\"]", "null")]
    [InlineData("{a = 1, a = 2}.a", "2")]
    public void Expressions_are_computed_as_in_Alloy(string expression, string expected) =>
        Assert.True(ValueEquality.AreEqual(Evaluating.Value(expected), Evaluating.Value(expression)));

    [Theory]
    [InlineData("1 / 0", "divide by zero error", 1, 7)]
    [InlineData("1 % 0", "divide by zero error", 1, 7)]
    [InlineData("1 + \"a\"", "operator + does not take number and string", 1, 7)]
    [InlineData("true || 1 / 0 == 1", "divide by zero error", 1, 15)]
    [InlineData("{a = 1}.b", "field \"b\" does not exist", 1, 13)]
    [InlineData("[1][1]", "index is out of range: the list has 1 elements", 1, 9)]
    [InlineData("[1][\"a\"]", "expected a number as index of a list, got string", 1, 9)]
    [InlineData("nothing", "identifier \"nothing\" does not exist", 1, 5)]
    [InlineData("consants.hostname", "identifier \"consants\" does not exist", 1, 5)]
    [InlineData("sys.evn(\"A\")", "field \"evn\" does not exist", 1, 9)]
    [InlineData("sys.env(1, 2)", "sys.env: expected 1 arguments, got 2", 1, 5)]
    [InlineData("string.join(1, \",\")", "string.join: expected list, got number", 1, 17)]
    [InlineData("\"a\"()", "expected a function in front of \"(\", got string", 1, 5)]
    [InlineData("test.secret == test.secret && test.secret", "operator && does not take bool and secret", 1, 32)]
    public void A_mistake_names_its_place(string expression, string message, int line, int column)
    {
        var found = Evaluating.Error(expression);

        Assert.Equal((message, line, column), (found.Message, found.Place.Line, found.Place.Column));
    }

    [Theory]
    [InlineData("test.secret + \"x\"")]
    [InlineData("\"x\" + test.secret")]
    [InlineData("coalesce(\"\", test.secret)")]
    public void What_is_made_of_a_secret_is_secret(string expression)
    {
        var value = Assert.IsType<SecretValue>(Evaluating.Value(expression));

        Assert.Contains("hunter2", value.Reveal(), StringComparison.Ordinal);
        Assert.Equal("(secret)", value.ToString());
    }

    [Theory]
    [InlineData("test.secret.x")]
    [InlineData("string.to_upper(test.secret)")]
    [InlineData("string.format(\"%s\", test.secret)")]
    [InlineData("encoding.from_json(convert.nonsensitive(test.secret))")]
    [InlineData("encoding.to_json({a = test.secret})")]
    [InlineData("-test.secret")]
    [InlineData("encoding.from_base64(\"hunter2!\")")]
    [InlineData("encoding.from_yaml(\"hunter2: [\")")]
    public void No_message_holds_a_value(string expression) =>
        Assert.DoesNotContain("hunter2", Evaluating.Error(expression).Message, StringComparison.Ordinal);

    [Fact]
    public void All_mistakes_of_an_expression_are_reported()
    {
        var found = new DiagnosticBag();

        new Evaluator(Evaluating.Scope(), found).Evaluate(Evaluating.Parse("[a, {b = 1 / 0}, f(c)]"));

        Assert.Equal([6, 16, 22, 24], found.Items.Select(item => item.Place.Column));
    }

    [Fact]
    public void Unknown_values_pass_through_and_keep_their_type()
    {
        var scope = Evaluating.Scope();
        scope.PublishValue("a.b", new ObjectValue(
            [KeyValuePair.Create<string, Value>("t", new UnknownValue(typeof(Dictionary<string, string>[])))]));
        var found = new DiagnosticBag();

        var value = new Evaluator(scope, found).Evaluate(Evaluating.Parse("a.b.t[0].x"));
        var whole = new Evaluator(scope, found).Evaluate(Evaluating.Parse("array.concat(a.b.t, [])"));

        Assert.Empty(found.Items);
        Assert.Equal(typeof(string), Assert.IsType<UnknownValue>(value).Type);
        Assert.IsType<UnknownValue>(whole);
    }

    [Fact]
    public void References_are_found_without_evaluation()
    {
        var tree = Parser.Parse(new SourceFile("r.alloy", """
            a.b "c" {
              forward_to = concat([loki.write.x.receiver], d.e.f.list)
              nested {
                t = {k = -(g.h["i"].j + k[l.m])}
              }
            }
            """));

        var found = References.In(tree.Body).Select(reference => reference.ToString());

        Assert.Equal(["concat", "loki.write.x.receiver", "d.e.f.list", "g.h", "k", "l.m"], found);
    }

    [Theory]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5s", 1.5)]
    [InlineData("-2m", -120)]
    [InlineData("250ms", 0.25)]
    [InlineData("0", 0)]
    public void Durations_are_read_as_Go_reads_them(string text, double seconds)
    {
        Assert.True(GoDuration.TryParse(text, out var value, out _));

        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("7d")]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("1..5s")]
    [InlineData("99999999999999h")]
    public void Other_durations_are_refused(string text)
    {
        Assert.False(GoDuration.TryParse(text, out _, out var problem));

        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData(90, "1m30s")]
    [InlineData(3600, "1h0m0s")]
    [InlineData(0.25, "250ms")]
    [InlineData(0, "0s")]
    [InlineData(-1.5, "-1.5s")]
    public void Durations_are_written_as_Go_writes_them(double seconds, string text) =>
        Assert.Equal(text, GoDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("1MiB", 1 << 20)]
    [InlineData("1MB", 1 << 20)]
    [InlineData("8kb", 8192)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("1KB512B", 1536)]
    [InlineData("100", 100)]
    public void Sizes_are_powers_of_1024(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var size, out _));

        Assert.Equal(bytes, size.Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("1XB")]
    [InlineData("-1KB")]
    [InlineData("99999999EB")]
    public void Other_sizes_are_refused(string text) => Assert.False(ByteSize.TryParse(text, out _, out _));

    [Theory]
    [InlineData(1e21, "1e+21")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(123.456, "123.456")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(1.5e300, "1.5e+300")]
    public void Floats_are_written_as_Go_writes_them(double number, string text) =>
        Assert.Equal(text, NumberValue.Of(number).ToText());
}
