using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Weir.Node.Sqlite;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Sqlite;

/// <summary>A lane that stands still holds its own bytes of the spool, and not those of the lanes around it.</summary>
public sealed class SegmentHolesTests
{
    private const int BusyBytes = 300_000; // three and a little fill a segment of 1 MiB
    private static readonly LaneKey Stalled = SpoolRig.LaneOf("slow");

    [Fact]
    public async Task A_stalled_lane_in_every_segment_lets_a_busy_one_move_many_times_the_budget()
    {
        await using var rig = SmallRig();
        rig.Open();
        var stalled = new List<StoredFragment>();
        var (moved, bytesMax) = (0L, 0L);
        while (moved < 10 * SpoolOptions.BytesMin)
        {
            stalled.Add(await StallAsync(rig, stalled.Count));
            for (var i = 0; i < 3; i++) moved += await PassAsync(rig, stalled.Count + i);
            bytesMax = Math.Max(bytesMax, rig.Spool.Usage.Bytes);
        }

        var files = rig.Segments.Count;
        var (running, onDisk) = (rig.Spool.Usage.Bytes, DiskBytes(rig));
        await rig.ReopenAsync();

        Assert.True(files > 60, $"{files} segments");
        Assert.InRange(bytesMax, stalled.Sum(one => one.Body.Length), SpoolOptions.BytesMin / 2);
        Assert.InRange(onDisk, 0, running + files * SegmentHoles.BlockBytes * 2L);
        Assert.InRange(rig.Spool.Usage.Bytes, 0, running);
        AssertSame(stalled, await rig.ReadAllAsync(Stalled));
        await rig.AcknowledgeAsync(stalled, "slow");
        Assert.Equal((0, 1), (rig.Spool.Usage.Fragments, rig.Segments.Count));
        Assert.InRange(rig.Spool.Usage.Bytes, 0, SpoolOptions.BytesMin / 8);
        Assert.DoesNotContain(rig.Log.Lines, line => line.Severity > LogSeverity.Info);
    }

    [Fact]
    public async Task A_full_spool_punches_before_it_refuses()
    {
        await using var rig = SmallRig();
        rig.Open();
        var stored = new List<StoredFragment>();
        await Assert.ThrowsAsync<SpoolFullException>(async () =>
        {
            for (; ; ) stored.AddRange(await rig.CommitAsync(SpoolRig.Fragment(stored.Count, BusyBytes)));
        });

        await rig.AcknowledgeAsync([stored[1]]);
        var held = rig.Spool.Usage.Bytes;
        var again = await rig.CommitAsync(SpoolRig.Fragment(99, BusyBytes - 2 * SegmentHoles.BlockBytes));

        Assert.InRange(held, SpoolOptions.BytesMin - 2 * BusyBytes, SpoolOptions.BytesMin);
        AssertSame([stored[0], .. stored[2..], again[0]], await rig.ReadAllAsync());
    }

    [Fact]
    public async Task A_process_killed_before_or_after_any_hole_loses_nothing_and_owes_nothing_twice()
    {
        await using var rig = SmallRig();
        var crashes = new List<(SpoolRig Crash, int Owed)>();
        var stalled = new List<StoredFragment>();
        var disk = new PunchedDisk { Before = Crash, After = Crash };
        rig.Disk = disk;
        rig.Open();

        while (crashes.Count < 12)
        {
            stalled.Add(await StallAsync(rig, stalled.Count));
            for (var i = 0; i < 3; i++) await PassAsync(rig, stalled.Count + i);
        }

        foreach (var (crash, owed) in crashes)
        {
            await using (crash)
            {
                crash.Open();
                var found = await crash.ReadAllAsync(Stalled);
                Assert.InRange(found.Count, owed, owed + 1); // that commit had not returned yet
                AssertSame(stalled[..found.Count], found);
                Assert.InRange((await crash.ReadAllAsync()).Count, 0, 1); // what was on its way
                Assert.Equal(0, crash.Metric("weir_spool_lost_fragments_total"));
                Assert.Equal(0, crash.Metric("weir_spool_torn_bytes_total"));
            }
        }

        void Crash() => crashes.Add((rig.Snapshot(), stalled.Count));
    }

