using System.Globalization;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Tests.Writers;

/// <summary>Pushes of unknown outcome, and an endpoint that says what it has.</summary>
public sealed partial class ReconciliationTests
{
    private const string Lookups = "weir_reconcile_lookups_total";

    private readonly DeliveryFixture _fixture = new();

    public static TheoryData<PushAnswer> InDoubt => new(
        StoringEndpoint.Timeout, ScriptedPushClient.Status(408), ScriptedPushClient.Status(500),
        ScriptedPushClient.Status(503), ScriptedPushClient.Status(504),
        ScriptedPushClient.Status(429, "Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest"));

    [Theory]
    [MemberData(nameof(InDoubt))]
    public void A_push_that_was_stored_after_all_is_not_sent_again(PushAnswer answer)
    {
        var endpoint = new StoringEndpoint().Then(answer);

        Deliver(endpoint, "one", "two");

        Assert.Equal("one two", endpoint.Lines);
        Assert.Single(endpoint.Client.Pushes);
        AssertDelivered("found", found: 2, missing: 0);
        Assert.Equal(2, _fixture.Metric("loki_write_sent_entries_total"));
    }

    [Theory]
    [MemberData(nameof(InDoubt))]
    public void A_push_that_was_not_stored_is_sent_again_as_it_was(PushAnswer answer)
    {
        var endpoint = new StoringEndpoint().Then(answer, entries: 0);

        Deliver(endpoint, "one", "two");

        Assert.Equal("one two", endpoint.Lines);
        Assert.Equal(endpoint.Client.Pushes[0].Body, endpoint.Client.Pushes[1].Body);
        AssertDelivered("missing", found: 0, missing: 2);
    }

    [Theory]
    [MemberData(nameof(InDoubt))]
    public void Of_a_push_that_was_stored_in_part_only_the_rest_is_sent(PushAnswer answer)
    {
        var endpoint = new StoringEndpoint().Then(answer, entries: 2);

        Deliver(endpoint, "one", "two", "three", "four");

        Assert.Equal("one,two,three,four three,four", DeliveryFixture.Lines(endpoint.Client.Pushes));
        AssertDelivered("partly", found: 2, missing: 2);
        Assert.Equal(4, _fixture.Metric("loki_write_sent_entries_total"));
    }

