using Weir.Node.Sqlite;
using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Sqlite;

public sealed class SqliteSpoolTests
{
    [Fact]
    public async Task What_was_committed_is_read_back_in_order_by_each_lane_it_is_owed_to()
    {
        await using var rig = new SpoolRig();
        rig.Open();

        var stored = await rig.CommitAsync(
            SpoolRig.Fragment(1), SpoolRig.Fragment(2, 300_000, "a", "b"), SpoolRig.Fragment(3, 1, "b"));

        var (first, second) = (await rig.ReadAllAsync(), await rig.ReadAllAsync(SpoolRig.LaneOf("b")));
        Assert.Equal(stored.Select(one => one.Id).Order(), stored.Select(one => one.Id));
        Assert.Equal([stored[0].Id, stored[1].Id], first.Select(one => one.Id));
        Assert.Equal([stored[1].Id, stored[2].Id], second.Select(one => one.Id));
        Assert.Equal(SpoolRig.Fragment(2, 300_000).Body.ToArray(), second[0].Body.ToArray());
        Assert.Equal(SpoolRig.Fragment(2, 300_000).Facts, second[0].Facts);
        Assert.Equal(new FragmentKey("loki.write.x", "t", 0), second[0].Key);
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        await rig.Spool.CommitAsync(new SpoolTransaction
        {
            Fragments = [SpoolRig.Fragment(1), SpoolRig.Fragment(2, 5000, "a", "b")],
            Positions = [SpoolRig.Position("/var/log/ü", 7, "{\"inode\":3}"), SpoolRig.Position("/b", long.MaxValue)],
            DeadLetters = [SpoolRig.Letter(9)],
        }, default);
        var before = await rig.ReadAllAsync();

        await rig.ReopenAsync();

        var after = await rig.ReadAllAsync();
        Assert.Equal(before.Select(one => one.Id), after.Select(one => one.Id));
        Assert.Equal(before[1].Body.ToArray(), after[1].Body.ToArray());
        Assert.Equal(
            [SpoolRig.Position("/b", long.MaxValue), SpoolRig.Position("/var/log/ü", 7, "{\"inode\":3}")],
            rig.Spool.PositionsAtOpen);
        var letter = Assert.Single(await rig.Spool.ListDeadLettersAsync(0, 10, default)).Letter;
        Assert.Equal(SpoolRig.Letter(9).Body.ToArray(), letter.Body.ToArray());
        Assert.Equal(SpoolRig.Letter(9) with { Body = default }, letter with { Body = default });
    }

    [Fact]
    public async Task Ids_keep_growing_over_restarts_even_when_nothing_was_left()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var first = await rig.CommitAsync(SpoolRig.Fragment(1));
        await rig.AcknowledgeAsync(first);

        await rig.ReopenAsync();
        var second = await rig.CommitAsync(SpoolRig.Fragment(1));

