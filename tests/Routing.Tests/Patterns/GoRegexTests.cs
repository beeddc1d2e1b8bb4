using System.Text;
using Weir.Routing.Patterns;

namespace Weir.Routing.Tests.Patterns;

public sealed class GoRegexTests
{
    [Theory]
    // Plain, classes, flags.
    [InlineData("abc", "xabcx", "abc")]
    [InlineData("a.c", "a\nc", null)]
    [InlineData("(?s)a.c", "a\nc", "a\nc")]
    [InlineData("(?i)straße", "STRAẞE", "STRAẞE")]
    [InlineData("(?i)k", "\u212a", "\u212a")]
    [InlineData("(?i)s", "\u017f", "\u017f")]
    [InlineData("(?i)[k-k]", "\u212a", "\u212a")]
    [InlineData("(?i)error|warn", "a WaRn", "WaRn")]
    [InlineData("(?-i)A", "a", null)]
    [InlineData("(?i:a)b", "AB", null)]
    [InlineData("(?i)a(?-i)b", "Ab", "Ab")]
    [InlineData("a(?i)b|c", "C", "C")]
    [InlineData("(a(?i)b)c", "aBC", null)]
    [InlineData("^b", "a\nb", null)]
    [InlineData("(?m)^b$", "a\nb\nc", "b")]
    [InlineData("a$", "a\n", null)]
    [InlineData("(?m)a$", "a\n", "a")]
    [InlineData("a\\z", "ba", "a")]
    [InlineData("\\Aa", "ba", null)]
    [InlineData("(?U)a+", "aaa", "a")]
    [InlineData("(?U)a+?", "aaa", "aaa")]
    [InlineData("a+?", "aaa", "a")]
    [InlineData("\\bfoo\\b", "a foo.", "foo")]
    [InlineData("\\bfoo\\b", "afoo", null)]
    [InlineData("\\Boo", "foo", "oo")]
    [InlineData("\\bé", "é", null)]
    [InlineData("\\d+", "x٣12", "12")]
    [InlineData("\\s", "\v", null)]
    [InlineData("[[:space:]]", "\v", "\v")]
    [InlineData("[[:^alpha:]]+", "ab12c", "12")]
    [InlineData("[^[:alpha:]\\d]+", "ab12--c", "--")]
    [InlineData("\\w+", "-ab_1-", "ab_1")]
    [InlineData("[\\w-]+", ".a-b.", "a-b")]
    [InlineData("[a-]+", "x-a-", "-a-")]
    [InlineData("[]a]+", "]a", "]a")]
    [InlineData("[^]a]", "]ab", "b")]
    [InlineData("\\pL+", "12éa", "éa")]
    [InlineData("\\PL+", "é12", "12")]
    [InlineData("\\p{Lu}", "aÉ", "É")]
    [InlineData("\\p{^Lu}", "Éa", "a")]
    [InlineData("\\p{Greek}+", "abγδ", "γδ")]
    [InlineData("[\\p{Nd}]+", "a٣1", "٣1")]
    // Escapes.
    [InlineData("\\Qa.b*\\E+", "a.b**", "a.b**")]
    [InlineData("\\Qa\\", "xa\\", "a\\")]
    [InlineData("\\x41\\x{42}\\103\\0", "ABC\0", "ABC\0")]
    [InlineData("\\t\\n\\r\\f\\v\\a", "\t\n\r\f\v\a", "\t\n\r\f\v\a")]
    [InlineData("\\.\\-\\/\\_", ".-/_", ".-/_")]
    // Repeats and priorities.
    [InlineData("a{2,3}", "aaaa", "aaa")]
    [InlineData("a{2,3}?", "aaaa", "aa")]
    [InlineData("a{2}", "aaa", "aa")]
    [InlineData("a{2,}", "aaa", "aaa")]
    [InlineData("a{,2}", "a{,2}", "a{,2}")]
    [InlineData("a{x}", "a{x}", "a{x}")]
    [InlineData("a|ab", "ab", "a")]
    [InlineData("(?:a|ab)(?:c|bcd)", "abcd", "abcd")]
    [InlineData("(?:a|ab)(?:c|bcd)?", "abcd", "abcd")]
    [InlineData("(?:)*x", "x", "x")]
    [InlineData("(?:a*)*", "aab", "aa")]
    [InlineData("(?:|a)*", "aa", "")]
    [InlineData("(?:|a)+", "aa", "")]
    [InlineData("", "abc", "")]
    [InlineData("x*", "abc", "")]
    [InlineData(".", "𝄞", "𝄞")]
    [InlineData("^..$", "𝄞", null)]
    [InlineData("[^a]", "𝄞", "𝄞")]
    public void Matches_as_Go_does(string pattern, string text, string? expected)
    {
        var regex = GoRegex.Compile(pattern);
        var bytes = Encoding.UTF8.GetBytes(text);
        var bounds = new int[regex.BoundsEach];

        var isMatch = regex.TryMatch(bytes, bounds);

        Assert.Equal(expected, isMatch ? Encoding.UTF8.GetString(bytes.AsSpan(bounds[0]..bounds[1])) : null);
        Assert.Equal(isMatch, regex.IsMatch(bytes));
    }

