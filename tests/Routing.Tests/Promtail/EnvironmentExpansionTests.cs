using Weir.Routing.Language;
using Weir.Routing.Promtail;

namespace Weir.Routing.Tests.Promtail;

public sealed class EnvironmentExpansionTests
{
    private static readonly Dictionary<string, string> Variables = new(StringComparer.Ordinal)
    {
        ["A"] = "value", ["EMPTY"] = "", ["PATH"] = "/var/log/app.log.gz", ["É"] = "é!", ["B"] = "x",
    };

    [Theory]
    [InlineData("a ${A} b", "a value b")]
    [InlineData("${A}${B}", "valuex")]
    [InlineData("${EMPTY}", "")]
    [InlineData("${EMPTY:-d}", "d")]
    [InlineData("${NONE:-http://a:1/}", "http://a:1/")]
    [InlineData("${NONE:=d} ${NONE:?d} ${NONE:+d} ${NONE=d}", "d d d d")]
    [InlineData("${A:-d}", "value")]
    [InlineData("${NONE:-${B}y${NONE:-z}}", "xyz")]
    [InlineData("${NONE:-}", "")]
    [InlineData("${#A}${#É}", "53")]
    [InlineData("${A:1} ${A:1:2} ${A:-3}", "alue al value")]
    [InlineData("${A:0:99}|${A:9}|${A:x}", "value||value")]
    [InlineData("${A^}${A^^}${A,}${A,,}", "ValueVALUEvaluevalue")]
    [InlineData("${PATH#*/}|${PATH##*/}", "var/log/app.log.gz|app.log.gz")]
    [InlineData("${PATH%.*}|${PATH%%.*}", "/var/log/app.log|/var/log/app")]
    [InlineData("${PATH%[a-z][!a-y]}|${PATH%?}", "/var/log/app.log.|/var/log/app.log.g")]
    [InlineData("${A/a/o}|${PATH//log/x}|${A/#v/w}|${A/%e/}", "volue|/var/x/app.x.gz|walue|valu")]
    [InlineData("$A $1 $ ${A}$", "$A $1 $ value$")]
    [InlineData("$${A} $$A", "${A} $A")]
    [InlineData(@"'\\d+\\/\d' \/", @"'\d+\/\d' /")]
    public void A_text_is_expanded_as_Promtail_expands_it(string text, string expected)
    {
        var found = new DiagnosticBag();

        var expanded = EnvironmentExpansion.Expand(new SourceFile("f", text), Value, found);

        Assert.Equal(expected, expanded!.Text);
        Assert.False(found.HasErrors);
    }

    [Theory]
    [InlineData("${")]
    [InlineData("${}")]
    [InlineData("${A")]
    [InlineData("${A:-d")]
    [InlineData("${A b}")]
    [InlineData("${A/b}")]
    [InlineData("${#}")]
    public void What_is_no_expansion_is_reported_and_stays(string text)
    {
        var found = new DiagnosticBag();

        var expanded = EnvironmentExpansion.Expand(new SourceFile("f", "x " + text), Value, found);

        Assert.Equal("x " + text, expanded!.Text);
        Assert.StartsWith("f:1:3: error: this is no expansion of a variable", Assert.Single(found.Items).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_is_not_set_is_reported_unless_it_has_a_default()
    {
        var found = new DiagnosticBag();

        EnvironmentExpansion.Expand(new SourceFile("f", "${NONE:-x}\n ${NONE} $B\n${1}"), Value, found);

        Assert.Equal(
        [
            "f:2:2: warning: the environment variable NONE is not set, so that nothing stands here "
                + "(set it, or give a default: ${NONE:-default})",
            "f:2:10: warning: $B is not expanded, only ${B} is (write ${B} if the variable is meant)",
            "f:3:1: warning: the environment variable 1 is not set, so that nothing stands here "
                + "(if a group of a regular expression is meant, write $1 or $${1})",
        ], found.Items.Select(item => item.ToString()));
    }

    [Fact]
    public void Places_behind_expansions_are_those_of_the_file()
    {
        const string Yaml = """
            clients: [{url: "${URL}", name: '\\', urll: x}]
            scrape_configs: [{job_name: '${EMPTY}${JOB}', jornal: {}, journal: {labels: {a: '${A}', b-c: d}}}]
            """;

        var found = Converting.Problems(Yaml, name => name switch
        {
            "URL" => "http://a-rather-long-name/loki/api/v1/push", "JOB" => "two\nlines", _ => Value(name),
        });

        Assert.Equal(
        [
            "1:39: error: unknown field \"urll\" in clients (did you mean \"url\"?)",
            "2:47: error: unknown field \"jornal\" in scrape_configs (did you mean \"journal\"?)",
            "2:89: error: \"b-c\" in journal.labels is no name of a label "
                + "(use letters, digits and underscores, and begin with no digit)",
        ], found);
    }

    [Fact]
    public void A_value_is_never_shown_only_the_name_of_its_variable()
    {
        var (_, found) = Converting.File("clients:\n- url: ${SECRET}\n  batchwait: ${SECRET}\n  timeout: [${SECRET}]\n",
            _ => "hunter2");

        Assert.True(found.ErrorCount >= 3);
        Assert.DoesNotContain("hunter2", DiagnosticRenderer.Render(found), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_grows_without_end_is_refused()
    {
        var found = new DiagnosticBag();
        var text = string.Concat(Enumerable.Repeat("${LONG}\n", 100));

        var expanded = EnvironmentExpansion.Expand(new SourceFile("f", text), _ => new string('x', 100_000), found);

        Assert.Null(expanded);
        Assert.Contains("longer than 4194304 characters", Assert.Single(found.Items).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void No_function_makes_a_text_of_any_length()
    {
        var many = new string('y', 100_000);
        string[] texts =
        [
            $"${{LONG//x/{many}}}", $"${{NONE:-{string.Concat(Enumerable.Repeat("${LONG}", 100))}}}",
            $"${{LONG#{many}}}",
        ];

        foreach (var text in texts)
        {
            var found = new DiagnosticBag();
            EnvironmentExpansion.Expand(new SourceFile("f", text),
                name => name == "LONG" ? new string('x', 100_000) : null, found);
            Assert.True(found.HasErrors);
        }
    }

    private static string? Value(string name) => Variables.GetValueOrDefault(name);
}