    [Fact]
    public void The_rest_may_be_in_doubt_again()
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout, entries: 3)
            .Then(ScriptedPushClient.Status(500), entries: 2).Then(ScriptedPushClient.Status(500), entries: 0)
            .Then(ScriptedPushClient.Status(500));

        Deliver(endpoint, DeliveryFixture.Numbered(8));

        Assert.Equal("0 1 2 3 4 5 6 7", endpoint.Lines);
        Assert.Equal([8, 5, 3, 3], endpoint.Client.Pushes.Select(push => push.Entries.Count));
    }

    [Fact]
    public void Only_the_rest_is_searched_for_entries_that_the_endpoint_refuses()
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout, entries: 4)
            .Then(ScriptedPushClient.Status(400, "bad"), entries: 0).Then(ScriptedPushClient.Status(400), entries: 0)
            .Then(ScriptedPushClient.Status(400), entries: 0);

        Deliver(endpoint, DeliveryFixture.Numbered(8));

        var letter = Assert.Single(_fixture.Spool.DeadLetters).Letter;
        Assert.Equal("4", ScriptedPushClient.Decode(letter.Body.Span, "").Single().Line);
        Assert.Equal("0 1 2 3 5 6 7", endpoint.Lines);
    }

    [Fact]
    public void After_a_400_that_names_nobody_what_was_stored_is_not_sent_again()
    {
        var endpoint = new StoringEndpoint()
            .Then(ScriptedPushClient.Status(400, "bad"), entries: 6)
            .Then(ScriptedPushClient.Status(400, "bad"), entries: 0);

        Deliver(endpoint, DeliveryFixture.Numbered(8));

        Assert.Equal("0,1,2,3,4,5,6,7 6,7", DeliveryFixture.Lines(endpoint.Client.Pushes));
        var letter = Assert.Single(_fixture.Spool.DeadLetters).Letter;
        Assert.Equal((2, 400), (letter.Facts.Entries, letter.StatusCode));
        Assert.Equal("0 1 2 3 4 5", endpoint.Lines);
    }

    [Fact]
    public void What_was_surely_not_stored_is_not_looked_up()
    {
        var endpoint = new StoringEndpoint()
            .Then(new PushAnswer(PushOutcome.NotSent, 0, TimeSpan.Zero, "connection refused"), entries: 0)
            .Then(ScriptedPushClient.Status(429), entries: 0).Then(ScriptedPushClient.Status(401), entries: 0);

        Deliver(endpoint, "one");

        Assert.Empty(endpoint.Query.Asked);
        Assert.Equal("one", endpoint.Lines);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(501)]
    public void An_endpoint_that_refuses_is_not_asked_again_and_gets_the_same_bytes(int status)
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout).Then(StoringEndpoint.Timeout);
        endpoint.Query.Instead = _ => ScriptedLogQuery.Status(status);

        Deliver(endpoint, "one");

        Assert.Single(endpoint.Query.Asked);
        Assert.Equal("one one one", endpoint.Lines);
        Assert.All(endpoint.Client.Pushes, push => Assert.Equal(endpoint.Client.Pushes[0].Body, push.Body));
        Assert.Equal(1, _fixture.Metric(Lookups, "refused"));
        Assert.Single(_fixture.Log.Lines, line => line.Contains("lets nobody read", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_the_configuration_insists_a_refusal_is_not_for_good()
    {
        var endpoint = new StoringEndpoint { IsInsisted = true }
            .Then(StoringEndpoint.Timeout, entries: 0).Then(StoringEndpoint.Timeout);
        var refusals = 1;
        endpoint.Query.Instead = _ => refusals-- > 0 ? ScriptedLogQuery.Status(403) : null;

        Deliver(endpoint, "one");

        Assert.Equal("one", endpoint.Lines);
        Assert.Equal((1, 1), (_fixture.Metric(Lookups, "refused"), _fixture.Metric(Lookups, "found")));
    }

    public static TheoryData<QueryAnswer> Failures => new(
        ScriptedLogQuery.Status(400), ScriptedLogQuery.Status(429), ScriptedLogQuery.Status(500),
        ScriptedLogQuery.Status(504), ScriptedLogQuery.Json("<html>"), ScriptedLogQuery.Json("{}"),
        new QueryAnswer(QueryOutcome.Failed, 0, "reset", default));

    [Theory]
    [MemberData(nameof(Failures))]
    public void After_three_lookups_that_failed_it_is_sent_again_as_it_was(QueryAnswer failure)
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout, entries: 1);
        endpoint.Query.Instead = _ => failure;

        Deliver(endpoint, "one", "two");

        Assert.Equal(Reconciliation.FailuresMax, endpoint.Query.Asked.Count);
        Assert.Equal("one,two one,two", DeliveryFixture.Lines(endpoint.Client.Pushes));
        Assert.Equal(endpoint.Client.Pushes[0].Body, endpoint.Client.Pushes[1].Body);
        Assert.Equal(3, _fixture.Metric(Lookups, "failed"));
    }

    [Fact]
    public void A_lookup_that_works_at_the_second_try_is_as_good()
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout);
        var failures = 1;
        endpoint.Query.Instead = _ => failures-- > 0 ? ScriptedLogQuery.Status(500) : null;

        Deliver(endpoint, "one");

        Assert.Equal("one", endpoint.Lines);
    }

    [Fact]
    public void A_server_that_is_away_is_waited_for_and_sent_nothing_unasked()
    {
        var endpoint = new StoringEndpoint().Then(StoringEndpoint.Timeout);
        var away = 100;
        endpoint.Query.Instead = _ => away-- > 0
            ? new QueryAnswer(QueryOutcome.Unreachable, 0, "connection refused", default) : null;

        Deliver(endpoint, "one");

        Assert.Equal(101, endpoint.Query.Asked.Count);
        Assert.Single(endpoint.Client.Pushes);
        Assert.Equal("one", endpoint.Lines);
    }

    [Fact]
    public void A_server_of_its_own_for_queries_that_is_away_does_not_hold_up_pushes()
    {
        var endpoint = new StoringEndpoint { SharesServer = false }.Then(StoringEndpoint.Timeout, entries: 0);
        endpoint.Query.Instead = _ => new QueryAnswer(QueryOutcome.Unreachable, 0, "connection refused", default);

        Deliver(endpoint, "one");

        Assert.Equal(Reconciliation.FailuresMax, endpoint.Query.Asked.Count);
        Assert.Equal("one", endpoint.Lines);
    }

    private void AssertDelivered(string outcome, int found, int missing)
    {
        Assert.Empty(_fixture.Spool.Fragments);
        Assert.Empty(_fixture.Spool.DeadLetters);
        Assert.Equal(1, _fixture.Metric(Lookups, outcome));
        Assert.Equal(1, _fixture.Metric(Lookups));
        Assert.Equal(found, _fixture.Metric("weir_reconcile_entries_total", "found"));
        Assert.Equal(missing, _fixture.Metric("weir_reconcile_entries_total", "missing"));
        Assert.True(_fixture.Metric("weir_reconcile_queries_total") > 0);
        Assert.True(_fixture.Metric("weir_reconcile_answer_bytes_total") > 0);
    }

    private void Deliver(StoringEndpoint endpoint, params string[] lines) =>
        Run(endpoint, () => _fixture.SendAsync(lines));

    private void Run(StoringEndpoint endpoint, Func<Task> send) =>
        _fixture.Run(DeliveryFixture.Settings(endpoint.Settings), async () =>
        {
            await send();
            await _fixture.DeliveredAsync();
        });

    private async Task SendAsync(LogBatch batch)
    {
        using var inlet = _fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open();
        await inlet.SendAsync(batch, default);
    }

    private void Add(LogBatch batch, long timestamp, int line, params (string Name, string Value)[] labels) =>
        batch.Add(timestamp, Labels(labels), Encoding.UTF8.GetBytes(line.ToString(CultureInfo.InvariantCulture)), 0);

    private LabelSet Labels(params (string Name, string Value)[] labels) =>
        _fixture.Labels.Of([.. labels.Select(label => new Label(label.Name, label.Value))]);
}
