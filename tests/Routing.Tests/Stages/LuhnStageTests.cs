using System.Text;
using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class LuhnStageTests
{
    private const string Card = "4242424242424242";

    [Theory]
    [InlineData("card 4242424242424242 paid", "card **REDACTED** paid")]
    [InlineData("4242424242424242", "**REDACTED**")]
    [InlineData("4242424242424243", "4242424242424243")]
    [InlineData("4242424242424242,5555555555554444", "**REDACTED**,**REDACTED**")]
    [InlineData("x4242424242424242y", "x**REDACTED**y")]
    [InlineData("424242424242424", "**REDACTED**")]
    [InlineData("0000000000000", "**REDACTED**")]
    [InlineData("000000000000", "000000000000")]
    [InlineData("79927398713", "79927398713")]
    [InlineData("9999999999999999999999999999", "9999999999999999999999999999")]
    [InlineData("4242-4242-4242-4242", "4242-4242-4242-4242")]
    [InlineData("", "")]
    [InlineData("no digits", "no digits")]
    [InlineData("\xff\x34\x32", "\xff\x34\x32")]
    [InlineData("\xd9\xa0\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32",
        "\xd9\xa0\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32")]
    [InlineData("\xc3\xa9\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32\x34\x32", "\xc3\xa9**REDACTED**")]
    [InlineData("9223372036854775808", "9223372036854775808")]
    public void Numbers_whose_check_digit_is_right_are_hidden(string line, string after) =>
        Assert.Equal(after, new StageRig(new LuhnOptions()).One(line).Line);

    [Theory]
    [InlineData("-", "4242-4242-4242-4242", "#")]
    [InlineData("- ", "4242 4242-4242 4242", "#")]
    [InlineData("-", "4242 4242-4242 4242", "4242 4242-4242 4242")]
    [InlineData("- ", "4242-4242-4242-4242 x", "# x")]
    [InlineData("- ", "4242-4242-4242-4242 - x", "# x")]
    [InlineData("-", "a-4242424242424242-", "a-#-")]
    [InlineData("-", "4242--4242424242-42", "#")]
    [InlineData("-", "4242-4242-4242-4243-", "4242-4242-4242-4243-")]
    [InlineData("-", "1-2", "1-2")]
    public void Delimiters_may_stand_between_digits(string delimiters, string line, string after)
    {
        var rig = new StageRig(new LuhnOptions { Delimiters = delimiters, Replacement = "#" });

        Assert.Equal(after, rig.One(line).Line);
    }

    [Theory]
    [InlineData("id=\\d+", "id=4242424242424242 4242424242424242", "id=4242424242424242 #")]
    [InlineData("order-\\d+", "4242424242424242 order-1", "# order-1")]
    [InlineData("\\d+", Card, Card)]
    [InlineData("4242$", Card, Card)]
    [InlineData("z*", Card, "#")]
    [InlineData("nothing", Card, "#")]
    public void What_matches_is_left_alone(string skips, string line, string after)
    {
        var rig = new StageRig(new LuhnOptions { SkipRegex = skips, Replacement = "#" });

        Assert.Equal(after, rig.One(line).Line);
    }

    [Theory]
    [InlineData("is 4242424242424242", "is #")]
    [InlineData("none", "none")]
    [InlineData("", "")]
    [InlineData(null, "line")]
    public void What_becomes_of_a_source_becomes_the_line(string? value, string line)
    {
        var rig = new StageRig(
            new Extract("x", value), new LuhnOptions { Source = "x", Replacement = "#" }, new Probe("x"));

        var entry = rig.One("line");

        Assert.Equal(line, entry.Line);
        Assert.Equal(value is null ? "x:nil" : $"x={value}", rig.Probed);
    }

    [Theory]
    [InlineData("x", "line")]
    [InlineData("n", "{\"n\":4242424242424242}")]
    public void A_source_that_is_absent_or_no_text_leaves_the_line_alone(string source, string line)
    {
        var rig = new StageRig(
            new JsonOptions { Expressions = LabelStagesTests.Map("n") }, new LuhnOptions { Source = source });

        Assert.Equal(line, rig.One(line).Line);
    }

    [Theory]
    [InlineData(11, "79927398713", "**REDACTED**")]
    [InlineData(12, "79927398713", "79927398713")]
    [InlineData(0, "79927398713", "79927398713")]
    [InlineData(1, "0 18 19", "**REDACTED** **REDACTED** 19")]
    public void The_least_length_can_be_set(int least, string line, string after) =>
        Assert.Equal(after, new StageRig(new LuhnOptions { LengthMin = least, Replacement = "" }).One(line).Line);

    [Theory]
    [InlineData("", "", "source")]
    [InlineData(null, "(", "skip_regex")]
    public void Arguments_that_cannot_work_are_refused(string? source, string skips, string argument)
    {
        var problems = new OptionProblems();

        new LuhnOptions { Source = source, SkipRegex = skips }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(new LuhnOptions { Delimiters = "-", SkipRegex = "id=\\d+" });

        Allocations.AssertNone(() => rig.Run(rig.Reused("id=4242424242424242 4242-4242-4242-4242", "app=x")));
    }

    [Fact]
    public void Random_lines_lose_nothing_but_numbers_that_pass_the_check()
    {
        Fuzz.Run(1000, random =>
        {
            var line = Fuzz.Text(random, ["4", "2", "42", "0", "9", " ", "\xff", "\xd9\xa3", "x", "424242"], 30);

            var left = new StageRig(new LuhnOptions { LengthMin = 3, Replacement = "#" }).One(line).Line;

            Assert.Equal(Redacted(line), left);
        });
    }

    /// <summary>The check as a textbook has it, over the texts between what is no digit.</summary>
    private static string Redacted(string line)
    {
        // Digits of other scripts are part of a number and spoil it.
        var result = new List<byte>();
        var bytes = Encoding.Latin1.GetBytes(line);
        for (var at = 0; at < bytes.Length;)
        {
            var end = at;
            while (end < bytes.Length && (bytes[end] is >= 0x30 and <= 0x39
                || (bytes[end] == 0xd9 && end + 1 < bytes.Length) || (bytes[end] == 0xa3 && end > at))) end++;
            var number = bytes[at..end];
            if (number.Length >= 3 && number.All(unit => unit < 0x80) && Passes(number)) result.Add((byte)'#');
            else result.AddRange(number);
            if (end < bytes.Length) result.Add(bytes[end]);
            at = end + 1;
        }

        return Encoding.Latin1.GetString([.. result]);

        static bool Passes(byte[] digits) => long.TryParse(Encoding.ASCII.GetString(digits), out _)
            && digits.Reverse().Select((unit, place) => (unit - '0') * (place % 2 + 1))
                .Sum(product => product > 9 ? product - 9 : product) % 10 == 0;
    }
}
