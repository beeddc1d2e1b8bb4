namespace Weir.Node.Tests.Sources.Files;

/// <summary>What rotation leaves behind, as a source finds it at a start or later.</summary>
public sealed class RotationStateTests
{
    [Fact]
    public async Task Copies_and_renames_made_while_down_are_read_in_order()
    {
        await using var files = await ReadToAsync("1\n");
        await files.KillAsync();

        files.Write("a.log", "2\n");
        Copy(files, "a.log", "a.log.4");
        Rewrite(files, "a.log", "3\n");
        Copy(files, "a.log", "a.log.3");
        Rewrite(files, "a.log", "4\n");
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.2"));
        files.Write("a.log", "5\n");
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        files.Write("a.log", "6\n");
        string[] oldestFirst = ["a.log.4", "a.log.3", "a.log.2", "a.log.1", "a.log"];
        for (var i = 0; i < oldestFirst.Length; i++)
            File.SetLastWriteTimeUtc(files.PathOf(oldestFirst[i]), DateTime.UnixEpoch.AddYears(60).AddSeconds(i));
        await files.StartAsync("a.log");
        await files.Receiver.UntilCountAsync(5);

        Assert.Equal(["2", "3", "4", "5", "6"], files.Receiver.Texts);
    }

    [Fact]
    public async Task A_copy_of_a_file_that_is_not_emptied_is_not_read()
    {
        await using var files = await ReadToAsync("one\n");
        await files.KillAsync();

        files.Write("a.log", "two\n");
        Copy(files, "a.log", "a.log.1");
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", 8);
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.2"));
        files.Write("a.log", "three\n");
        await files.Receiver.UntilLineAsync("three");

        Assert.Equal(["two", "three"], files.Receiver.Texts);
    }

    [Fact]
    public async Task A_copy_that_keeps_the_time_in_whole_seconds_is_read_on()
    {
        await using var files = await ReadToAsync("one\n");
        await files.KillAsync();

        files.Write("a.log", "two\n");
        Copy(files, "a.log", "a.log.1");
        var time = new DateTimeOffset(File.GetLastWriteTimeUtc(files.PathOf("a.log"))).ToUnixTimeSeconds();
        File.SetLastWriteTimeUtc(files.PathOf("a.log.1"), DateTimeOffset.FromUnixTimeSeconds(time).UtcDateTime);
        Rewrite(files, "a.log", "three\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilLineAsync("three");

        Assert.Equal(["two", "three"], files.Receiver.Texts);
    }

    [Fact]
    public async Task What_was_let_go_is_not_read_again_after_a_restart()
    {
        await using var files = await ReadToAsync("one\n");
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        files.Write("a.log", "two\n");
        await UntilDoneAsync(files);
        await files.KillAsync();

        File.Move(files.PathOf("a.log.1"), files.PathOf("a.log.2"));
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        files.Write("a.log", "three\n");
        await files.StartAsync("a.log");
        await files.Receiver.UntilLineAsync("three");

        Assert.DoesNotContain("one", files.Receiver.Texts);
    }

    [Fact]
    public async Task What_was_let_go_and_gets_its_name_back_goes_on()
    {
        await using var files = await ReadToAsync("one\n");
        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        files.Write("a.log", "two\n");
        await UntilDoneAsync(files);
        await files.Receiver.UntilLineAsync("two"); // which is gone with the next step

        File.Move(files.PathOf("a.log.1"), files.PathOf("a.log"), overwrite: true);
        files.Write("a.log", "three\n");
        await files.Receiver.UntilLineAsync("three");

        Assert.Equal(["one", "two", "three"], files.Receiver.Texts);
    }

    [Fact]
    public async Task A_rotated_file_whose_name_is_a_target_too_is_handed_over()
    {
        string[] targets = ["a.log", "a.log.1"];
        await using var files = new FileSourceFixture();
        // Long enough for the other path to ask for it.
        files.Timings = files.Timings with { RenamedQuiet = TimeSpan.FromSeconds(2) };
        files.Write("a.log", "one\n");
        await files.StartAsync(targets);
        await files.UntilDurableAsync("a.log", 4);

        File.Move(files.PathOf("a.log"), files.PathOf("a.log.1"));
        files.Write("a.log", "two\n");
        await files.UntilDurableAsync("a.log.1", 4);
        files.Write("a.log.1", "late\n");
        await files.UntilDurableAsync("a.log.1", 9);
        await files.Receiver.UntilLineAsync("two");
        var first = files.Receiver.Texts;
        await files.KillAsync();
        files.Write("a.log", "three\n");
        files.Write("a.log.1", "later\n");
        await files.StartAsync(targets);
        await files.Receiver.UntilCountAsync(2);

        Assert.Equal(["late", "one", "two"], first.Order());
        Assert.Equal(["later", "three"], files.Receiver.Texts.Order());
    }

    /// <summary>A source that has read this, and lets rotated files go at once.</summary>
    private static async Task<FileSourceFixture> ReadToAsync(string text)
    {
        var files = new FileSourceFixture();
        files.Timings = files.Timings with { RenamedQuiet = TimeSpan.Zero };
        files.Write("a.log", text);
        await files.StartAsync("a.log");
        await files.UntilDurableAsync("a.log", text.Length);
        return files;
    }

    private static Task UntilDoneAsync(FileSourceFixture files) => files.Receiver.UntilAsync(
        () => files.Positions.Durable.Any(position => position.Context.EndsWith(" done", StringComparison.Ordinal)),
        "a rotated file that is let go");

    private static void Copy(FileSourceFixture files, string from, string to) =>
        File.Copy(files.PathOf(from), files.PathOf(to));

    private static void Rewrite(FileSourceFixture files, string name, string text) =>
        File.WriteAllText(files.PathOf(name), text);
}
