using Weir.Routing.Patterns;

namespace Weir.Routing.Tests.Patterns;

public sealed class PatternReachTests
{
    [Theory]
    [InlineData("a^", false)]
    [InlineData("(token)^", false)]
    [InlineData("$a", false)]
    [InlineData(@"\Aa\Ab", false)]
    [InlineData(@"a\z.", false)]
    [InlineData(@"[^\x00-\x{10FFFF}]", false)]
    [InlineData("(a$|b)c", true)]
    [InlineData("(^a|b)c", true)]
    [InlineData("a(^|b)", true)]
    [InlineData("(?m)a\n^b", true)]
    [InlineData("^$", true)]
    [InlineData("(a^)*", true)]
    [InlineData("", true)]
    [InlineData("(malformed", true)]
    public void A_pattern_that_no_text_matches_is_found(string pattern, bool expected) =>
        Assert.Equal(expected, PatternReach.CanMatch(pattern, isAnchored: false));

    [Theory]
    [InlineData("nginx", false)]
    [InlineData("(app|db)", false)]
    [InlineData("^app$", false)]
    [InlineData("", false)]
    [InlineData("a*", false)]
    [InlineData("/?nginx", true)]
    [InlineData(".*nginx", true)]
    [InlineData("[^a]pp", true)]
    [InlineData("/(app|db)", true)]
    public void A_pattern_that_matches_nothing_that_begins_with_a_slash_is_found(string pattern, bool expected) =>
        Assert.Equal(expected, PatternReach.CanMatch(pattern, isAnchored: true, '/'));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_matches_something_is_never_said_to_match_nothing(int seed)
    {
        var random = new Random(seed);
        string[] pieces = ["a", "b", "^", "$", "(", ")", "|", "*", "+", ".", "[ab]", "[^a]", @"\b", @"\z", "(?m)"];
        string[] texts = ["", "a", "b", "ab", "ba", "a\nb", "aab", "/ab"];
        for (var run = 0; run < 3_000; run++)
        {
            var pattern = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => pieces[random.Next(15)]));
            if (!GoRegex.TryCompile(pattern, out var regex, out _)) continue;

            var canMatch = PatternReach.CanMatch(pattern, isAnchored: false);

            Assert.True(canMatch || !texts.Any(regex.IsMatch), $"seed {seed}: {pattern}");
        }
    }
}