    [Fact]
    public async Task A_power_failure_that_takes_acknowledgements_back_finds_their_bytes()
    {
        await using var rig = SmallRig();
        var disk = new PunchedDisk();
        rig.Disk = disk;
        rig.Open();
        var anchors = new List<StoredFragment>(); // owed in every segment, so that none is deleted
        var waiting = new Queue<StoredFragment>();
        for (var round = 0; round < 12; round++)
        {
            anchors.Add(await StallAsync(rig, round));
            for (var i = 0; i < 4; i++)
                waiting.Enqueue((await rig.CommitAsync(SpoolRig.Fragment(100 * round + i, BusyBytes)))[0]);
            // Only what a transaction with fragments took along is surely on the disk; what follows may be gone.
            await using var durable = rig.Snapshot();
            var owed = waiting.ToArray();
            var punched = disk.Punched;
            while (waiting.Count > 4) await rig.AcknowledgeAsync([waiting.Dequeue()]);

            await using var crashed = rig.Snapshot();
            foreach (var file in Directory.GetFiles(crashed.Directory, "spool.db*")) File.Delete(file);
            foreach (var file in Directory.GetFiles(durable.Directory, "spool.db*"))
                File.Copy(file, Path.Combine(crashed.Directory, Path.GetFileName(file)));
            crashed.Open();

            Assert.Equal(punched, disk.Punched);
            AssertSame(owed, await crashed.ReadAllAsync());
            AssertSame(anchors, await crashed.ReadAllAsync(Stalled));
        }

        Assert.True(disk.Punched > 5, $"{disk.Punched} holes");
    }

    [Fact]
    public async Task An_index_made_again_finds_what_is_owed_between_the_holes_and_nothing_unreadable()
    {
        await using var rig = SmallRig();
        rig.Open();
        var stalled = await FillAsync(rig, 12);
        await using var damaged = rig.Snapshot();
        foreach (var file in Directory.GetFiles(damaged.Directory, "spool.db*")) File.Delete(file);

        damaged.Open();
        var unreadable = 0L;
        foreach (var file in rig.Segments)
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.True(SegmentFormat.TryReadFileHeader(bytes, out var salt));
            SegmentScan.All(bytes, 1, salt, out var here);
            unreadable += here;
        }

