using Weir.Cluster.Tests.Support;
using Weir.Node.Sources.Files.Native;
using Weir.Node.Sqlite;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Chaos;

/// <summary>A node that is killed again and again while files rotate and its destination misbehaves.</summary>
public sealed class FileChaosTests(ITestOutputHelper output) : SinkTrial
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Fifty_kills_while_files_rotate_and_the_destination_misbehaves_lose_and_double_nothing()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var mood = new Random(seed + 1);
        RotatingWriter[] writers =
        [
            Writer("renamed", Rotation.Rename, seed + 2),
            Writer("truncated", Rotation.CopyTruncate, seed + 3),
            Writer("either", Rotation.Either, seed + 4),
        ];
        var configuration = WriteConfiguration();
        await SeeFirstLinesAsync(configuration, writers);
        Sink.Mood = () => (SinkMood)mood.Next(Enum.GetValues<SinkMood>().Length);

        for (var kill = 0; kill < 50; kill++) await LiveAsync(configuration, writers, random);
        Sink.Mood = () => SinkMood.Accept;
        await using var last = Start(configuration);
        await last.AddressAsync();
        var expected = writers.Sum(writer => writer.Written);
        await Sink.WaitAsync(
            arrivals => arrivals.Select(arrival => KeyOf(arrival.Line)).Distinct().Count() >= expected,
            Patience, () => $"of {expected} lines (seed {seed}) {Missing(writers)}\n{last.Log}");
        Assert.Equal(0, await last.StopAsync());

        AssertNoCopies(seed);
    }

    /// <summary>What was rotated away before the node ever ran is no part of the promise.</summary>
    private async Task SeeFirstLinesAsync(string configuration, RotatingWriter[] writers)
    {
        await using var weir = Start(configuration);
        foreach (var writer in writers) writer.WriteOne();
        await Sink.WaitAsync(
            arrivals => arrivals.Select(arrival => KeyOf(arrival.Line)).Distinct().Count() == writers.Length,
            Patience, "a first line of each file");
        await weir.KillAsync();
    }

    /// <summary>One life of the node: started, written to, and killed at some moment; the sink may go away
    /// meanwhile.</summary>
    private async Task LiveAsync(string configuration, RotatingWriter[] writers, Random random)
    {
        var leaves = random.Next(5) == 0;
        if (leaves) await Sink.LeaveAsync();
        await using var weir = Start(configuration);
        // Half of the kills hit the start itself, the other half a node at work.
        if (random.Next(2) == 0) await weir.AddressAsync();
        for (var turn = random.Next(1, 12); turn > 0; turn--)
        {
            foreach (var writer in writers) writer.Write(random.Next(200));
            await Task.Delay(random.Next(60));
        }

        if (leaves && random.Next(2) == 0) await Sink.ReturnAsync();
        await weir.KillAsync();
        if (leaves)
        {
            await Sink.LeaveAsync();
            await Sink.ReturnAsync();
        }
    }

    /// <summary>What has not arrived, which files hold the first of it, and how far the node has read its
    /// log.</summary>
    private string Missing(RotatingWriter[] writers)
    {
        var arrived = Sink.Arrivals.Select(arrival => KeyOf(arrival.Line)).ToHashSet();
        var missing = writers.SelectMany(writer => Enumerable.Range(0, writer.Written).Select(writer.LineOf))
            .Where(line => !arrived.Contains(line)).ToList();
        if (missing.Count == 0) return "none";
        var name = missing[0].Split(' ')[0];
        var holders = Directory.GetFiles(Folder, $"{name}*")
            .Where(file => File.ReadLines(file).Any(line => KeyOf(line) == missing[0]))
            .Select(file => FileFacts.TryRead(file, out var facts, out _) ? $"{file}: {facts}" : file);
        return $"{missing.Count}: {missing[0]} to {missing[^1]}, in\n{string.Join('\n', holders)}\n{Positions(name)}";
    }

    private string Positions(string name)
    {
        using var spool = SqliteDatabase.Open(Path.Combine(Folder, "data", "spool", SpoolSchema.FileName));
        return spool.Text(
            $"""
            SELECT group_concat(key || ' ' || offset || ' ' || context, char(10)) FROM
            (SELECT * FROM positions WHERE key LIKE '%/{name}.log@%' ORDER BY length(key), key)
            """);
    }

    private void AssertNoCopies(int seed)
    {
        var copies = Sink.Arrivals.GroupBy(arrival => KeyOf(arrival.Line)).ToList();
        var doubled = copies.Where(copy => copy.Count() > 1)
            .Select(copy => $"{copy.Count()} x {copy.First()}").ToList();
        output.WriteLine($"{copies.Count} lines, {doubled.Count} of them more than once; {Sink.Queries} queries");
        Assert.True(doubled.Count == 0, $"seed {seed}: doubled: {string.Join(", ", doubled.Take(5))}");
    }

    private static string KeyOf(string line) => string.Join(' ', line.Split(' ').Take(2));

    private RotatingWriter Writer(string name, Rotation rotation, int seed) =>
        new(Path.Combine(Folder, $"{name}.log"), name, rotation, new Random(seed));

    private string WriteConfiguration() => ConfigureFiles(
        """
        		batch_wait         = "100ms"
        		remote_timeout     = "2s"
        		min_backoff_period = "50ms"
        		max_backoff_period = "200ms"
        """, Sink);
}
