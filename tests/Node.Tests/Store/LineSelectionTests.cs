using Weir.Node.Store;

namespace Weir.Node.Tests.Store;

public sealed class LineSelectionTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web" };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_order_of_arrival_gives_what_sorting_all_would(bool isForward)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var entries = Enumerable.Range(0, 50).Select(i => new FoundEntry(Labels, random.Next(20), $"{i}")).ToList();
            var selection = new LineSelection(isForward, limit: 10);

            foreach (var entry in entries) selection.Add(entry);

            // Entries of one instant keep their order, which the newest-first answer turns round as all else.
            var forward = entries.OrderBy(entry => entry.Timestamp).ToList();
            var expected = (isForward ? forward : Enumerable.Reverse(forward)).Take(10).Select(entry => entry.Line);
            var selected = selection.Streams().Single().Select(entry => entry.Line);
            Assert.True(expected.SequenceEqual(selected), $"seed {seed}");
        }
    }

    [Fact]
    public void Lines_past_the_limit_of_bytes_are_refused_unless_they_fall_out_again()
    {
        var line = new string('x', 1 << 20);
        var few = new LineSelection(isForward: false, limit: 2);
        var many = new LineSelection(isForward: false, limit: 100);

        for (var i = 0; i < 100; i++) few.Add(new FoundEntry(Labels, i, line));
        var fault = Record.Exception(() =>
        {
            for (var i = 0; i < 100; i++) many.Add(new FoundEntry(Labels, i, line));
        });

        Assert.Equal([99, 98], few.Streams().Single().Select(entry => entry.Timestamp));
        Assert.Contains("lower limit", Assert.IsType<StoreLimitException>(fault).Message, StringComparison.Ordinal);
    }
}
