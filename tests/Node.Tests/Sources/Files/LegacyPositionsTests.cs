using Weir.Node.Sources;
using Weir.Node.Sources.Files;
using Weir.Support;

namespace Weir.Node.Tests.Sources.Files;

public sealed class LegacyPositionsTests
{
    [Theory]
    [InlineData("positions:\n  {0}: \"4\"\n  cursor-x: \"abc\"\n")]
    [InlineData("positions:\n    ? path: {0}\n      labels: '{{job=\"x\"}}'\n    : \"4\"\n")]
    public async Task A_file_goes_on_where_the_other_agent_was(string form)
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\ntwo\n");
        files.Write("p.yml", string.Format(null, form, files.PathOf("a.log")));
        files.Options = files.Options with { LegacyPositionsFile = files.PathOf("p.yml") };

        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);

        Assert.Equal(["two"], files.Receiver.Texts);
    }

    [Fact]
    public async Task A_damaged_file_does_what_the_option_says()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\n");
        files.Write("p.yml", $"positions:\n  {files.PathOf("a.log")}: \"x\"\n");
        files.Options = files.Options with
        {
            LegacyPositionsFile = files.PathOf("p.yml"), OnPositionsFileError = PositionsFileError.RestartFromEnd,
        };
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 4);

        files.Write("a.log", "two\n");
        await files.Receiver.UntilCountAsync(1);

        Assert.Equal(["two"], files.Receiver.Texts);
    }

    [Fact]
    public void Random_text_is_damage_at_the_worst()
    {
        Fuzz.Run(2000, random =>
        {
            var text = new string(random.GetItems("?: /a'\"\n9{}-#".AsSpan(), random.Next(60)));
            new LegacyPositions().Parse(text.Split('\n'));
        });
    }
}
