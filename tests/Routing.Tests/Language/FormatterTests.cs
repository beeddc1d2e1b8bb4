using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class FormatterTests
{
    private static string Format(string text)
    {
        var found = new DiagnosticBag();
        var formatted = Formatter.Format(new SourceFile("f.alloy", text), found);
        Assert.Empty(found.Items);
        return formatted!;
    }

    [Fact]
    public void A_comma_that_a_line_end_stands_for_is_written()
    {
        var found = new DiagnosticBag();

        var formatted = Formatter.Format(
            new SourceFile("f.alloy", "x = {\n a = [\n  1 // one\n  2\n ]\n b = f(\n 1\n )\n}\n"), found);

        Assert.Equal("x = {\n\ta = [\n\t\t1, // one\n\t\t2,\n\t],\n\tb = f(\n\t\t1,\n\t),\n}\n", formatted);
        Assert.NotEmpty(found.Items);
        Assert.All(found.Items, item => Assert.Equal("missing-comma", item.Code));
        Assert.Equal(formatted, Format(formatted!));
    }

    [Fact]
    public void A_comment_of_another_language_becomes_one_of_this()
    {
        var found = new DiagnosticBag();

        var formatted = Formatter.Format(new SourceFile("f",
            "# top\r\na { #in\n\t# alone\n\tx = 1 # the \"last\"\n\n\t## two\n\ty = 2 //plain # still\n}\n#"), found);

        Assert.Equal(
            "// top\na { //in\n\t// alone\n\tx = 1 // the \"last\"\n\n\t//# two\n\ty = 2 //plain # still\n}\n//\n",
            formatted);
        Assert.Equal(6, found.Items.Count);
        Assert.All(found.Items, item => Assert.Equal("hash-comment", item.Code));
        Assert.Equal(formatted, Format(formatted!));
    }

    [Fact]
    public void A_file_gets_the_one_layout()
    {
        const string text = """


            // sends logs
            loki.source.file   "a"{
                targets=[
              {__path__="/a","b"="c",},
                  {__path__ = "/b"},

                ]
                forward_to   =[loki.write.w.receiver , loki.echo.e.receiver,]   // all of them
                x = -a.b [ 0 ] ( 1,2 )+ !c ^ ( 3 * 4 )  // one


                long_name =
                  1 +
                  2
            }
            loki.write "w" { endpoint { url = "x" } }
            loki.echo "e" {}
            logging {
              // only a comment
            }
            livedebugging { // trailing
              enabled = true /* inside */ }
            a { b { } }

            """;

        Assert.Equal("""
            // sends logs
            loki.source.file "a" {
            	targets = [
            		{__path__ = "/a", "b" = "c"},
            		{__path__ = "/b"},
            	]
            	forward_to = [loki.write.w.receiver, loki.echo.e.receiver] // all of them
            	x          = -a.b[0](1, 2) + !c ^ (3 * 4)                  // one

            	long_name = 1 +
            		2
            }
            loki.write "w" {
            	endpoint {
            		url = "x"
            	}
            }
            loki.echo "e" { }
            logging {
            	// only a comment
            }
            livedebugging { // trailing
            	enabled = true /* inside */
            }
            a {
            	b { }
            }

            """.Replace("targets = [", "targets    = ["), Format(text));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\n\n", "")]
    [InlineData("// a  \n\n\n\n// b", "// a\n\n// b\n")]
    [InlineData("a = 1", "a = 1\n")]
    [InlineData("a=1\r\nbb=`x\r\ny`\r\n", "a  = 1\nbb = `x\ny`\n")]
    [InlineData("a = 1\n\nbb = 2\n", "a = 1\n\nbb = 2\n")]
    [InlineData("a = 1\n// c\nbb = 2\n", "a  = 1\n// c\nbb = 2\n")]
    [InlineData("a = 1\nb { }\nccc = 2\n", "a = 1\nb { }\nccc = 2\n")]
    [InlineData("a = {\nb=1,\nccc=2,\n}\n", "a = {\n\tb   = 1,\n\tccc = 2,\n}\n")]
    [InlineData("a = f([\n1,\n], {\nb = 2,\n})", "a = f([\n\t1,\n], {\n\tb = 2,\n})\n")]
    [InlineData("a = {}\nb = []\nc = f()", "a = {}\nb = []\nc = f()\n")]
    [InlineData("a = [ // c\n1,\n]", "a = [ // c\n\t1,\n]\n")]
    [InlineData("a = // c\n1", "a = // c\n\t1\n")]
    [InlineData("a = 1 .x", "a = 1 .x\n")]
    [InlineData("a = - - 1", "a = --1\n")]
    [InlineData("/* a\n b */ c = 1", "/* a\n b */ c = 1\n")]
    public void Each_rule_holds(string text, string expected) => Assert.Equal(expected, Format(text));

    [Fact]
    public void A_file_with_a_mistake_is_not_formatted()
    {
        var found = new DiagnosticBag();

        Assert.Null(Formatter.Format(new SourceFile("f.alloy", "a = 'x'"), found));

        Assert.True(found.HasErrors);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Random_files_keep_their_meaning_and_comments_and_are_stable(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 150; run++)
        {
            var text = new RandomSource(random).File();
            var source = new SourceFile("f.alloy", text);
            Assert.True(!Parser.Parse(source).HasErrors, $"seed {seed}, not valid: {text}");

            var once = Format(text);
            var twice = Format(once);

            Assert.True(once == twice, $"seed {seed}, not stable:\n{text}\n---\n{once}\n---\n{twice}");
            var after = new SourceFile("g.alloy", once);
            Assert.True(Meaning(source) == Meaning(after), $"seed {seed}, other meaning:\n{text}\n---\n{once}");
            Assert.Equal(Comments(source), Comments(after));
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    public void Damaged_files_are_formatted_or_refused(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 500; run++)
        {
            var (from, length) = (random.Next(SyntaxFuzzTests.Valid.Length), random.Next(6));
            var text = SyntaxFuzzTests.Valid.Remove(from, Math.Min(length, SyntaxFuzzTests.Valid.Length - from));

            var once = Formatter.Format(new SourceFile("f", text), new DiagnosticBag());
            if (once is null) continue;

            Assert.True(once == Format(once), $"seed {seed}: {text}");
            Assert.Equal(Meaning(new SourceFile("f", text)), Meaning(new SourceFile("f", once)));
        }
    }

    private static string Meaning(SourceFile source) => TreeText.Of(Parser.Parse(source).Body);

    private static IEnumerable<string> Comments(SourceFile source) => Parser.Parse(source).Tokens
        .Where(token => token.Kind == TokenKind.Comment)
        .Select(token => source.Text.Substring(token.Offset, token.Length).TrimEnd());
}
