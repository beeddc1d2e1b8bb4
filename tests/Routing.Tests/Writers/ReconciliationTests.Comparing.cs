using Weir.Protocol.Batches;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Tests.Writers;

// What is asked for, how much of it, and what counts as the same.
public sealed partial class ReconciliationTests
{
    [Fact]
    public void Answers_above_the_bound_are_given_up()
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout);
        endpoint.Query.Instead = query => new QueryAnswer(
            QueryOutcome.TooLarge, 0, $"more than {query.AnswerBytesMax} bytes", default);

        Deliver(endpoint, "one");

        Assert.Single(endpoint.Query.Asked);
        Assert.Equal("one one", endpoint.Lines);
        Assert.Equal(1, _fixture.Metric(Lookups, "skipped_over_limit"));
    }

    [Fact]
    public void A_push_above_the_bound_is_not_looked_up()
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout);
        var line = new string('x', Reconciliation.PushBytesMax);

        Deliver(endpoint, line);

        Assert.Empty(endpoint.Query.Asked);
        Assert.Equal(2, endpoint.Held.Count);
        Assert.Equal(1, _fixture.Metric(Lookups, "skipped_over_limit"));
    }

    [Fact]
    public void More_streams_than_a_lookup_may_ask_for_are_given_up()
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout);
        Run(endpoint, async () =>
        {
            var batch = new LogBatch(4096, 64);
            for (var i = 0; i <= Reconciliation.QueriesMax; i++)
                batch.Add(1_700_000_000_000_000_000, Labels(($"only{i}", "x")), "line"u8, 0);
            await SendAsync(batch);
        });

        Assert.Empty(endpoint.Query.Asked);
        Assert.Equal(1, _fixture.Metric(Lookups, "skipped_over_limit"));
    }

    [Fact]
    public void Many_entries_are_compared_page_by_page_among_those_of_others()
    {
        const int Lines = 12_000;
        var endpoint = new StoringEndpoint();
        // Another node writes the same stream at the same times.
        for (var i = 0; i < Lines; i += 2)
            endpoint.Held.Add(new ReceivedEntry("", "{job=\"test\"}", 1_700_000_000_000_000_000 + i, $"other {i}"));
        endpoint.Then(StoringEndpoint.Timeout, entries: 7_777);

        Deliver(endpoint, DeliveryFixture.Numbered(Lines, 5));

        Assert.Equal([Lines, Lines - 7_777], endpoint.Client.Pushes.Select(push => push.Entries.Count));
        Assert.Equal(3, endpoint.Query.Asked.Count); // pages overlap in one instant
        Assert.All(endpoint.Query.Asked, query => Assert.True(query.Limit <= 5000, $"{query.Limit} entries"));
        AssertDelivered("partly", found: 7_777, missing: Lines - 7_777);
    }

    [Fact]
    public void An_endpoint_that_allows_smaller_pages_gets_smaller_pages()
    {
        const string Refusal =
            "max entries limit per query exceeded, limit > max_entries_limit_per_query (5000 > 1000)";
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout).Then(StoringEndpoint.Timeout);
        endpoint.Query.Instead = query => query.Limit > 1000
            ? new QueryAnswer(QueryOutcome.Answered, 400, Refusal, default) : null;

        Run(endpoint, async () =>
        {
            await _fixture.SendAsync(DeliveryFixture.Numbered(2_900, 4));
            await _fixture.DeliveredAsync();
            await _fixture.SendAsync(DeliveryFixture.Numbered(900, 4));
        });

        Assert.Equal([5000, 1000, 1000, 1000, 1000], endpoint.Query.Asked.Select(query => query.Limit));
        Assert.Equal(2, _fixture.Metric(Lookups, "found"));
    }

    [Theory]
    [InlineData(2_000, "partly")]
    [InlineData(6_000, "skipped_over_limit")] // no page can pass an instant with more entries than it may have
    public void Entries_of_one_instant_are_told_apart_by_their_lines(int lines, string outcome)
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout, entries: lines - 1);
        Run(endpoint, async () =>
        {
            var batch = new LogBatch(4096, 64);
            for (var i = 0; i < lines; i++) Add(batch, 1_700_000_000_000_000_000, i, ("job", "test"));
            await SendAsync(batch);
        });

        Assert.Equal(1, _fixture.Metric(Lookups, outcome));
        if (outcome == "partly") Assert.Equal(lines, endpoint.Held.Count);
    }

    [Fact]
    public void Equal_entries_are_one_for_Loki_and_for_the_comparison()
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout, entries: 1);
        Run(endpoint, async () =>
        {
            var batch = new LogBatch(4096, 64);
            for (var i = 0; i < 3; i++) Add(batch, 1_700_000_000_000_000_000, 7, ("job", "test"));
            Add(batch, 1_700_000_000_000_000_001, 7, ("job", "test"));
            await SendAsync(batch);
        });

        Assert.Equal([4, 1], endpoint.Client.Pushes.Select(push => push.Entries.Count));
        Assert.Equal(1_700_000_000_000_000_001, endpoint.Client.Pushes[1].Entries.Single().Timestamp);
    }

    [Fact]
    public void A_stream_with_further_labels_is_another_one()
    {
        var endpoint = new StoringEndpoint();
        endpoint.Held.Add(new ReceivedEntry("", "{file=\"x\", job=\"test\"}", 1_700_000_000_000_000_000, "one"));
        endpoint.Then(StoringEndpoint.Timeout, entries: 0);

        Deliver(endpoint, "one");

        Assert.Equal(2, endpoint.Held.Count);
        AssertDelivered("missing", found: 0, missing: 1);
    }

    [Theory]
    [InlineData(",service_name=\"unknown_service\"")]
    [InlineData(",service_name=\"test\",__stream_shard__=\"3\"")]
    public void Labels_that_Loki_adds_are_none_of_ours(string added)
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout);
        endpoint.Query.Added = added;

        Deliver(endpoint, "one");

        Assert.Equal("one", endpoint.Lines);
    }

    [Fact]
    public void Streams_with_the_same_label_names_are_asked_for_at_once_whatever_is_in_their_values()
    {
        string[] values = ["a.b|c", "\"quoted\"", @"back\slash", "tab\there", "(x)", "ünï", "[1-9]*", "$^{}"];
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout);
        Run(endpoint, async () =>
        {
            var batch = new LogBatch(4096, 64);
            for (var i = 0; i < values.Length; i++)
                Add(batch, 1_700_000_000_000_000_000 + i, i, ("job", "test"), ("file", values[i]));
            await SendAsync(batch);
        });

        Assert.Single(endpoint.Query.Asked);
        AssertDelivered("found", found: values.Length, missing: 0);
    }

    [Fact]
    public void Selectors_stay_short_however_many_streams_there_are()
    {
        const int Streams = 200;
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout);
        Run(endpoint, async () =>
        {
            var batch = new LogBatch(4096, 64);
            for (var i = 0; i < Streams; i++)
                Add(batch, 1_700_000_000_000_000_000, i, ("file", $"/var/log/{i}/{new string('x', 40)}"));
            await SendAsync(batch);
        });

        Assert.All(endpoint.Query.Asked, query => Assert.True(
            query.Selector.Length <= StreamSelectors.SelectorCharactersMax + 1, $"{query.Selector.Length} characters"));
        AssertDelivered("found", found: Streams, missing: 0);
    }
}
