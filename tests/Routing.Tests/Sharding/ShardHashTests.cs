using Weir.Routing.Sharding;

namespace Weir.Routing.Tests.Sharding;

public sealed class ShardHashTests
{
    /// <summary>Other versions of Weir on the same broker must come to the same.</summary>
    [Theory]
    [InlineData("node-1", "", 0, 11)]
    [InlineData("node-1", "acme", 0, 2)]
    [InlineData("node-1", "acme", 1, 0)]
    [InlineData("node-2", "größe", 7, 12)]
    public void The_shard_of_a_node_tenant_and_partition_never_changes(
        string node, string tenant, int partition, int shard) =>
        Assert.Equal(shard, ShardHash.ShardOf(node, tenant, partition, 16));

    [Fact]
    public void Nodes_are_spread_evenly_over_the_shards()
    {
        var counts = new int[16];
        for (var node = 0; node < 16_000; node++) counts[ShardHash.ShardOf($"host-{node}", "acme", 0, 16)]++;

        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Node_and_tenant_are_not_confused_at_their_border() => Assert.NotEqual(
        Enumerable.Range(0, 8).Select(i => ShardHash.ShardOf("ab", $"c{i}", 0, 1024)),
        Enumerable.Range(0, 8).Select(i => ShardHash.ShardOf("a", $"bc{i}", 0, 1024)));

    [Fact]
    public void Queue_names_are_readable_distinct_and_short_enough_for_a_broker()
    {
        var names = new ShardNames("weir");
        var longest = new string('x', 300);

        Assert.Equal("weir.loki.write.default.7", names.Shard("loki.write.default", 7));
        Assert.Equal(
            "weir.loki.write.default.7.parked.loki:3100/loki/api/v1/push#acme",
            names.Parked("loki.write.default", 7, "loki:3100/loki/api/v1/push", "acme"));
        Assert.NotEqual(names.Parked("d", 0, "e", "a b"), names.Parked("d", 0, "e", "a#b"));
        Assert.NotEqual(names.Parked("d", 0, "e.a", "b"), names.Parked("d", 0, "e", "a.b"));
        Assert.InRange(names.Parked(longest, 1023, longest, longest).Length, 1, 255);
    }
}
