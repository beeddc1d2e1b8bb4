using System.Globalization;
using Weir.Routing.Sharding;

namespace Weir.Routing.Tests.Sharding;

public sealed class ShardAssignmentTests
{
    private const string Destination = "loki.write.default";

    [Theory]
    [InlineData(16, 2)]
    [InlineData(16, 3)]
    [InlineData(64, 7)]
    [InlineData(3, 5)]
    public void No_writer_has_more_than_its_share(int shards, int writers)
    {
        var owned = ShardAssignment.OwnersOf(Destination, shards, Writers(writers))
            .GroupBy(owner => owner).Select(own => own.Count()).ToList();

        Assert.Equal(shards, owned.Sum());
        Assert.True(owned.Max() <= Math.Ceiling((double)shards / writers));
    }

    [Fact]
    public void The_order_in_which_writers_are_known_means_nothing()
    {
        var writers = Writers(5);

        Assert.Equal(
            ShardAssignment.OwnersOf(Destination, 64, writers),
            ShardAssignment.OwnersOf(Destination, 64, [.. writers.Reverse()]));
    }

    [Fact]
    public void A_writer_that_comes_moves_few_shards_of_others()
    {
        var moved = Enumerable.Range(0, 100).Sum(number =>
        {
            var before = ShardAssignment.OwnersOf($"{Destination}{number}", 64, Writers(4));
            var after = ShardAssignment.OwnersOf($"{Destination}{number}", 64, Writers(5));
            return before.Zip(after).Count(owners => owners.First != owners.Second);
        });

        // A fifth of all shards has to go to the new one.
        Assert.InRange((double)moved / (100 * 64), 0.18, 0.26);
    }

    [Fact]
    public void Without_a_writer_nobody_owns_a_shard() =>
        Assert.Empty(ShardAssignment.OwnersOf(Destination, 16, []));

    private static string[] Writers(int count) =>
        [.. Enumerable.Range(0, count).Select(number => number.ToString("x16", CultureInfo.InvariantCulture))];
}