        Assert.Equal(0, unreadable);
        AssertSame(stalled, await damaged.ReadAllAsync(Stalled));
        // Acknowledgements were lost with the index; what had become holes is not owed again.
        Assert.InRange((await damaged.ReadAllAsync()).Count, 0, 8);
    }

    [Fact]
    public async Task No_damage_of_a_segment_with_holes_prevents_a_start_or_invents_a_fragment()
    {
        await using var rig = SmallRig();
        rig.Open();
        var known = (await FillAsync(rig, 8)).ToDictionary(one => one.Id, one => one.Body.ToArray());
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            await using var damaged = rig.Snapshot();
            var path = damaged.Segments[random.Next(damaged.Segments.Count)];
            var bytes = await File.ReadAllBytesAsync(path);
            for (var i = 0; i < 8; i++) bytes[random.Next(bytes.Length)] ^= 0x55;
            if (random.Next(2) == 0) bytes = bytes[..random.Next(bytes.Length + 1)];
            await File.WriteAllBytesAsync(path, bytes);
            if (random.Next(2) == 0)
                foreach (var file in Directory.GetFiles(damaged.Directory, "spool.db*")) File.Delete(file);

            var fault = await Record.ExceptionAsync(async () =>
            {
                damaged.Open();
                var found = await damaged.ReadAllAsync(Stalled);
                Assert.InRange(found.Count, known.Count - 4, known.Count);
                foreach (var one in found) Assert.Equal(known[one.Id], one.Body.ToArray());
                await damaged.CommitAsync(SpoolRig.Fragment(99));
            });

            Assert.True(fault is null, $"seed {seed}, {Path.GetFileName(path)}: {fault}");
        }
    }

    [Fact]
    public async Task A_disk_that_fails_to_punch_fails_no_commit_and_no_start_and_is_tried_again()
    {
        await using var rig = SmallRig();
        var disk = new PunchedDisk { Before = () => throw new IOException("no hole today") };
        rig.Disk = disk;
        rig.Open();
        var stalled = await FillAsync(rig, 6);
        var during = rig.Spool.Usage.Bytes;

        disk.Before = () => { };
        stalled.Add(await StallAsync(rig, 6));
        var after = rig.Spool.Usage.Bytes;
        disk.Before = () => throw new IOException("no hole again");
        await rig.ReopenAsync();

        Assert.InRange(during, 5_000_000, SpoolOptions.BytesMin);
        Assert.InRange(after, 0, during / 2);
        Assert.Contains(rig.Log.Lines, line => line.Message.Contains("could not be freed"));
        AssertSame(stalled, await rig.ReadAllAsync(Stalled));
    }

    [Fact]
    public async Task A_file_system_without_holes_is_told_once_and_still_deletes_whole_segments()
    {
        await using var rig = SmallRig();
        var disk = new PunchedDisk { CanPunch = false };
        rig.Disk = disk;
        rig.Open();

        var stalled = await FillAsync(rig, 6);
        var held = rig.Spool.Usage.Bytes;
        await rig.AcknowledgeAsync(stalled, "slow");

        Assert.Equal(1, disk.Asked);
        Assert.Single(rig.Log.Lines, line => line.Message.Contains("cannot give back parts of files"));
        Assert.InRange(held, 5_000_000, SpoolOptions.BytesMin);
        Assert.InRange(rig.Spool.Usage.Bytes, 0, SpoolOptions.BytesMin / 4);
    }

    [Fact]
    public void Gaps_are_what_lies_between_the_owed_where_it_has_a_whole_block()
    {
        const int block = SegmentHoles.BlockBytes;

        var none = SegmentHoles.GapsOf([(16, block), (block + 16, 2 * block)], 3 * block + 16, out var holesOfNone);
        var some = SegmentHoles.GapsOf([(3 * block, 10), (3 * block + 10 + block, 10)], 9 * block, out var holesOfSome);
        var all = SegmentHoles.GapsOf([], 2 * block, out var holesOfAll);
        var nothing = SegmentHoles.GapsOf([], 0, out var holesOfNothing);

        Assert.Empty(none);
        Assert.Equal([(16L, 3L * block - 16), (4L * block + 20, 5L * block - 20)], some);
        Assert.Equal([(16L, 2L * block - 16)], all);
        Assert.Empty(nothing);
        Assert.Equal((0, 6 * block, block, 0), (holesOfNone, holesOfSome, holesOfAll, holesOfNothing));
    }

    private static SpoolRig SmallRig()
    {
        var rig = new SpoolRig();
        rig.Options = rig.Options with { BytesMax = SpoolOptions.BytesMin };
        return rig;
    }

    private static async Task<List<StoredFragment>> FillAsync(SpoolRig rig, int segments)
    {
        var stalled = new List<StoredFragment>();
        while (stalled.Count < segments)
        {
            stalled.Add(await StallAsync(rig, stalled.Count));
            for (var i = 0; i < 3; i++) await PassAsync(rig, 10 * stalled.Count + i);
        }

        return stalled;
    }

    private static async Task<StoredFragment> StallAsync(SpoolRig rig, int seed) =>
        (await rig.CommitAsync(SpoolRig.Fragment(seed, 2000, "slow")))[0];

    private static async Task<long> PassAsync(SpoolRig rig, int seed)
    {
        await rig.AcknowledgeAsync(await rig.CommitAsync(SpoolRig.Fragment(seed, BusyBytes)));
        return BusyBytes;
    }

    private static void AssertSame(IReadOnlyList<StoredFragment> expected, IReadOnlyList<StoredFragment> found)
    {
        Assert.Equal(expected.Select(one => one.Id), found.Select(one => one.Id));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Body.ToArray(), pair.Second.Body.ToArray()));
    }

    private static long DiskBytes(SpoolRig rig)
    {
        var du = new ProcessStartInfo("du", ["-s", "-B1", Path.Combine(rig.Directory, "segments")])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(du)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(output.Split('\t')[0], CultureInfo.InvariantCulture);
    }

    private sealed class PunchedDisk : SegmentDisk
    {
        public Action Before { get; set; } = () => { };

        public Action After { get; init; } = () => { };

        public bool CanPunch { get; init; } = true;

        public int Asked { get; private set; }

        public int Punched { get; private set; }

        public override bool TryPunch(SafeFileHandle file, long offset, long length)
        {
            Asked++;
            Before();
            if (!CanPunch || !base.TryPunch(file, offset, length)) return false;
            Punched++;
            After();
            return true;
        }
    }
}
