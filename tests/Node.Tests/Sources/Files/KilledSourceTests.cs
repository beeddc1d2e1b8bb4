namespace Weir.Node.Tests.Sources.Files;

/// <summary>A writer rotates while the source is killed again and again: each line becomes durable exactly
/// once.</summary>
public sealed class KilledSourceTests
{
    /// <summary>Kills in one run. WEIR_LONG=1 makes it a long one, which still fails at times: rotations a few
    /// milliseconds apart are not exact yet.</summary>
    private static readonly int Lives = Environment.GetEnvironmentVariable("WEIR_LONG") == "1" ? 200 : 1;

    private const int StepsWhileUpMax = 6;
    private const int StepsWhileDownMax = 4;

    [Theory]
    [InlineData(1, true, false)]
    [InlineData(2, true, false)]
    [InlineData(3, false, true)]
    [InlineData(4, false, true)]
    public async Task Every_line_is_durable_exactly_once(int seed, bool renames, bool copies)
    {
        var random = new Random(seed);
        await using var files = new FileSourceFixture();
        var writer = new RotatingWriter(files.PathOf("a.log"), random, renames, copies);
        var durable = new List<string>();

        writer.Append(1);
        await files.StartAsync("a.log"); // from here on nothing is old
        await files.Receiver.UntilCountAsync(1);
        durable.AddRange((await files.KillAsync()).Select(line => line.Line));

        for (var life = 0; life < Lives; life++)
        {
            for (var steps = random.Next(StepsWhileDownMax); steps > 0; steps--) writer.Step();
            await LiveAsync(files, writer, random);
            durable.AddRange((await files.KillAsync()).Select(line => line.Line));
        }

        await files.StartAsync("a.log");
        var missing = writer.Lines.Count - durable.Count;
        var last = writer.Lines[^1];
        await files.Receiver.UntilAsync(
            () => files.Receiver.Lines.Count >= missing || files.Receiver.Lines is [.., var line] && line.Line == last,
            $"{missing} of {writer.Lines.Count} lines, seed {seed}");
        durable.AddRange((await files.KillAsync()).Select(line => line.Line));

        var lost = writer.Lines.Except(durable).ToList();
        Assert.True(lost.Count == 0, $"seed {seed}: {lost.Count} lines lost, the first \"{lost.FirstOrDefault()}\"");
        var first = Enumerable.Range(0, writer.Lines.Count).FirstOrDefault(i => durable[i] != writer.Lines[i], -1);
        Assert.True(first < 0, $"seed {seed}: line {first} is not where it should be, or twice");
        Assert.Equal(writer.Lines.Count, durable.Count);
    }

    private static async Task LiveAsync(FileSourceFixture files, RotatingWriter writer, Random random)
    {
        files.Receiver.Hold();
        await files.StartAsync("a.log");
        for (var steps = random.Next(StepsWhileUpMax); steps > 0; steps--)
        {
            writer.Step();
            switch (random.Next(4))
            {
                case 0:
                    files.Receiver.Release(1 + random.Next(3));
                    break;
                case 1:
                    files.Write("a.log", ""); // one more event
                    break;
                case 2:
                    writer.Append(1);
                    await files.Receiver.UntilAsync(() => files.Receiver.HeldCount > 0, "a batch");
                    files.Receiver.Release(1);
                    break;
                default:
                    break;
            }
        }
    }
}
