using System.Text;
using System.Text.RegularExpressions;
using Weir.Routing.Patterns;

namespace Weir.Routing.Tests.Patterns;

public sealed class GoRegexFuzzTests
{
    [Fact]
    public void Agrees_with_a_backtracking_engine_where_both_mean_the_same() => Fuzz.Run(3000, random =>
    {
        var pattern = Pattern(random, 4, mayBeEmpty: false);
        var text = Text(random);
        var bytes = Encoding.UTF8.GetBytes(text);
        var regex = GoRegex.Compile(pattern);
        var bounds = new int[regex.BoundsEach];

        var isMatch = regex.TryMatch(bytes, bounds);

        var expected = Regex.Match(text, pattern.Replace("$", "\\z", StringComparison.Ordinal),
            RegexOptions.CultureInvariant);
        Assert.True(expected.Success == isMatch, $"{pattern} on {text}: expected {expected.Success}");
        Assert.Equal(isMatch, regex.IsMatch(bytes));
        if (!isMatch) return;
        var groups = expected.Groups.Cast<Group>()
            .SelectMany(group => group.Success ? new[] { group.Index, group.Index + group.Length } : [-1, -1]);
        Assert.True(groups.SequenceEqual(bounds),
            $"{pattern} on {text}: expected {string.Join(',', groups)}, got {string.Join(',', bounds)}");
    });

    [Fact]
    public void All_ways_of_matching_agree() => Fuzz.Run(3000, random =>
    {
        var pattern = Pattern(random, 4, mayBeEmpty: true);
        var bytes = Encoding.UTF8.GetBytes(Text(random));
        var node = PatternParser.Parse(pattern, PatternFlags.None, out var names);
        var plan = new PatternPlan(node, names.Count * 2);
        var bounds = new int[plan.BoundsEach];
        if (!new PatternScratch(plan).TryMatch(bytes, 0, bounds)) return;
        var one = new int[plan.BoundsEach];
        var other = new int[plan.BoundsEach];

        var isOne = new BacktrackMatcher(plan.Forward).TryMatch(bytes, bounds[0], bytes.Length, one);
        var isOther = new ThreadMatcher(plan.Forward, plan.BoundsEach).TryMatch(bytes, bounds[0], bytes.Length, other);

        Assert.True(isOne && isOther, pattern);
        Assert.True(one.AsSpan().SequenceEqual(bounds) && other.AsSpan().SequenceEqual(bounds),
            $"{pattern}: {string.Join(',', bounds)} {string.Join(',', one)} {string.Join(',', other)}");
    });

    [Fact]
    public void Any_text_is_a_pattern_or_refused() => Fuzz.Run(4000, random =>
    {
        string[] pieces =
        [
            "a", "é", "(", ")", "(?", "P<n>", "<m>", "i", ":", "[", "]", "^", "$", "-", "\\", "\\p{", "L", "}", "{2",
            ",",
            "*", "+", "?", "|", ".", "[:alpha:]", "\\Q", "\\E", "\\x", "41", "\\b", "\\d", "𝄞", "\ud800", "999}",
        ];
        var pattern = Fuzz.Text(random, pieces, 14);
        var text = new byte[random.Next(40)];
        random.NextBytes(text);

        if (!GoRegex.TryCompile(pattern, out var regex, out var error)) Assert.NotEmpty(error);
        else
        {
            var bounds = new int[regex.BoundsEach];
            var matches = 0;
            using var search = regex.Search(text);
            while (search.TryNext(bounds))
            {
                Assert.InRange(bounds[0], 0, bounds[1]);
                Assert.InRange(bounds[1], bounds[0], text.Length);
                Assert.True(++matches <= text.Length + 1);
            }
        }
    });

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|aa)+$")]
    [InlineData("(.*)(.*)(.*)(.*)(.*)x$")]
    [InlineData("(x+x+)+y")]
    [InlineData("(?:a?){50}a{50}$")]
    [InlineData("^(\\w+\\s?)*$")]
    public void A_hostile_line_takes_linear_time(string pattern)
    {
        var line = Encoding.ASCII.GetBytes(new string('a', 128 * 1024) + new string('x', 128 * 1024) + "!");
        var regex = GoRegex.Compile(pattern);
        var bounds = new int[regex.BoundsEach];

        // An engine that backtracks without memory would not come back in a lifetime: returning is the assertion.
        var isMatch = regex.TryMatch(line, bounds);

        Assert.False(isMatch);
    }

    private static string Text(Random random) =>
        new([.. Enumerable.Range(0, random.Next(12)).Select(_ => "aab c\n"[random.Next(6)])]);

    private static string Pattern(Random random, int depth, bool mayBeEmpty)
    {
        var atom = random.Next(12) switch
        {
            < 3 when depth > 0 => "(" + Pattern(random, depth - 1, mayBeEmpty) + ")",
            3 when depth > 0 => "(?:" + Pattern(random, depth - 1, mayBeEmpty) + "|"
                + Pattern(random, depth - 1, mayBeEmpty) + ")",
            4 when depth > 0 => Pattern(random, depth - 1, mayBeEmpty) + Pattern(random, depth - 1, mayBeEmpty),
            5 => ".",
            6 => "[ab]",
            7 => "[^a]",
            8 => new[] { "^", "$", "\\b", "\\B" }[random.Next(4)] + "a",
            _ => new[] { "a", "b", "c", " " }[random.Next(4)],
        };
        if (random.Next(3) > 0) return atom;
        // A loop round what may be empty is where engines differ in what they capture.
        var repeated = "(?:" + (mayBeEmpty ? atom : "a") + ")";
        return repeated + new[] { "*", "+", "?", "*?", "+?", "{1,2}", "{2,}" }[random.Next(7)]
            + (mayBeEmpty ? "" : atom);
    }
}
