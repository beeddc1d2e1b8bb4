using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Lanes;

namespace Weir.Routing.Tests.Lanes;

public sealed class StreamGroupsTests
{
    [Fact]
    public void Grouping_and_writing_a_batch_allocates_nothing_once_warm()
    {
        var labels = new LabelSets();
        var sets = Enumerable.Range(0, 10).Select(i => labels.Of([new Label("job", $"{i}")])).ToArray();
        using var batch = new LogBatch();
        for (var i = 0; i < 1000; i++)
            batch.Add(1_700_000_000_000_000_000 + i, sets[i % 10], Encoding.UTF8.GetBytes($"line {i}"), i);
        var groups = new StreamGroups();
        var request = new byte[1024 * 1024];

        Allocations.AssertNone(() =>
        {
            groups.Begin(batch);
            var entries = batch.Entries;
            for (var i = 0; i < entries.Length; i++) groups.TryAdd(i, entries[i], request.Length, int.MaxValue);
            groups.Write(batch, request);
        });

        Assert.Equal(1000, groups.Entries);
    }
}
