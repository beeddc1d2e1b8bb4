using System.Net;
using Weir.Cluster.Tests.Support;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Chaos;

/// <summary>A destination that is away for long: what a node holds meanwhile, and what comes when it is
/// back.</summary>
public sealed class OutageTests(ITestOutputHelper output) : NumberedTrial(output)
{
    private const long Mebibyte = 1 << 20;
    private const long ResidentBytesMax = 200 * Mebibyte;
    private const string SpoolIsFull = "the disk budget is used up";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // What ten minutes of outage weigh is their bytes: these are 2,800 lines a second.
    [Fact]
    public async Task An_outage_during_300_MB_of_lines_stays_under_200_MB_of_memory_and_loses_nothing()
    {
        const int Files = 4, LinesPerFile = 420_000;
        Sink.Census = new LineCensus(Files * LinesPerFile);
        await Sink.LeaveAsync();
        var configuration = WriteConfiguration(Sink);
        await using var weir = Start(configuration);
        await weir.AddressAsync();

        for (var file = 0; file < Files; file++) Log.Append(PathOf(file), LinesPerFile);
        await UntilAsync(
            async () => await weir.MetricAsync("loki_source_file_read_lines_total") >= Log.Written,
            () => "lines read while the destination is away");
        await UntilAsync(
            async () => await weir.MetricAsync("weir_spool_bytes") > BytesWritten() / 5,
            () => "the lines in the spool");
        Say("during the outage", weir);
        Assert.Equal(0, Sink.Census.Different);
        await Sink.ReturnAsync();
        await Sink.WaitAsync(Log.Written, Patience);

        Say($"after delivery of {BytesWritten() / Mebibyte} MiB", weir);
        Assert.Equal(0, Sink.Census.Again);
        Assert.InRange(weir.PeakResidentBytes(), 0, ResidentBytesMax);
        Assert.Equal(0, await weir.StopAsync());
    }

    [Fact]
    public async Task A_full_spool_stops_the_sources_until_the_destination_takes_lines_again()
    {
        const int Files = 2, LinesPerFile = 500_000;
        Sink.Census = new LineCensus(Files * LinesPerFile);
        Sink.Mood = () => SinkMood.Fail;
        for (var file = 0; file < Files; file++) Log.Append(PathOf(file), LinesPerFile);
        await using var weir = Start(WriteConfiguration(Sink), "--spool.max-bytes", "32MiB");

        await weir.SaidAsync(SpoolIsFull);
        var read = await StandingStillAsync(weir);

        Assert.InRange(read, 1, Log.Written - 1);
        Assert.Equal(1, await weir.MetricAsync("weir_spool_full_total"));
        Assert.Equal(1, CountOf(SpoolIsFull, weir.Log));
        Assert.InRange(await weir.MetricAsync("weir_spool_bytes"), 0, 32 * Mebibyte);
        Assert.Equal(HttpStatusCode.OK, await ReadinessAsync(weir));
        Say($"full after {read} lines", weir);

        Sink.Mood = () => SinkMood.Accept;
        await Sink.WaitAsync(Log.Written, Patience);

        Say("drained", weir);
        Assert.Equal(0, Sink.Census.Again);
        Assert.InRange(weir.PeakResidentBytes(), 0, ResidentBytesMax);
        Assert.Equal(0, await weir.StopAsync());
    }

    [Fact]
    public async Task A_node_with_a_full_spool_stops_when_asked_and_reads_on_after_the_next_start()
    {
        const int Lines = 800_000;
        Sink.Census = new LineCensus(Lines);
        await Sink.LeaveAsync();
        Log.Append(PathOf(0), Lines);
        var configuration = WriteConfiguration(Sink);
        await using (var weir = Start(configuration, "--spool.max-bytes", "32MiB"))
        {
            await weir.SaidAsync(SpoolIsFull);
            await StandingStillAsync(weir);
            Assert.Equal(0, await weir.StopAsync());
        }

        await Sink.ReturnAsync();
        await using var next = Start(configuration, "--spool.max-bytes", "32MiB");
        await Sink.WaitAsync(Log.Written, Patience);

        Assert.Equal(0, Sink.Census.Again);
        Assert.Equal(0, await next.StopAsync());
    }

