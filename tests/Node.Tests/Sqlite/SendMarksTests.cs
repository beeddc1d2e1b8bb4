using Weir.Node.Sqlite;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Sqlite;

/// <summary>What the spool remembers of pushes that had begun when the process was killed.</summary>
public sealed class SendMarksTests
{
    [Fact]
    public async Task A_killed_process_leaves_how_far_each_lane_had_begun_to_send()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var stored = await rig.CommitAsync(SpoolRig.Fragment(1, 100, "a", "b"), SpoolRig.Fragment(2, 100, "a", "b"));
        rig.Spool.NoteSending(SpoolRig.LaneOf("a"), stored[0].Id);
        rig.Spool.NoteSending(SpoolRig.LaneOf("nobody"), stored[1].Id);

        await using var killed = rig.Snapshot();
        killed.Open();

        Assert.Equal(stored[0].Id, await BegunToAsync(killed, "a"));
        Assert.Equal(0, await BegunToAsync(killed, "b"));
    }

    [Fact]
    public async Task What_is_stored_after_a_start_was_never_begun_whatever_the_file_says()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        await rig.CommitAsync(SpoolRig.Fragment(1));
        await using var killed = rig.Snapshot();
        var marks = new byte[16];
        "WEIRSND1"u8.CopyTo(marks);
        marks.AsSpan(8).Fill(0x7f);
        await File.WriteAllBytesAsync(Path.Combine(killed.Directory, SendMarks.FileName), marks);

        killed.Open();
        var begunTo = await BegunToAsync(killed, "a");
        var later = await killed.CommitAsync(SpoolRig.Fragment(2));

        Assert.True(begunTo < later[0].Id, $"{begunTo} is not below {later[0].Id}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("WEIR")]
    [InlineData("something else entirely")]
    public async Task A_file_that_is_no_such_file_is_begun_anew(string content)
    {
        await using var rig = new SpoolRig();
        rig.Open();
        await rig.CommitAsync(SpoolRig.Fragment(1));
        await using var damaged = rig.Snapshot();
        await File.WriteAllTextAsync(Path.Combine(damaged.Directory, SendMarks.FileName), content);

        damaged.Open();

        Assert.Equal(0, await BegunToAsync(damaged, "a"));
        damaged.Spool.NoteSending(SpoolRig.Lane, 7);
        Assert.Equal(7, await BegunToAsync(damaged, "a"));
    }

    [Fact]
    public async Task With_the_index_the_acknowledgements_are_gone_so_that_all_of_it_may_have_been_sent()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var stored = await rig.CommitAsync(SpoolRig.Fragment(1), SpoolRig.Fragment(2));
        await using var damaged = rig.Snapshot();
        File.Delete(damaged.Database + "-wal"); // SQLite would mend the file with it
        await File.WriteAllTextAsync(damaged.Database, new string('x', 5000));

        damaged.Open();
        var begunTo = await BegunToAsync(damaged, "a");
        var later = await damaged.CommitAsync(SpoolRig.Fragment(3));

        Assert.InRange(begunTo, stored[1].Id, later[0].Id - 1);
    }

    private static async Task<long> BegunToAsync(SpoolRig rig, string endpoint)
    {
        var backlogs = await rig.Spool.ListBacklogsAsync(default);
        return backlogs.Single(backlog => backlog.Lane == SpoolRig.LaneOf(endpoint)).BegunTo;
    }
}
