using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class ParserTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "(1 Plus (2 Star 3))")]
    [InlineData("1 - 2 - 3", "((1 Minus 2) Minus 3)")]
    [InlineData("2 ^ 3 ^ 2", "(2 Caret (3 Caret 2))")]
    [InlineData("-2 ^ 2", "((Minus 2) Caret 2)")]
    [InlineData("a || b && c == d", "(a Or (b And (c Equal d)))")]
    [InlineData("!a.b[0](1, 2,)", "(Not a.b[0,](1,2,))")]
    [InlineData("(1 + 2) * 3", "(<(1 Plus 2),> Star 3)")]
    [InlineData("{a = 1, \"b.c\" = [null, true]}", "{\"a\"=1,\"b.c\"=[null,true,],}")]
    [InlineData("{x = 1} == {}", "({\"x\"=1,} Equal {})")]
    [InlineData(".5 + 1e+2", "(0.5 Plus 100)")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("a /* b */ + // c\n 1", "(a Plus 1)")]
    public void Operators_bind_as_in_Alloy(string expression, string expected) =>
        Assert.Equal(expected, TreeText.Of(expression));

    [Theory]
    [InlineData("\"\\x41\\102\\u00e9\\U0001F600\\n\"", "AB\u00e9\U0001F600\n")]
    [InlineData("\"\\xc3\\xa9\"", "\u00e9")]
    [InlineData("`\\d+\n\"x\"`", "\\d+\n\"x\"")]
    [InlineData("`a\r\nb`", "a\nb")]
    public void Strings_are_decoded(string literal, string expected) =>
        Assert.Equal(StringLiteral.Encode(expected), TreeText.Of(literal));

    [Fact]
    public void Blocks_nest_and_carry_labels()
    {
        const string text = """
            loki.process "x" {
              stage.match {
                selector = "{a=\"b\"}"
                stage.cri { }
              }
              stage.docker {} // comment
              clustering { enabled = true }
            }
            logging "" { }
            """;

        var tree = Parser.Parse(new SourceFile("t.alloy", text));

        Assert.Empty(tree.Diagnostics);
        Assert.Equal("loki.process\"x\"{stage.match{selector=\"{a=\\\"b\\\"}\";stage.cri{};};stage.docker{};"
            + "clustering{enabled=true;};};logging{};", TreeText.Of(tree.Body));
    }

    [Fact]
    public void A_byte_order_mark_and_carriage_returns_are_no_mistake()
    {
        var tree = Parser.Parse(SourceFile.Decode("t.alloy", [0xEF, 0xBB, 0xBF, .. "a = 1\r\nb = [\r\n1,\r\n]\r\n"u8]));

        Assert.Empty(tree.Diagnostics);
        Assert.Equal("a=1;b=[1,];", TreeText.Of(tree.Body));
    }

    [Theory]
    [InlineData("a b c { x = 1 }")]
    [InlineData("a = ")]
    [InlineData("a = [1, 2")]
    [InlineData("a {")]
    [InlineData("}")]
    [InlineData("a = \"\\q\"")]
    [InlineData("a = 1 2")]
    [InlineData("a \"b\" \"c\" { }")]
    [InlineData("a = b.")]
    [InlineData("true = 1")]
    [InlineData("a = 'x'")]
    [InlineData("a = {`b` = 1}")]
    [InlineData("a = (1\n)")]
    [InlineData("a = b[1")]
    [InlineData("a = f(1 +)")]
    [InlineData("a.b = 1")]
    [InlineData("a \0 = 1")]
    [InlineData("a \uFEFF = 1")]
    [InlineData("a `b` { }")]
    [InlineData("a = 1e999")]
    public void Wrong_text_is_refused_with_exactly_one_error(string text)
    {
        var tree = Parser.Parse(new SourceFile("t.alloy", text));

        Assert.Single(tree.Diagnostics);
        Assert.True(tree.HasErrors);
    }

    [Theory]
    [InlineData("((((")]
    [InlineData("[[[[")]
    [InlineData("!!!!")]
    [InlineData("{a={a=")]
    [InlineData("1^1^")]
    [InlineData("a+a+")]
    [InlineData("f(f(")]
    [InlineData("a.b.c")]
    public void Nesting_has_a_limit_that_is_named(string piece)
    {
        var text = "x = " + string.Concat(Enumerable.Repeat(piece, 100_000));

        var tree = Parser.Parse(new SourceFile("t.alloy", text));

        Assert.Contains("nested more than 250 levels", Assert.Single(tree.Diagnostics).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_nested_too_deep_are_refused()
    {
        var tree = Parser.Parse(new SourceFile("t.alloy", string.Concat(Enumerable.Repeat("a {\n", 100_000))));

        Assert.Contains("nested more than", Assert.Single(tree.Diagnostics).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_too_long_is_refused()
    {
        var tree = Parser.Parse(new SourceFile("t.alloy", new string(' ', SourceFile.LengthMax + 1)));

        Assert.True(tree.HasErrors);
    }
}
