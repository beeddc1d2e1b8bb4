using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class SyntaxErrorTests
{
    private static string Render(string text)
    {
        var found = new DiagnosticBag();
        found.AddRange(Parser.Parse(new SourceFile("c.alloy", text)).Diagnostics);
        return DiagnosticRenderer.Render(found);
    }

    [Fact]
    public void An_error_shows_its_place_its_line_a_caret_and_a_hint()
    {
        var text = Render("ok = 1\n\turl = 'x'\n");

        Assert.Equal("""
            c.alloy:2:8: error: illegal single-quoted string
            2 | 	url = 'x'
              | 	      ^
            hint: use double quotes

            """, text);
    }

    [Theory]
    [InlineData("# a comment", "a comment begins with //")]
    [InlineData("a = 'x'", "use double quotes")]
    [InlineData("loki.write \"my-logs\" {\n}", "\"my_logs\"")]
    [InlineData("loki.write logs {\n}", "write \"logs\"")]
    [InlineData("w {\nendpoint = {\nurl = \"x\"\ntls_config {\n}\n}\n}",
        "a block is written without \"=\": endpoint { … }")]
    [InlineData("endpoint = { url = \"x\" name = \"y\" }", "if \"endpoint\" is a block, remove the \"=\"")]
    [InlineData("a = {\nb = 1,\nc = 2\n}", "a comma must follow the last element")]
    [InlineData("a = [\n1\n2,\n]", "add a comma")]
    [InlineData("a \"b\"\n{\n}", "move it to the end of the line above")]
    [InlineData("a = 5m", "\"5m\"")]
    [InlineData("a = \"\\d+\"", "write \\\\d for a backslash, or put the string in backticks")]
    [InlineData("a = 1,", "parted by line ends, not by commas")]
    [InlineData("a = {b: 1}", "write name = value")]
    [InlineData("a = ${HOME}", "sys.env(\"NAME\")")]
    [InlineData("- job_name: x", "--config.format=promtail")]
    [InlineData("foo-bar \"x\" {\n}", "letters, digits and underscores")]
    [InlineData("a = \"x", "use backticks for a string of several lines")]
    public void What_users_write_by_mistake_gets_a_remedy(string text, string hint) =>
        Assert.Contains(hint, Render(text), StringComparison.Ordinal);

    [Fact]
    public void All_mistakes_are_reported_in_one_run_one_a_line()
    {
        const string text = """
            # first
            loki.write "my-logs" {
              endpoint = {
                url = "a"
                tls_config {
                  ca_file = 'second'
                }
              }
              w = [1 2]
              x = 1 +* 2
              forward_to = [loki.a.b.receiver
              y = (1
            }
            stray = 1 }
            """;

        var lines = Parser.Parse(new SourceFile("c.alloy", text)).Diagnostics.Select(found => found.Place.Line);

        Assert.Equal([1, 2, 3, 6, 9, 10, 11, 12, 14], lines);
    }

    [Fact]
    public void A_block_that_is_not_closed_is_named_where_it_begins()
    {
        var found = Assert.Single(Parser.Parse(new SourceFile("c.alloy",
            "a \"x\" {\n  b {\n  }\n  c = 1\n")).Diagnostics);

        Assert.Equal("block a is not closed", found.Message);
        Assert.Equal(1, found.Place.Line);
    }

    [Theory]
    [InlineData("password = \"hunter2\" x")]
    [InlineData("bearer_token = `hunter2` x")]
    [InlineData("headers = {\"X-Api-Key\" = \"hunter2\"} x")]
    [InlineData("url = \"http://me:hunter2@host/\" x")]
    [InlineData("client_secret = 'hunter2'")]
    public void A_credential_on_the_line_shown_is_masked(string line) =>
        Assert.DoesNotContain("hunter2", Render(line), StringComparison.Ordinal);

    [Fact]
    public void A_key_in_a_string_that_is_not_closed_is_masked()
    {
        var text =
            Render("key_pem = \"-----BEGIN\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDc7ty/y\n-----END\"\n");

        Assert.DoesNotContain("MIIE", text, StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_very_long_line_is_cut_around_the_mistake()
    {
        var text = Render($"a = [{string.Concat(Enumerable.Repeat("1, ", 100_000))} #]");

        Assert.All(text.Split('\n'), line => Assert.True(line.Length < 200));
    }

    [Theory]
    [InlineData("loki.proces", "loki.process")]
    [InlineData("ulr", "url")]
    [InlineData("forwardto", "forward_to")]
    [InlineData("zzzzzz", null)]
    public void A_close_name_is_suggested(string wrong, string? expected) =>
        Assert.Equal(expected, Suggestion.Closest(wrong, ["url", "forward_to", "loki.process", "loki.write"]));
}