    [Theory]
    [InlineData("(?P<a>x)(?<b>y)?(z)", "-xz", "a=x b=nil =z")]
    [InlineData("(a+)(b*)", "aab", "=aa =b")]
    [InlineData("(a|ab)(c|bcd)(d*)", "abcd", "=a =bcd =")]
    [InlineData("(?:(a)|b)*", "ab", "=a")]
    [InlineData("(a*)+", "b", "=")]
    [InlineData("(a*)*", "b", "=")]
    [InlineData("(|a)*", "aa", "=")]
    [InlineData("(a??)(a*)", "aa", "= =aa")]
    [InlineData(@"level=(?P<level>\w+)", "ts=1 level=info msg=x", "level=info")]
    [InlineData(@"^(?P<ip>\S+) (?P<id>\S+) \[(?P<at>[^\]]*)\]", "::1 - [now] x", "ip=::1 id=- at=now")]
    public void Captures_as_Go_does(string pattern, string text, string expected)
    {
        var regex = GoRegex.Compile(pattern);
        var bounds = new int[regex.BoundsEach];

        Assert.True(regex.TryMatch(Encoding.UTF8.GetBytes(text), bounds));

        var groups = Enumerable.Range(1, regex.GroupNames.Count - 1).Select(group =>
            regex.GroupNames[group] + "=" + (bounds[group * 2] < 0 ? "nil"
                : text[bounds[group * 2]..bounds[group * 2 + 1]]));
        Assert.Equal(expected, string.Join(' ', groups));
    }

    [Theory]
    [InlineData("a(b", "missing closing ): `a(b` at offset 3")]
    [InlineData("a)b", "unexpected ): `a)b` at offset 1")]
    [InlineData("[a", "missing closing ]: `[a` at offset 0")]
    [InlineData("[b-a]", "invalid character class range: `b-a` at offset 1")]
    [InlineData("[a-\\d]", "invalid escape sequence: `\\d` at offset 3")]
    [InlineData("[[:nope:]]", "invalid character class range: `[:nope:]` at offset 1")]
    [InlineData("*a", "missing argument to repetition operator: `*` at offset 0")]
    [InlineData("a**", "invalid nested repetition operator: `**` at offset 2")]
    [InlineData("a{2}{3}", "invalid nested repetition operator: `{2}{3}` at offset 4")]
    [InlineData("a*+", "invalid nested repetition operator: `*+` at offset 2")]
    [InlineData("a{1001}", "invalid repeat count: `{1001}` at offset 1")]
    [InlineData("a{3,2}", "invalid repeat count: `{3,2}` at offset 1")]
    [InlineData("((a{100}){100}){100}", "invalid repeat count: `((a{100}){100}){100}` at offset 0")]
    [InlineData("(?=a)", "invalid or unsupported Perl syntax: `(?=` at offset 0")]
    [InlineData("(?!a)", "invalid or unsupported Perl syntax: `(?!` at offset 0")]
    [InlineData("(?>a)", "invalid or unsupported Perl syntax: `(?>` at offset 0")]
    [InlineData("(?<=a)b", "invalid named capture: `(?<=a)b` at offset 0")]
    [InlineData("(?P<n->a)", "invalid named capture: `(?P<n->` at offset 0")]
    [InlineData("(?P=n)", "invalid or unsupported Perl syntax: `(?P` at offset 0")]
    [InlineData("(?P<n>a)(?P<n>b)", "duplicate capture name: `n` at offset 8")]
    [InlineData("(a)\\1", "invalid escape sequence: `\\1` at offset 3")]
    [InlineData("\\C", "invalid escape sequence: `\\C` at offset 0")]
    [InlineData("\\Z", "invalid escape sequence: `\\Z` at offset 0")]
    [InlineData("\\xg", "invalid escape sequence: `\\xg` at offset 0")]
    [InlineData("\\p{Nope}", "invalid character class range: `\\p{Nope}` at offset 0")]
    [InlineData("a\\", "trailing backslash at end of expression: `` at offset 1")]
    public void Refuses_what_Go_refuses_and_says_where(string pattern, string expected)
    {
        var isCompiled = GoRegex.TryCompile(pattern, out _, out var error);

        Assert.False(isCompiled);
        Assert.Equal("error parsing regexp: " + expected, error);
    }

