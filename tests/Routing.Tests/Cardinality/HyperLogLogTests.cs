using Weir.Routing.Cardinality;

namespace Weir.Routing.Tests.Cardinality;

public sealed class HyperLogLogTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 100)]
    [InlineData(4, 5_000)]
    [InlineData(5, 12_000)]
    [InlineData(6, 200_000)]
    [InlineData(7, 1_000_000)]
    public void It_is_right_within_five_percent(int seed, int distinct)
    {
        var random = new Random(seed);
        var estimate = new HyperLogLog();

        for (var i = 0; i < distinct; i++)
        {
            var hash = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            estimate.Add(hash);
            if (i % 3 == 0) estimate.Add(hash);
        }

        Assert.InRange(estimate.Estimate(), distinct * 0.95 - 1, distinct * 1.05 + 1);
    }

    [Fact]
    public void Extreme_hashes_stay_within_the_registers()
    {
        var estimate = new HyperLogLog();

        estimate.Add(0);
        estimate.Add(ulong.MaxValue);
        estimate.Add(0);

        Assert.Equal(2, estimate.Estimate());
    }

    [Theory]
    [InlineData("user-", 100_000)]
    [InlineData("", 100_000)]
    public void Texts_that_differ_little_are_told_apart(string prefix, int distinct)
    {
        var values = new LabelValues(10);

        for (var i = 0; i < distinct; i++) values.Add($"{prefix}{i}");

        Assert.InRange(values.Count, distinct * 0.95, distinct * 1.05);
    }

    [Fact]
    public void Values_are_exact_up_to_the_budget_and_the_first_beyond_it_is_told_once()
    {
        var values = new LabelValues(3);

        var told = new[] { "a", "b", "a", "c", "b", "d", "e", "a" }.Select(values.Add).ToArray();

        Assert.Equal([false, false, false, false, false, true, false, false], told);
        Assert.True(values.IsOver);
        Assert.Equal(5, values.Count);
    }
}
