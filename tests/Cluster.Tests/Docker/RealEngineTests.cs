namespace Weir.Cluster.Tests.Docker;

[Collection(EngineCollection.Name)]
public sealed class RealEngineTests(EngineFixture engine)
{
    [Fact]
    public async Task A_new_container_is_read_at_once_on_both_streams()
    {
        await using var trial = await CollectionTrial.StartAsync(engine);

        var id = await engine.StartAsync("echo out; echo err >&2; echo; echo last; sleep 30");
        var lines = await trial.UntilAsync(id, "last");

        Assert.Equal(["err", "last", "out"], lines.Order());
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Containers_that_live_shortly_are_read_whole()
    {
        await using var trial = await CollectionTrial.StartAsync(engine);

        var ids = new List<string>();
        for (var i = 0; i < 10; i++) ids.Add(await engine.StartAsync("for i in $(seq 1 500); do echo line $i; done"));

        foreach (var id in ids)
        {
            Assert.Equal(Numbered(500), await trial.UntilAsync(id, "line 500"));
            await engine.RemoveAsync(id);
        }
    }

    [Fact]
    public async Task Containers_that_remove_themselves_are_read_whole()
    {
        await using var trial = await CollectionTrial.StartAsync(engine);

        for (var i = 0; i < 5; i++)
        {
            var id = await engine.StartAsync(
                "for i in $(seq 1 200); do echo line $i; done; usleep 100000; echo line 201", autoRemove: true);

            Assert.Equal(Numbered(201), await trial.UntilAsync(id, "line 201"));
        }
    }

    [Fact]
    public async Task A_container_that_restarts_is_read_on()
    {
        await using var trial = await CollectionTrial.StartAsync(engine);
        var id = await engine.StartAsync("echo begin; printf unfinished");
        await engine.WaitAsync(id);
        await trial.UntilAsync(id, "unfinished");

        await engine.StartAgainAsync(id);
        await trial.Receiver.UntilAsync("the second run", _ => trial.LinesOf(id).Count == 4);

        Assert.Equal(["begin", "unfinished", "begin", "unfinished"], trial.LinesOf(id));
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_terminal_is_read_as_one_stream()
    {
        await using var trial = await CollectionTrial.StartAsync(engine);
        const string Script = "echo one; echo two >&2; head -c 40000 /dev/zero | tr '\\0' p; echo; printf end";

        var id = await engine.StartAsync(Script, tty: true);
        await trial.UntilAsync(id, "end");
        await engine.WaitAsync(id);
        await engine.StartAgainAsync(id);
        await trial.Receiver.UntilAsync("the second run", _ => trial.LinesOf(id).Count == 8);

        string[] run = ["one", "two", new string('p', 40_000), "end"];
        Assert.Equal([.. run, .. run], trial.LinesOf(id));
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_long_line_that_is_unfinished_at_a_restart_of_weir_comes_whole_and_once()
    {
        await using var trial = await CollectionTrial.StartAsync(engine);
        var id = await engine.StartAsync(
            "trap 'echo; echo last; exit' USR1; echo first; head -c 20000 /dev/zero | tr '\\0' p; echo other >&2; "
            + "while :; do sleep 1 & wait; done");
        await trial.UntilAsync(id, "other");

        await trial.StopAsync();
        await trial.StartAsync();
        await engine.SignalAsync(id, "USR1");
        var lines = await trial.UntilAsync(id, "last");

        // The engine itself orders nothing between stdout and stderr.
        Assert.Equal(["first", new string('p', 20_000), "last"], lines.Where(line => line != "other"));
        Assert.Single(lines, "other");
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Restarts_of_weir_in_midstream_neither_miss_nor_repeat_a_line()
    {
        await using var trial = await CollectionTrial.StartAsync(engine);
        const string Script =
            "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line $i; [ $((i % 500)) = 0 ] && usleep 20000; done";
        var id = await engine.StartAsync(Script);

        for (var round = 1; round <= 5; round++)
        {
            await trial.Receiver.UntilAsync("more lines", _ => trial.LinesOf(id).Count >= round * 2_000);
            await trial.StopAsync();
            await trial.StartAsync();
        }

        Assert.Equal(Numbered(20_000), await trial.UntilAsync(id, "line 20000"));
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task What_a_container_logged_while_weir_was_down_is_read_even_if_it_has_ended()
    {
        await using var trial = await CollectionTrial.StartAsync(engine);
        var known = await engine.StartAsync("echo line 1; sleep 3; echo line 2");
        await trial.UntilAsync(known, "line 1");
        await trial.StopAsync();

        var unknown = await engine.StartAsync("echo line 1; echo line 2");
        await engine.WaitAsync(known);
        await engine.WaitAsync(unknown);
        await trial.StartAsync();

        Assert.Equal(Numbered(2), await trial.UntilAsync(known, "line 2"));
        Assert.Equal(Numbered(2), await trial.UntilAsync(unknown, "line 2"));
        await engine.RemoveAsync(known);
        await engine.RemoveAsync(unknown);
    }

    [Fact]
    public async Task An_engine_killed_in_midstream_costs_no_line_that_it_has()
    {
        await using var trial = await CollectionTrial.StartAsync(engine);
        var id = await engine.StartAsync(
            "trap exit TERM; i=0; while :; do i=$((i+1)); echo line $i; usleep 1000; done");
        await trial.UntilAsync(id, "line 50");

        await engine.KillAndStartAsync();
        var after = await engine.StartAsync("echo line 1");
        await trial.UntilAsync(after, "line 1");
        var stored = await engine.LogAsync(id);
        await trial.UntilAsync(id, stored[^1]);

        Assert.Equal(stored, trial.LinesOf(id));
        await engine.RemoveAsync(id);
        await engine.RemoveAsync(after);
    }

    private static IEnumerable<string> Numbered(int count) => Enumerable.Range(1, count).Select(i => $"line {i}");
}
