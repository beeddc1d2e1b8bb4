using Weir.Routing.Components;

namespace Weir.Node.Tests.Sources.Files;

public sealed class RotationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_renamed_file_is_read_to_its_end_and_the_new_one_too(bool inotify)
    {
        await using var files = new FileSourceFixture(inotify);
        files.Write("a.log", "one\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);

        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        files.Write("a.log.1", "late\n");
        files.Write("a.log", "new\n");
        await files.Receiver.UntilCountAsync(3);
        files.Write("a.log.1", "very late\n");
        await files.Receiver.UntilCountAsync(4);

        Assert.Equal(["one", "late", "new", "very late"], files.Receiver.Texts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_truncated_file_begins_again(bool inotify)
    {
        await using var files = new FileSourceFixture(inotify);
        files.Write("a.log", "one\ntwo\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(2);

        File.WriteAllText(files.PathOf("a.log"), "x\n");
        await files.Receiver.UntilCountAsync(3);

        Assert.Equal(["one", "two", "x"], files.Receiver.Texts);
        Assert.Equal(1, files.Counter("weir_source_file_truncations_total", "a.log"));
    }

    [Fact]
    public async Task A_file_rewritten_longer_than_it_was_read_begins_again()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\n");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 4);
        await files.KillAsync();

        File.WriteAllText(files.PathOf("a.log"), "uno\ndue\ntre\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(3);

        Assert.Equal(["uno", "due", "tre"], files.Receiver.Texts);
    }

    [Fact]
    public async Task A_file_rewritten_as_long_as_it_was_read_begins_again()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);

        await using (var file = new FileStream(files.PathOf("a.log"), FileMode.Open, FileAccess.Write))
            file.Write("two\n"u8);
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["one", "two"], files.Receiver.Texts);
    }

    [Fact]
    public async Task Rotations_while_nothing_is_taken_lose_nothing()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "1\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);
        files.Receiver.Close();
        files.Write("a.log", "2\n");
        await files.Receiver.UntilAsync(() => files.Receiver.WaitingCount == 1, "a send that waits");

        files.Write("a.log", "3\n");
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        files.Write("a.log", "4\n");
        File.Delete(files.PathOf("a.log.1"));
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        files.Write("a.log", "5\n");
        files.Receiver.Reopen();
        await files.Receiver.UntilCountAsync(5);

        Assert.Equal(["1", "2", "3", "4", "5"], files.Receiver.Texts);
    }

    [Fact]
    public async Task Files_rotated_twice_while_down_are_read_in_order()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "1\n");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 2);
        await files.KillAsync();

        files.Write("a.log", "2\n");
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.2"));
        files.Write("a.log", "3\n");
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        files.Write("a.log", "4\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(3);

        Assert.Equal(["2", "3", "4"], files.Receiver.Texts);
    }

    [Fact]
    public async Task What_a_copy_holds_is_read_when_the_file_was_truncated()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\n");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 4);
        await files.KillAsync();

        files.Write("a.log", "two\n");
        File.Copy(files.PathOf("a.log"), files.PathOf("a.log.1"));
        File.WriteAllText(files.PathOf("a.log"), "three\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["two", "three"], files.Receiver.Texts);
    }

    [Fact]
    public async Task A_partial_line_of_a_rotated_file_is_sent_when_no_more_comes()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\nhalf");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);

        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["one", "half"], files.Receiver.Texts);
    }

    [Fact]
    public async Task What_came_and_went_while_down_is_read_though_the_file_is_still_empty()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\n");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 4);
        CopyAndEmpty(files, "a.log.2");
        await files.UntilDurableAsync("a.log", 0);
        await files.KillAsync();

        files.Write("a.log", "two\n");
        CopyAndEmpty(files, "a.log.1");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);

        Assert.Equal(["two"], files.Receiver.Texts);
    }

    [Fact]
    public async Task What_came_and_went_while_nothing_is_taken_is_read_though_the_file_is_still_empty()
    {
        await using var files = new FileSourceFixture();
        files.Receiver.Close();
        files.Write("a.log", "one\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilAsync(() => files.Receiver.WaitingCount == 1, "a send that waits");

        CopyAndEmpty(files, "a.log.2");
        files.Write("a.log", "two\n");
        CopyAndEmpty(files, "a.log.1");
        files.Receiver.Reopen();
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["one", "two"], files.Receiver.Texts);
    }

    [Fact]
    public async Task What_came_and_went_by_renames_is_read_though_the_path_names_nothing()
    {
        await using var files = new FileSourceFixture();
        files.Write("a.log", "one\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(1);
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.2"));
        await files.Host.UntilAsync(() => files.Host.Health.State == HealthState.Unhealthy, "that the file is missed");

        files.Write("new", "two\n");
        File.Move(files.PathOf("new"), files.PathOf("a.log"));
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["one", "two"], files.Receiver.Texts);
    }

    private static void CopyAndEmpty(FileSourceFixture files, string copy)
    {
        File.Copy(files.PathOf("a.log"), files.PathOf(copy));
        File.WriteAllText(files.PathOf("a.log"), "");
    }
}