        Assert.True(second[0].Id > first[0].Id);
    }

    [Fact]
    public async Task A_fragment_stays_until_its_last_endpoint_has_it()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var stored = await rig.CommitAsync(SpoolRig.Fragment(1, 100, "a", "b"));

        await rig.AcknowledgeAsync(stored);
        await rig.AcknowledgeAsync(stored); // twice is once
        var held = rig.Spool.Usage.Fragments;
        var owed = (await rig.ReadAllAsync(), await rig.ReadAllAsync(SpoolRig.LaneOf("b")));
        await rig.AcknowledgeAsync(stored, "b");
        await rig.AcknowledgeAsync(stored, "unheard-of");

        Assert.Equal(1, held);
        Assert.Empty(owed.Item1);
        Assert.Single(owed.Item2);
        Assert.Equal(0, rig.Spool.Usage.Fragments);
        Assert.Empty(await rig.Spool.ListBacklogsAsync(default));
    }

    [Fact]
    public async Task Backlogs_state_what_each_lane_is_owed_before_and_after_a_restart()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var stored = await rig.CommitAsync(
            SpoolRig.Fragment(1, 100, "a", "b"), SpoolRig.Fragment(2), SpoolRig.Fragment(3));
        await rig.AcknowledgeAsync(stored.Take(1));

        var before = (await rig.Spool.ListBacklogsAsync(default)).OrderBy(one => one.Lane.Endpoint).ToList();
        await rig.ReopenAsync();
        var after = (await rig.Spool.ListBacklogsAsync(default)).OrderBy(one => one.Lane.Endpoint).ToList();

        Assert.Equal(before, after);
        Assert.Equal(["a", "b"], before.Select(one => one.Lane.Endpoint));
        Assert.Equal((2, stored[1].Id, stored[2].Id), (before[0].Fragments, before[0].FirstId, before[0].LastId));
        Assert.Equal((1, stored[0].Id, stored[0].Id), (before[1].Fragments, before[1].FirstId, before[1].LastId));
    }

    [Fact]
    public async Task Reads_keep_to_their_limits_but_return_at_least_one()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var stored = await rig.CommitAsync([.. Enumerable.Range(0, 5).Select(i => SpoolRig.Fragment(i, 10_000))]);

        var byCount = await rig.Spool.ReadAsync(SpoolRig.Lane, stored[0].Id, 2, 1 << 20, default);
        var byBytes = await rig.Spool.ReadAsync(SpoolRig.Lane, 0, 100, 25_000, default);
        var oversized = await rig.Spool.ReadAsync(SpoolRig.Lane, 0, 100, 1, default);
        var unknown = await rig.Spool.ReadAsync(SpoolRig.LaneOf("z"), 0, 100, 1, default);

        Assert.Equal([stored[1].Id, stored[2].Id], byCount.Select(one => one.Id));
        Assert.Equal([stored[0].Id, stored[1].Id], byBytes.Select(one => one.Id));
        Assert.Equal(stored[0].Id, Assert.Single(oversized).Id);
        Assert.Empty(unknown);
    }

    [Fact]
    public async Task A_forgotten_position_is_gone_and_one_set_in_the_same_step_is_there()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        var (old, begunAnew) = (SpoolRig.Position("/old", 1), SpoolRig.Position("/new", 2));
        await rig.Spool.CommitAsync(new SpoolTransaction { Positions = [old, begunAnew] }, default);

        await rig.Spool.CommitAsync(new SpoolTransaction
        {
            Forgotten = [old.Source, begunAnew.Source], Positions = [begunAnew with { Offset = 3 }],
        }, default);
        await rig.ReopenAsync();

        Assert.Equal([begunAnew with { Offset = 3 }], rig.Spool.PositionsAtOpen);
    }

    [Fact]
    public async Task Segments_are_deleted_when_nobody_is_owed_anything_in_them()
    {
        await using var rig = new SpoolRig();
        rig.Options = rig.Options with { BytesMax = SpoolOptions.BytesMin }; // segments of 1 MiB
        rig.Open();
        var stored = new List<StoredFragment>();
        for (var i = 0; i < 12; i++) stored.AddRange(await rig.CommitAsync(SpoolRig.Fragment(i, 500_000)));
        var full = rig.Segments.Count;

        await rig.AcknowledgeAsync(stored.Where((_, i) => i != 6));

        Assert.True(full >= 4, $"{full} segments");
        Assert.Equal(2, rig.Segments.Count); // the one that is owed, and the newest
        Assert.Equal(stored[6].Id, Assert.Single(await rig.ReadAllAsync()).Id);
    }

    [Fact]
    public async Task A_full_spool_refuses_fragments_takes_acknowledgements_and_recovers()
    {
        await using var rig = new SpoolRig();
        rig.Options = rig.Options with { BytesMax = SpoolOptions.BytesMin };
        rig.Open();
        var stored = new List<StoredFragment>();
        var full = await Assert.ThrowsAsync<SpoolFullException>(async () =>
        {
            for (; ; ) stored.AddRange(await rig.CommitAsync(SpoolRig.Fragment(stored.Count, 900_000)));
        });
        var held = rig.Spool.Usage;

        await rig.Spool.CommitAsync(new SpoolTransaction { Positions = [SpoolRig.Position("/a", 1)] }, default);
        await rig.AcknowledgeAsync(stored);
        var again = await rig.CommitAsync([.. Enumerable.Range(0, 8).Select(i => SpoolRig.Fragment(i, 900_000))]);

        Assert.Equal(9, stored.Count);
        Assert.InRange(held.Bytes, 8_100_000, SpoolOptions.BytesMin);
        Assert.Contains("8388608", full.Message);
        Assert.Equal(again.Select(one => one.Id), (await rig.ReadAllAsync()).Select(one => one.Id));
    }

    [Fact]
    public async Task A_second_process_is_told_who_has_the_spool()
    {
        await using var rig = new SpoolRig();
        rig.Open();

        var refused = Assert.Throws<SpoolException>(() =>
            SqliteSpool.Open(rig.Options, new SpoolEvents(rig.Log, new()), TimeProvider.System, new Random(1)));

        Assert.Contains("in use by another weir process", refused.Message);
    }

    [Fact]
    public async Task A_spool_of_a_newer_layout_is_left_alone()
    {
        await using var rig = new SpoolRig();
        rig.Execute("PRAGMA user_version = 99");

        var refused = Assert.Throws<SpoolException>(rig.Open);

        Assert.Contains("layout 99", refused.Message);
    }

    [Fact]
    public async Task Dead_letters_are_sent_again_to_the_endpoint_that_refused_them()
    {
        await using var rig = new SpoolRig();
        rig.Open();
        await rig.Spool.CommitAsync(new SpoolTransaction
        {
            DeadLetters = [SpoolRig.Letter(1), SpoolRig.Letter(2, 1000, "b"), SpoolRig.Letter(3)],
        }, default);
        var letters = await rig.Spool.ListDeadLettersAsync(0, 10, default);

        var resent = await rig.Spool.ResendDeadLettersAsync([letters[0].Id, letters[1].Id, letters[1].Id, 99], default);

        Assert.Equal(2, resent);
        Assert.Equal(SpoolRig.Letter(1).Body.ToArray(), Assert.Single(await rig.ReadAllAsync()).Body.ToArray());
        Assert.Equal(SpoolRig.Letter(2).Facts, Assert.Single(await rig.ReadAllAsync(SpoolRig.LaneOf("b"))).Facts);
        Assert.Equal(letters[2].Id, Assert.Single(await rig.Spool.ListDeadLettersAsync(0, 10, default)).Id);
        Assert.Equal(1, rig.Spool.Usage.DeadLetters);
    }

    [Fact]
    public async Task The_oldest_dead_letters_go_when_their_budget_is_used_up_and_are_counted()
    {
        await using var rig = new SpoolRig();
        rig.Options = rig.Options with { DeadLetterBytesMax = 300_000 };
        rig.Open();

        for (var i = 0; i < 5; i++)
            await rig.Spool.CommitAsync(new SpoolTransaction { DeadLetters = [SpoolRig.Letter(i, 90_000)] }, default);

        var kept = await rig.Spool.ListDeadLettersAsync(0, 10, default);
        Assert.Equal([12, 13, 14], kept.Select(one => one.Letter.Facts.Entries));
        Assert.InRange(rig.Spool.Usage.DeadLetterBytes, 270_000, 300_000);
        Assert.Equal(2, rig.Metric("weir_spool_dead_letters_discarded_total"));
        Assert.Equal(21, rig.Metric("weir_spool_dead_letter_entries_discarded_total"));
        Assert.Equal(3, rig.Metric("weir_spool_dead_letters "));
        Assert.Contains(rig.Log.Lines, line => line.Message.Contains("the oldest were removed"));
    }
}
