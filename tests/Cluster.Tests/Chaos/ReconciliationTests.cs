using Weir.Cluster.Tests.Support;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Chaos;

/// <summary>Pushes whose outcome nobody tells: the node is killed, or the destination is, or it answers 500 for what it
/// has stored.</summary>
public sealed class ReconciliationTests(ITestOutputHelper output) : NumberedTrial(output)
{
    private const int Lines = 20_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_node_killed_while_its_push_is_being_stored_does_not_send_it_again()
    {
        Sink.Mood = () => SinkMood.Hang;
        Append(Lines);
        await using (var weir = Start())
        {
            await Sink.WaitAsync(arrivals => arrivals.Any(), Patience, "a push that is stored and not answered");
            await weir.KillAsync();
        }

        Sink.Mood = () => SinkMood.Accept;
        await using var next = Start();
        await AllArrivedAsync();

        AssertNothingTwice();
        Assert.Equal(1, await next.MetricAsync("weir_reconcile_lookups_total")); // for one push, not for the backlog
        Assert.Equal(0, await next.StopAsync());
    }

    [Theory]
    [InlineData(SinkMood.StoreThenFail)]
    [InlineData(SinkMood.StoreHalfThenFail)]
    [InlineData(SinkMood.Fail)]
    public async Task A_push_answered_with_500_is_sent_again_only_as_far_as_it_is_missing(SinkMood mood)
    {
        var pushes = 0;
        Sink.Mood = () => Interlocked.Increment(ref pushes) % 2 == 1 ? mood : SinkMood.Accept;
        Append(Lines);
        await using var weir = Start();
        await AllArrivedAsync();

        AssertNothingTwice();
        Assert.True(Sink.Queries > 0, "nothing was looked up");
        Assert.Equal(0, await weir.StopAsync());
    }

    [Fact]
    public async Task A_destination_that_is_killed_after_it_stored_a_push_is_asked_when_it_is_back()
    {
        Sink.Mood = () => SinkMood.Hang;
        Append(Lines);
        await using var weir = Start();
        await Sink.WaitAsync(arrivals => arrivals.Any(), Patience, "a push that is stored and not answered");
        await Sink.LeaveAsync();
        await weir.SaidAsync("the endpoint does not take entries");

        Sink.Mood = () => SinkMood.Accept;
        await Sink.ReturnAsync();
        await AllArrivedAsync();

        AssertNothingTwice();
        Assert.Equal(0, await weir.StopAsync());
    }

    [Fact]
    public async Task A_destination_that_lets_nobody_read_gets_the_same_bytes_again()
    {
        Sink.AnswersQueries = false;
        var pushes = 0;
        Sink.Mood = () => Interlocked.Increment(ref pushes) % 2 == 1 ? SinkMood.StoreThenFail : SinkMood.Accept;
        Append(Lines);
        await using var weir = Start();
        await AllArrivedAsync();

        Assert.Equal(Lines, Sink.Arrivals.Distinct().Count()); // copies are identical to the nanosecond
        Assert.True(Sink.Count > Lines, "no push was repeated");
        Assert.Equal(1, await weir.MetricAsync("weir_reconcile_lookups_total")); // then never again
        Assert.Equal(0, await weir.StopAsync());
    }

    // The long run makes 100 lives of it.
    [Fact]
    public async Task Kills_of_the_node_and_of_the_destination_at_random_moments_lose_and_double_nothing()
    {
        var random = new Random(Seed);
        var mood = new Random(Seed + 1);
        Sink.Mood = () => mood.Next(10) switch
        {
            0 => SinkMood.StoreThenFail,
            1 => SinkMood.StoreHalfThenFail,
            2 => SinkMood.Hang,
            3 => SinkMood.Fail,
            _ => SinkMood.Accept,
        };
        var lives = Environment.GetEnvironmentVariable("WEIR_LONG") == "1" ? 100 : 10;
        for (var life = 0; life < lives; life++)
        {
            await using var weir = Start();
            await weir.AddressAsync();
            for (var turn = random.Next(3, 20); turn > 0; turn--)
            {
                Append(random.Next(500));
                await Task.Delay(random.Next(100));
                if (random.Next(8) != 0) continue;
                await Sink.LeaveAsync();
                await Task.Delay(random.Next(200));
                await Sink.ReturnAsync();
            }

            await weir.KillAsync();
        }

        Sink.Mood = () => SinkMood.Accept;
        await using var last = Start();
        await last.AddressAsync();
        await AllArrivedAsync();

        Output.WriteLine($"{Log.Written} lines, {Sink.Queries} queries");
        AssertNothingTwice();
        Assert.True(Sink.Queries > 0, "nothing was looked up");
        Assert.Equal(0, await last.StopAsync());
    }

    private void Append(int lines) => Log.Append(Path.Combine(Folder, "app.log"), lines);

    private Task AllArrivedAsync() => Sink.WaitAsync(
        arrivals => arrivals.Select(arrival => arrival.Line).Distinct().Count() >= Log.Written, Patience,
        $"some of {Log.Written} lines");

    private void AssertNothingTwice()
    {
        var twice = Sink.Arrivals.GroupBy(arrival => arrival.Line).Where(copies => copies.Count() > 1).ToList();
        Assert.True(twice.Count == 0, $"{twice.Count} lines came twice, such as {twice.FirstOrDefault()?.Key}");
    }

    private WeirProcess Start() => Start(ConfigureFiles(
        """
        		batch_wait         = "50ms"
        		remote_timeout     = "2s"
        		min_backoff_period = "100ms"
        		max_backoff_period = "200ms"
        """, Sink));
}
