using System.Globalization;

namespace Weir.Node.Tests.Sources.Files;

/// <summary>A writer rotates while the source is killed again and again: each line becomes durable exactly
/// once.</summary>
public sealed class KilledSourceTests
{
    /// <summary>Kills in one run; WEIR_LONG=1 makes it a long one.</summary>
    private static readonly int Lives = Environment.GetEnvironmentVariable("WEIR_LONG") == "1" ? 200 : 20;

    private const int StepsWhileUpMax = 6;
    private const int StepsWhileDownMax = 6;

    /// <param name="quiet">Milliseconds after which a rotated file is let go.</param>
    [Theory]
    [InlineData(1, true, false)]
    [InlineData(2, true, false)]
    [InlineData(3, false, true)]
    [InlineData(4, false, true)]
    [InlineData(5, true, true)]
    [InlineData(6, true, true, 0)]
    [InlineData(7, true, true, 20)]
    public async Task Every_line_is_durable_exactly_once(int seed, bool renames, bool copies, int quiet = 300_000)
    {
        var random = new Random(seed);
        await using var files = new FileSourceFixture();
        files.Timings = files.Timings with { RenamedQuiet = TimeSpan.FromMilliseconds(quiet) };
        var writer = new RotatingWriter(files.PathOf("a.log"), random, renames, copies);
        var durable = new List<string>();

        writer.Append(1);
        await files.StartAsync("a.log"); // from here on nothing is old
        await files.UntilDurableAsync("a.log", new FileInfo(files.PathOf("a.log")).Length);
        durable.AddRange((await files.KillAsync()).Select(line => line.Line));

        for (var life = 0; life < Lives; life++)
        {
            for (var steps = random.Next(StepsWhileDownMax); steps > 0; steps--) writer.Step();
            if (random.Next(4) == 0) await CatchUpAsync(files, writer, durable.Count, seed);
            else await LiveAsync(files, writer, random);
            durable.AddRange((await files.KillAsync()).Select(line => line.Line));
        }

        await CatchUpAsync(files, writer, durable.Count, seed);
        durable.AddRange((await files.KillAsync()).Select(line => line.Line));

        Assert.True(writer.Lines.SequenceEqual(durable), $"seed {seed}, in the order of durability: {Runs(durable)}");
    }

    /// <summary>A life in which nothing more is written, and all that was becomes durable.</summary>
    private static async Task CatchUpAsync(FileSourceFixture files, RotatingWriter writer, int durable, int seed)
    {
        files.Receiver.Hold();
        await files.StartAsync("a.log");
        var missing = writer.Lines.Count - durable;
        var last = writer.Lines[^1];
        await files.Receiver.UntilAsync(IsCaughtUp, $"{missing} of {writer.Lines.Count} lines, seed {seed}");

        bool IsCaughtUp()
        {
            files.Receiver.Release(); // here: a kill must not come between the lines and their position
            var lines = files.Receiver.Lines;
            return lines.Count >= missing || lines is [.., var line] && line.Line == last;
        }
    }

    /// <summary>The numbers of the lines, as runs of successive ones.</summary>
    private static string Runs(List<string> lines)
    {
        var numbers = lines.ConvertAll(line => int.Parse(line[..RotatingWriter.Digits], CultureInfo.InvariantCulture));
        var starts = Enumerable.Range(0, numbers.Count).Where(i => i == 0 || numbers[i] != numbers[i - 1] + 1).ToList();
        return string.Join(", ", starts.Zip(
            starts.Skip(1).Append(numbers.Count), (from, to) => $"{numbers[from]} to {numbers[to - 1]}"));
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