    [Fact]
    public async Task A_restart_during_an_outage_replays_nothing()
    {
        const int Files = 3, LinesPerFile = 20_000;
        Sink.Census = new LineCensus(2 * Files * LinesPerFile);
        await Sink.LeaveAsync();
        var configuration = WriteConfiguration(Sink);
        for (var file = 0; file < Files; file++) Log.Append(PathOf(file), LinesPerFile);
        await using (var weir = Start(configuration))
        {
            // Stopped in the midst: some lines are in the spool, some on their way there, some not read yet.
            await UntilAsync(
                async () => await weir.MetricAsync("loki_source_file_read_lines_total") > 0, () => "a line read");
            Assert.Equal(0, await weir.StopAsync());
        }

        for (var file = 0; file < Files; file++) Log.Append(PathOf(file), LinesPerFile);
        await using (var weir = Start(configuration))
        {
            await UntilAsync(
                async () => await weir.MetricAsync("weir_lane_backlog_fragments") > 0, () => "lines in the spool");
            Assert.Equal(0, await weir.StopAsync());
        }

        await Sink.ReturnAsync();
        await using var last = Start(configuration);
        await Sink.WaitAsync(Log.Written, Patience);

        Assert.Equal(0, await last.StopAsync());
        Assert.Equal(0, Sink.Census.Again);
    }

    [Fact]
    public async Task An_endpoint_that_is_away_does_not_hold_up_the_other()
    {
        const int Rounds = 4, LinesPerRound = 50_000;
        await using var other = await LokiSink.StartAsync();
        Sink.Census = new LineCensus(Rounds * LinesPerRound);
        other.Census = new LineCensus(Rounds * LinesPerRound);
        await Sink.LeaveAsync();
        await using var weir = Start(WriteConfiguration(Sink, other));
        await weir.AddressAsync();

        for (var round = 0; round < Rounds; round++)
        {
            Log.Append(PathOf(0), LinesPerRound);
            // Each round arrives before the next is written: nothing waits for the one that is away.
            await other.WaitAsync(Log.Written, Patience);
        }

        await UntilAsync(
            async () => await weir.MetricAsync(BacklogOf(other)) == 0, () => "an empty lane of the healthy endpoint");
        Assert.True(await weir.MetricAsync(BacklogOf(Sink)) > 0, "nothing waits for the endpoint that is away");
        Assert.Equal(0, Sink.Census.Different);
        await Sink.ReturnAsync();
        await Sink.WaitAsync(Log.Written, Patience);

        Assert.Equal(0, await weir.StopAsync());
        Assert.Equal(0, Sink.Census.Again);
        Assert.Equal(0, other.Census.Again);
    }

    private string PathOf(int file) => Path.Combine(Folder, $"{file}.log");

    private long BytesWritten() => Directory.GetFiles(Folder, "*.log").Sum(path => new FileInfo(path).Length);

    /// <summary>Waits until no more lines are read.</summary>
    /// <returns>Lines read so far.</returns>
    private static async Task<double> StandingStillAsync(WeirProcess weir)
    {
        var before = -1.0;
        var read = 0.0;
        await UntilAsync(
            async () =>
            {
                (before, read) = (read, await weir.MetricAsync("loki_source_file_read_lines_total"));
                return before.Equals(read);
            },
            () => $"sources at rest; they have read {read} lines");
        return read;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, Func<string> missing)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (!await holds()) await look.WaitForNextTickAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"after {Patience.TotalSeconds} s still missing: {missing()}");
        }
    }

    private static async Task<HttpStatusCode> ReadinessAsync(WeirProcess weir)
    {
        using var client = new HttpClient { BaseAddress = await weir.AddressAsync() };
        using var answer = await client.GetAsync("-/ready");
        return answer.StatusCode;
    }

    private static int CountOf(string text, string log) => log.Split(text).Length - 1;

    private static string BacklogOf(LokiSink sink)
    {
        var endpoint = sink.PushUrl.Authority + sink.PushUrl.AbsolutePath;
        return $"weir_lane_backlog_fragments{{component_id=\"loki.write.sink\",endpoint=\"{endpoint}\"";
    }

    private void Say(string when, WeirProcess weir) =>
        Output.WriteLine($"{when}: {weir.PeakResidentBytes() / Mebibyte} MiB at the peak");

    private string WriteConfiguration(params LokiSink[] sinks) => ConfigureFiles(
        """
        		batch_wait         = "100ms"
        		min_backoff_period = "20ms"
        		max_backoff_period = "200ms"

        		queue_config {
        			drain_timeout = "2s"
        		}
        """, sinks);
}