    [Fact]
    public void Refuses_what_nests_or_grows_without_end()
    {
        var isDeep = GoRegex.TryCompile(new string('(', 5000) + new string(')', 5000), out _, out var deep);
        var isLarge = GoRegex.TryCompile(string.Concat(Enumerable.Repeat("(?:abcdefghij){1000}", 5)), out _,
            out var large);

        Assert.False(isDeep || isLarge);
        Assert.Contains("nests too deeply", deep, StringComparison.Ordinal);
        Assert.Contains("expression too large", large, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foo.*bar", "foo\nbar", true)]
    [InlineData("foo", "foobar", false)]
    [InlineData("foo|bar", "bar", true)]
    [InlineData("foo|bar", "foox", false)]
    [InlineData("(?i)FOO", "foo", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    public void An_anchored_pattern_takes_the_whole_text(string pattern, string text, bool expected)
    {
        Assert.True(GoRegex.TryCompileAnchored(pattern, out var regex, out _));

        Assert.Equal(expected, regex.IsMatch(text));
    }

    [Fact]
    public void A_byte_that_is_no_text_is_one_replacement_character()
    {
        byte[] text = [(byte)'a', 0xC3, 0xE2, 0x82, (byte)'b', 0xC3, 0xA9];
        var regex = GoRegex.Compile("a(...)b(.)");
        var bounds = new int[6];

        Assert.True(regex.TryMatch(text, bounds));

        Assert.Equal([0, 7, 1, 4, 5, 7], bounds);
        Assert.True(GoRegex.Compile("\\x{FFFD}").IsMatch(text));
    }

    [Theory]
    [InlineData("a*", "baaac", "[$0]", "[]b[aaa]c[]")]
    [InlineData("a", "banana", "<$0>", "b<a>n<a>n<a>")]
    [InlineData("(?P<x>b)(n)?", "abnb", "${x}$2$$$1x$9-$", "abn$-$b$-$")]
    [InlineData("z", "abc", "x", "abc")]
    [InlineData("", "éa", "-", "-é-a-")]
    [InlineData("a", "aa", "", "")]
    public void Replaces_all_matches_as_Go_does(string pattern, string text, string replacement, string expected)
    {
        var replaced = GoRegex.Compile(pattern).ReplaceAll(text, new GoReplacement(replacement));

        Assert.Equal(expected, replaced);
    }

    [Fact]
    public void Warm_matching_allocates_nothing()
    {
        var regexes = new[] { @"level=(?P<l>\w+)", @"^(\S+) (\S+)", "(a|ab)(c|bcd)", "[0-9]+ms" }
            .Select(GoRegex.Compile).ToArray();
        var line = "127.0.0.1 level=info abcd took 12ms é"u8.ToArray();
        var bounds = new int[8];

        Allocations.AssertNone(() =>
        {
            foreach (var regex in regexes) Assert.True(regex.TryMatch(line, bounds.AsSpan(0, regex.BoundsEach)));
        });
    }
}
