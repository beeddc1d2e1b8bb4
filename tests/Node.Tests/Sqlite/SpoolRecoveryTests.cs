using Microsoft.Win32.SafeHandles;
using Weir.Node.Sqlite;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Sqlite;

/// <summary>What a start makes of what a crash or the disk left behind.</summary>
public sealed class SpoolRecoveryTests
{
    [Fact]
    public async Task A_process_killed_between_any_two_commits_leaves_exactly_what_was_committed()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var owed = new List<StoredFragment>();
        var random = new Random(5);
        for (var step = 0; step < 20; step++)
        {
            owed.AddRange(await rig.Spool.CommitAsync(new SpoolTransaction
            {
                Fragments = [SpoolRig.Fragment(step, 1 + random.Next(20_000))],
                Positions = [SpoolRig.Position("/a", step)],
            }, default));
            if (random.Next(2) == 0)
            {
                await rig.AcknowledgeAsync(owed.Take(1));
                owed.RemoveAt(0);
            }

            await using var crashed = rig.Snapshot();
            crashed.Open();
            var found = await crashed.ReadAllAsync();
            Assert.Equal(owed.Select(one => one.Id), found.Select(one => one.Id));
            Assert.All(owed.Zip(found), pair => Assert.Equal(pair.First.Body.ToArray(), pair.Second.Body.ToArray()));
            Assert.Equal([SpoolRig.Position("/a", step)], crashed.Spool.PositionsAtOpen);
        }
    }

    [Fact]
    public async Task A_record_that_was_never_committed_is_cut_wherever_it_was_torn()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var kept = await rig.CommitAsync(SpoolRig.Fragment(1, 300));
        var end = new FileInfo(rig.Segments[^1]).Length;
        await using var before = rig.Snapshot();
        await rig.CommitAsync(SpoolRig.Fragment(2, 100));
        var bytes = await File.ReadAllBytesAsync(rig.Segments[^1]);
        for (var length = (int)end + 1; length <= bytes.Length; length++)
        {
            await using var crashed = before.Snapshot();
            await File.WriteAllBytesAsync(crashed.Segments[^1], bytes[..length]);

            crashed.Open();

            Assert.Equal(kept[0].Id, Assert.Single(await crashed.ReadAllAsync()).Id);
            Assert.Equal(end, new FileInfo(crashed.Segments[0]).Length);
            var torn = length < bytes.Length ? length - end : 0; // a whole record was not torn, only not committed
            Assert.Equal(torn, crashed.Metric("weir_spool_torn_bytes_total"));
        }
    }

    [Fact]
    public async Task A_fragment_whose_bytes_were_damaged_is_moved_out_counted_and_nothing_else_is_lost()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var stored = await rig.CommitAsync([.. Enumerable.Range(0, 3).Select(i => SpoolRig.Fragment(i))]);
        await using var damaged = rig.Snapshot();
        await FlipAsync(damaged.Segments[0], (uint)stored[1].Id + 500);

        damaged.Open();
        var found = await damaged.ReadAllAsync();

        Assert.Equal([stored[0].Id, stored[2].Id], found.Select(one => one.Id));
        Assert.Equal(2, damaged.Spool.Usage.Fragments);
        Assert.Equal(1, damaged.Metric("weir_spool_lost_fragments_total{reason=\"damaged\"}"));
        Assert.Equal(11, damaged.Metric("weir_spool_lost_entries_total"));
        Assert.Contains(damaged.Log.Lines, line => line.Severity == LogSeverity.Error);
    }

    [Fact]
    public async Task Fragments_of_a_file_that_is_gone_or_cut_short_are_moved_out_at_the_start()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var stored = await rig.CommitAsync(SpoolRig.Fragment(1), SpoolRig.Fragment(2));
        await using var gone = rig.Snapshot();
        await using var cut = rig.Snapshot();
        File.Delete(gone.Segments[0]);
        await File.WriteAllBytesAsync(cut.Segments[0], (await File.ReadAllBytesAsync(cut.Segments[0]))[..^1]);

        gone.Open();
        cut.Open();

        Assert.Equal((0, 2), (gone.Spool.Usage.Fragments, gone.Metric("weir_spool_lost_fragments_total")));
        Assert.Equal(stored[0].Id, Assert.Single(await cut.ReadAllAsync()).Id);
        Assert.Equal(1, cut.Metric("weir_spool_lost_fragments_total"));
        Assert.Empty(await gone.ReadAllAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_or_missing_index_is_made_again_from_the_segments(bool missing)
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var stored = await rig.CommitAsync(SpoolRig.Fragment(1, 5000, "a", "b"), SpoolRig.Fragment(2));
        await using var damaged = rig.Snapshot();
        foreach (var file in Directory.GetFiles(damaged.Directory, "spool.db*")) File.Delete(file);
        if (!missing) await File.WriteAllTextAsync(damaged.Database, new string('x', 5000));

        damaged.Open();

        Assert.Equal(stored.Select(one => one.Id), (await damaged.ReadAllAsync()).Select(one => one.Id));
        Assert.Equal(stored[0].Id, Assert.Single(await damaged.ReadAllAsync(SpoolRig.LaneOf("b"))).Id);
        Assert.Equal(missing ? 0 : 1, Directory.GetFiles(damaged.Directory, "spool.db.damaged-*").Length);
        Assert.Contains(damaged.Log.Lines, line => line.Message.Contains("made again from the segments"));
        Assert.True((await damaged.CommitAsync(SpoolRig.Fragment(3)))[0].Id > stored[1].Id);
    }

    [Fact]
    public async Task No_damage_of_any_file_prevents_a_start_or_invents_a_fragment()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var stored = await rig.CommitAsync([.. Enumerable.Range(0, 20).Select(i => SpoolRig.Fragment(i, 2000))]);
        var known = stored.ToDictionary(one => one.Id, one => one.Body.ToArray());
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            await using var damaged = rig.Snapshot();
            var files = Directory.GetFiles(damaged.Directory, "*", SearchOption.AllDirectories);
            var file = files.Order(StringComparer.Ordinal).ElementAt(random.Next(files.Length));
            var bytes = await File.ReadAllBytesAsync(file);
            // The version of the layout, 4 bytes, is taken at its word.
            for (var i = 0; i < 8 && bytes.Length > 100; i++) bytes[100 + random.Next(bytes.Length - 100)] ^= 0x55;
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length + 1)];
            await File.WriteAllBytesAsync(file, bytes);

            var fault = await Record.ExceptionAsync(async () =>
            {
                damaged.Open();
                foreach (var one in await damaged.ReadAllAsync()) Assert.Equal(known[one.Id], one.Body.ToArray());
                await damaged.CommitAsync(SpoolRig.Fragment(99));
            });

            Assert.True(fault is null, $"seed {seed}, {Path.GetFileName(file)}: {fault}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disk_that_fails_changes_nothing_and_the_same_commit_succeeds_later(bool atSync)
    {
        await using var rig = new SpoolRig();
        var disk = new FailingDisk { FailsAtSync = atSync };
        rig.Disk = disk;
        rig.Open();
        var first = await rig.CommitAsync(SpoolRig.Fragment(1));
        disk.Fails = true;

        await Assert.ThrowsAsync<IOException>(() => rig.CommitAsync(SpoolRig.Fragment(2)));
        var during = (await rig.ReadAllAsync(), rig.Spool.Usage.Fragments);
        disk.Fails = false;
        var second = await rig.CommitAsync(SpoolRig.Fragment(2));
        rig.Disk = null;
        await rig.ReopenAsync();

        Assert.Equal((first[0].Id, 1), (Assert.Single(during.Item1).Id, during.Fragments));
        Assert.Equal([first[0].Id, second[0].Id], (await rig.ReadAllAsync()).Select(one => one.Id));
    }

    [Fact]
    public async Task Reads_and_commits_run_at_once()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        const int count = 300;
        var writer = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++) await rig.CommitAsync(SpoolRig.Fragment(i, 5000));
        });

        var seen = new List<long>();
        while (seen.Count < count)
        {
            var some = await rig.Spool.ReadAsync(SpoolRig.Lane, seen.LastOrDefault(), 7, 1 << 20, default);
            seen.AddRange(some.Select(one => one.Id));
            await rig.AcknowledgeAsync(some);
        }

        await writer;
        Assert.Equal(seen.Distinct().Order(), seen);
        Assert.Equal(0, rig.Spool.Usage.Fragments);
    }

    [Fact]
    public async Task A_hundred_thousand_fragments_of_many_lanes_come_back_in_order()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var body = new byte[50];
        for (var i = 0; i < 100; i++)
        {
            var batch = Enumerable.Range(0, 1000).Select(j => new SealedFragment(
                new("loki.write.x", $"tenant-{j % 50}", 0), ["a"], new(150, 1, 100, i, j), body));
            await rig.CommitAsync([.. batch]);
        }

        await rig.ReopenAsync();

        var backlogs = await rig.Spool.ListBacklogsAsync(default);
        Assert.Equal(50, backlogs.Count);
        Assert.All(backlogs, backlog => Assert.Equal(2000, backlog.Fragments));
        var lane = await rig.ReadAllAsync(SpoolRig.LaneOf("a", "tenant-7"));
        Assert.Equal(2000, lane.Count);
        Assert.Equal(lane.Select(one => one.Id).Order(), lane.Select(one => one.Id));
    }

    private static async Task FlipAsync(string file, long offset)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[offset] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
    }

    private sealed class FailingDisk : SegmentDisk
    {
        public bool Fails { get; set; }

        public bool FailsAtSync { get; init; }

        public override void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset)
        {
            base.Write(file, pieces, offset);
            if (Fails && !FailsAtSync) throw new IOException("no space left on device");
        }

        public override void Sync(SafeFileHandle file)
        {
            if (Fails && FailsAtSync) throw new IOException("input/output error");
            base.Sync(file);
        }
    }
}
