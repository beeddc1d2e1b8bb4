using System.Text;
using Weir.Routing.Secrets;

namespace Weir.Routing.Tests.Secrets;

public sealed class KeywordScanTests
{
    private static string Marked(string line, params string[][] keywords)
    {
        var found = new bool[keywords.Length];
        var isAny = new KeywordScan(keywords).Mark(Encoding.UTF8.GetBytes(line), found);
        Assert.Equal(found.Contains(true), isAny);
        return string.Concat(found.Select(one => one ? '1' : '0'));
    }

    [Theory]
    [InlineData("she", "1101")]
    [InlineData("xHERSx", "0101")]
    [InlineData("usHers", "1101")]
    [InlineData("nothing", "0000")]
    [InlineData("", "0000")]
    [InlineData("h-i-s", "0000")]
    [InlineData("THIS é", "0010")]
    public void Words_are_found_wherever_they_stand_also_in_each_other(string line, string marked) =>
        Assert.Equal(marked, Marked(line, ["she"], ["HE", "hers"], ["his", "é!"], ["he"]));

    [Fact]
    public void Words_are_found_as_a_search_for_each_would_find_them() => Fuzz.Run(3_000, random =>
    {
        string Word(int most) => string.Concat(
            Enumerable.Range(0, 1 + random.Next(most)).Select(_ => "abAB-"[random.Next(5)]));
        var keywords = Enumerable.Range(0, 1 + random.Next(5)).Select(_ => Enumerable.Range(0, random.Next(3))
            .Select(_ => Word(4)).ToArray()).ToArray();
        var line = Word(30);

        var expected = string.Concat(keywords.Select(words => words.Any(word =>
            line.Contains(word, StringComparison.OrdinalIgnoreCase)) ? '1' : '0'));

        Assert.Equal(expected, Marked(line, keywords));
    });
}
