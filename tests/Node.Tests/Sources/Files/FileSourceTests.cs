using Weir.Routing.Components;

namespace Weir.Node.Tests.Sources.Files;

public sealed class FileSourceTests
{
    [Fact]
    public async Task Appended_lines_arrive_in_order_with_their_labels()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\ntwo\r\n\nfour\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(4);

        files.Write("a.log", "five\nsix\n");
        await files.Receiver.UntilCountAsync(6);

        Assert.Equal(["one", "two", "", "four", "five", "six"], files.Receiver.Texts);
        Assert.All(files.Receiver.Lines, line =>
            Assert.Equal($"{{filename=\"{files.PathOf("a.log")}\", job=\"test\"}}", line.Labels));
        Assert.Equal([0, 4, 9, 10, 15, 20], files.Receiver.Lines.Select(line => line.Resume));
    }

    [Fact]
    public async Task Timestamps_of_a_file_rise_with_every_line()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", string.Concat(Enumerable.Repeat("same\n", 5000)));

        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(5000);

        var stamps = files.Receiver.Lines.Select(line => line.Timestamp).ToList();
        Assert.Equal(stamps.Distinct().Order(), stamps);
    }

    [Fact]
    public async Task A_last_line_waits_for_its_line_feed()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\nhal");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 4);

        files.Write("a.log", "f");
        files.Write("a.log", " done\n");
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["one", "half done"], files.Receiver.Texts);
        Assert.Equal(4, files.Receiver.Lines[1].Resume);
    }

    [Fact]
    public async Task A_file_that_appears_later_is_read_from_its_start()
    {
        await using var files = new FileSourceFixture();
        await files.StartAsync("a.log");
        await files.Host.UntilAsync(() => files.Host.Health.State == HealthState.Unhealthy, "the problem reported");
        Assert.Contains("no such file", files.Host.Health.Message);

        files.Write("a.log", "one\n");
        await files.Receiver.UntilCountAsync(1);

        Assert.Equal(["one"], files.Receiver.Texts);
        await files.Host.UntilAsync(() => files.Host.Health.State == HealthState.Healthy, "health again");
    }

    [Fact]
    public async Task A_restart_goes_on_after_what_is_durable()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\ntwo\n");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 8);
        await files.KillAsync();

        files.Write("a.log", "three\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);

        Assert.Equal(["three"], files.Receiver.Texts);
    }

    [Fact]
    public async Task What_was_taken_but_not_durable_is_read_again()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\n");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 4);
        files.Receiver.Hold();
        files.Write("a.log", "two\n");
        await files.Receiver.UntilAsync(() => files.Receiver.HeldCount == 1, "a held batch");
        await files.KillAsync();

        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);

        Assert.Equal(["two"], files.Receiver.Texts);
    }

    [Fact]
    public async Task A_changed_label_reads_nothing_again()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\n");
        await files.StartAsync([FileSourceFixture.Target(files.PathOf("a.log"), ("env", "old"))]);
        await files.UntilDurableAsync("a.log", 4);
        await files.ApplyAsync([FileSourceFixture.Target(files.PathOf("a.log"), ("env", "new"))]);
        await files.Host.UntilAsync(() => files.States is [{ } state], "the one tail");

        await files.KillAsync();
        await files.StartAsync([FileSourceFixture.Target(files.PathOf("a.log"), ("env", "newer"), ("__hidden", "x"))]);
        files.Write("a.log", "two\n");
        await files.Receiver.UntilCountAsync(1);

        var line = Assert.Single(files.Receiver.Lines);
        Assert.Equal("two", line.Line);
        Assert.Contains("env=\"newer\"", line.Labels);
        Assert.DoesNotContain("hidden", line.Labels);
    }

    [Fact]
    public async Task One_path_with_two_label_sets_is_two_streams()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\n");
        var path = files.PathOf("a.log");

        await files.StartAsync(
            [FileSourceFixture.Target(path, ("env", "a")), FileSourceFixture.Target(path, ("env", "b")),
                FileSourceFixture.Target(path, ("env", "b"))]);
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["one", "one"], files.Receiver.Texts);
        Assert.Equal(2, files.Receiver.Lines.Select(line => line.Labels).Distinct().Count());
        Assert.Equal(2, files.Positions.Durable.Count);
    }

    [Fact]
    public async Task What_cannot_be_read_is_reported_and_others_are_read()
    {
        await using var files = new FileSourceFixture();
        Directory.CreateDirectory(files.PathOf("folder"));
        files.Write("a.log", "one\n");

        await files.StartAsync("folder", "a.log", "missing.log");
        await files.Receiver.UntilCountAsync(1);
        await files.Host.UntilAsync(
            () => files.Host.Health.Message.Contains("1 more", StringComparison.Ordinal), "two problems reported");

        Assert.Equal(["one"], files.Receiver.Texts);
        Assert.Equal(
            [null, "it is a directory; name the files in it with a glob in local.file_match",
                "there is no such file; it is read as soon as it appears"],
            files.States.Select(state => state.Problem));
    }

    [Fact]
    public async Task The_state_shows_position_size_and_lag()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\ntw");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 4);
        await files.Receiver.UntilAsync(() => files.States is [{ Position: 4 }], "the position shown");

        var state = Assert.Single(files.States);

        Assert.Equal((4, 6, 2, 0), (state.Position, state.Size, state.Lag, state.Pending));
        Assert.True(state.Inode > 0);
        Assert.Equal(1, files.Counter("loki_source_file_read_lines_total", "a.log"));
        Assert.Equal(4, files.Counter("loki_source_file_read_bytes_total", "a.log"));
    }
}
