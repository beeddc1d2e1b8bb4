using System.Text;
using Weir.Routing.Secrets;

namespace Weir.Routing.Tests.Secrets;

public sealed class SecretRuleFileTests
{
    private static string Find(string file, string line)
    {
        var finder = SecretRuleFile.Parse(file);
        var bytes = Encoding.UTF8.GetBytes(line);
        var found = new List<FoundSecret>();
        finder.Find(bytes, new int[Math.Max(1, finder.BoundsMax)], found, default);
        return string.Join(' ', found.Select(secret =>
            $"{finder.Rules[secret.Rule].Id}={Encoding.UTF8.GetString(bytes, secret.Start, secret.Length)}"));
    }

    private static string Error(string file) =>
        Assert.Throws<SecretRuleException>(() => SecretRuleFile.Parse(file)).Message;

    private const string Rules = """"
        title = "mine" # a comment
        [extend]
        useDefault = false

        [[rules]]
        id = "whole"
        description = """two
        lines"""
        regex = '''tok_[0-9a-z]{4}'''
        keywords = ["TOK_"]

        [[rules]]
        id = "second-group"
        regex = '(a+)-(b+)'
        secretGroup = 2

        [[rules]]
        id = "entropic"
        regex = "rnd=(\\w+)"
        entropy = 2.5
        tags = ["x", 1, true, {y = "z"}]

        [[rules]]
        id = "of-files"
        path = '''\.pem$'''
        """";

    [Theory]
    [InlineData("x tok_12ab y tok_ffff", "whole=tok_12ab whole=tok_ffff")]
    [InlineData("aa-bbb", "second-group=bbb")]
    [InlineData("rnd=aaaaaaaa rnd=a1b2c3d4", "entropic=a1b2c3d4")]
    [InlineData("nothing", "")]
    public void Rules_of_a_file_are_used(string line, string found) => Assert.Equal(found, Find(Rules, line));

    [Theory]
    [InlineData("[[rules.allowlists]]\nregexes = ['12']", "tok_12ab tok_ffff", "whole=tok_ffff")]
    [InlineData("[rules.allowlist]\nstopwords = ['FFFF']", "tok_12ab tok_ffff", "whole=tok_12ab")]
    [InlineData("[[rules.allowlists]]\nregexTarget = 'line'\nregexes = ['^ok']", "ok tok_12ab", "")]
    [InlineData("[[rules.allowlists]]\nregexTarget = 'match'\nregexes = ['^tok']", "tok_12ab", "")]
    [InlineData("[[rules.allowlists]]\ncondition = 'AND'\nregexes = ['tok']\nstopwords = ['zzz']", "tok_12ab",
        "whole=tok_12ab")]
    [InlineData("[[rules.allowlists]]\ncondition = 'AND'\nregexes = ['tok']\npaths = ['x']", "tok_12ab",
        "whole=tok_12ab")]
    [InlineData("[allowlist]\nregexes = ['tok_1']", "tok_12ab tok_ffff", "whole=tok_ffff")]
    [InlineData("[[allowlists]]\ntargetRules = ['other']\nregexes = ['tok_1']", "tok_12ab", "whole=tok_12ab")]
    [InlineData("[[allowlists]]\ntargetRules = ['whole']\nregexes = ['tok_1']", "tok_12ab", "")]
    public void What_is_allowed_is_no_secret(string allowed, string line, string found) =>
        Assert.Equal(found, Find($"[[rules]]\nid = 'whole'\nregex = 'tok_[0-9a-z]{{4}}'\n{allowed}", line));

    [Fact]
    public void The_built_in_rules_are_extended_changed_and_switched_off()
    {
        const string file = """
            [extend]
            useDefault = true
            disabledRules = ["slack-token"]
            [[rules]]
            id = "own"
            regex = 'own_\d{4}'
            [[rules]]
            id = "gitlab-token"
            [[rules.allowlists]]
            regexes = ['AAAA']
            """;

        Assert.Equal("gitlab-token=glpat-0123456789abcdefghij own=own_1234",
            Find(file, "glpat-0123456789abcdefghij glpat-AAAA456789abcdefghij xoxb-0123456789abc own_1234"));
    }

    [Theory]
    [InlineData("", "it has no rules; [extend] with useDefault = true takes the built-in ones")]
    [InlineData("[[rules]]\nregex = 'a'", "a rule has no id")]
    [InlineData("[[rules]]\nid = 'x'", "rule \"x\" has no regex")]
    [InlineData("[[rules]]\nid = 'x'\nregex = '('", "x: error parsing regexp: missing closing ): `(`")]
    [InlineData("[[rules]]\nid = 'x'\nregex = 'a'\nentropy = 'high'", "\"entropy\" is no such number")]
    [InlineData("[[rules]]\nid = 'x'\nregex = 'a'\n[[rules.allowlists]]\nregexTarget = 'file'\nregexes = ['a']",
        "rule \"x\": regexTarget \"file\" is none of secret, match and line")]
    [InlineData("[extend]\npath = 'other.toml'", "extend.path is not supported: write the rules into one file")]
    [InlineData("[[rules]\n", "line 1: expected ]")]
    [InlineData("a = \"\\d\"", "line 1: there is no escape \\d; patterns stand in ''' … '''")]
    [InlineData("\na = 1\na = 2", "line 3: \"a\" is given twice")]
    [InlineData("a = 'x", "line 1: a string is not closed")]
    [InlineData("a = [1 2]", "line 1: expected , or ] in an array")]
    [InlineData("a = 1 b = 2", "line 1: expected the end of the line")]
    [InlineData("a 1", "line 1: expected = behind a name")]
    [InlineData("a = what", "line 1: expected a value")]
    [InlineData("rules = 1", "\"rules\" is no list of tables")]
    public void A_file_that_cannot_be_used_is_refused_with_its_reason(string file, string message) =>
        Assert.StartsWith(message, Error(file), StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_is_refused() => Assert.Contains(
        "nested more than", Error("a = " + new string('[', 10_000)), StringComparison.Ordinal);

    [Fact]
    public void No_text_crashes_or_hangs_the_reader()
    {
        string[] pieces =
        [
            "[[rules]]\n", "[extend]\n", "id = 'x'\n", "regex = '''a+'''\n", "a.b = ", "\"", "'", "'''", "\"\"\"",
            "[", "]", "{", "}", ",", "=", "1_0.5e3", "true", "\\u00e9", "\\", "\n", "# c", "é", "\u0000",
            "allowlists = ",
        ];
        Fuzz.Run(10_000, random =>
        {
            var text = Fuzz.Text(random, pieces, 20);
            var fault = Record.Exception(() => SecretRuleFile.Parse(text));
            Assert.True(fault is null or SecretRuleException, fault?.ToString());
        });
    }
}
