using Weir.Protocol.Batches;
using Weir.Routing.Cardinality;
using Weir.Routing.Lanes;

namespace Weir.Routing.Tests.Cardinality;

public sealed class CardinalityGuardTests
{
    private readonly DeliveryFixture _fixture = new();
    private readonly ScriptedPushClient _client = new();

    private IReadOnlyList<ReceivedEntry> Entries => [.. _client.Pushes.SelectMany(push => push.Entries)];

    private DestinationSettings Settings(CardinalityAction action, int valuesMax = 2) =>
        DeliveryFixture.Settings(DeliveryFixture.Endpoint(_client)) with
        {
            CardinalityGuard = new CardinalityOptions { ValuesMax = valuesMax, Action = action },
        };

    /// <summary>A batch a value, in order, each line named after it.</summary>
    private async Task SendAsync(IEnumerable<string> values, params Label[] more)
    {
        using var inlet = _fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open();
        foreach (var value in values)
            await inlet.SendAsync(_fixture.Batch([value], [new Label("user", value), .. more]), default);
        await _fixture.DeliveredAsync();
    }

    [Fact]
    public void A_label_over_its_budget_becomes_metadata_for_all_streams_from_then_on()
    {
        _fixture.Run(Settings(CardinalityAction.Demote),
            () => SendAsync(["a", "b", "a", "c", "a"], new Label("job", "api")));

        Assert.Equal(
        [
            ("a", """{job="api", user="a"}""", ""), ("b", """{job="api", user="b"}""", ""),
            ("a", """{job="api", user="a"}""", ""), ("c", """{job="api"}""", """{"user":"c"}"""),
            ("a", """{job="api"}""", """{"user":"a"}"""),
        ], InOrderOfArrival(Entries));
        Assert.Equal(2, _fixture.Metric("weir_cardinality_entries_changed_total", "demote"));
    }

    [Fact]
    public void A_label_that_may_be_dropped_is_dropped()
    {
        _fixture.Run(Settings(CardinalityAction.DropLabel),
            () => SendAsync(["a", "b", "c"], new Label("job", "api")));

        Assert.Equal("""{job="api"}""", Entries.Single(entry => entry.Line == "c").Stream);
        Assert.Equal("", Entries.Single(entry => entry.Line == "c").Metadata);
    }

    [Fact]
    public void A_warning_changes_nothing_and_comes_once()
    {
        _fixture.Run(Settings(CardinalityAction.Warn),
            () => SendAsync(["a", "b", "c", "d", "e"], new Label("job", "api")));

        Assert.Equal(5, Entries.Select(entry => entry.Stream).Distinct().Count());
        Assert.Equal(1, _fixture.Metric("weir_cardinality_labels_over_budget_total", "warn"));
        Assert.Single(_fixture.Log.Lines, line => line.Contains("more values than it may", StringComparison.Ordinal));
    }

    [Fact]
    public void Metadata_that_an_entry_has_already_stays_in_front()
    {
        _fixture.Run(Settings(CardinalityAction.Demote, 1), async () =>
        {
            await SendAsync(["a", "b"], new Label("job", "api"));
            using var inlet = _fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open();
            var batch = _fixture.Batch(["own", "none", "own"], new Label("job", "api"), new Label("user", "c"));
            Span<byte> pair = stackalloc byte[64];
            var length = Weir.Protocol.Loki.PushRequestWriter.WriteMetadata(pair, "trace"u8, "t1"u8);
            foreach (var index in new[] { 0, 2 })
            {
                batch[index].MetadataStart = batch.Append(pair[..length]);
                batch[index].MetadataLength = length;
            }

            await inlet.SendAsync(batch, default);
            await _fixture.DeliveredAsync();
        });

        Assert.Equal(
            ["""{"trace":"t1","user":"c"}""", """{"user":"c"}""", """{"trace":"t1","user":"c"}"""],
            Entries.Where(entry => entry.Line is "own" or "none").Select(entry => entry.Metadata));
    }

    [Fact]
    public void Tenants_are_counted_apart()
    {
        _fixture.Run(Settings(CardinalityAction.DropLabel), async () =>
        {
            await SendAsync(["a", "b"], new Label("__tenant_id__", "one"));
            await SendAsync(["c", "d"], new Label("__tenant_id__", "two"));

            Assert.Equal(
                [("one", "user", 2L, false), ("two", "user", 2L, false)],
                _fixture.Delivery.Cardinality.Select(label =>
                    (label.Tenant, label.Label, label.Values, label.IsOverBudget)).Order());
        });

        Assert.All(Entries, entry => Assert.Equal($$"""{user="{{entry.Line}}"}""", entry.Stream));
    }

    [Fact]
    public void A_stream_that_loses_its_last_label_gets_loki_s_own_name_for_it()
    {
        _fixture.Run(Settings(CardinalityAction.Demote), () => SendAsync(["a", "b", "c"]));

        var last = Entries.Single(entry => entry.Line == "c");
        Assert.Equal("""{service_name="unknown_service"}""", last.Stream);
        Assert.Equal("""{"user":"c"}""", last.Metadata);
    }

    [Fact]
    public void What_is_counted_is_shown_exact_up_to_the_budget_and_estimated_beyond()
    {
        _fixture.Run(Settings(CardinalityAction.Demote, 50), async () =>
        {
            await SendAsync(Enumerable.Range(0, 50).Select(i => $"u{i}"), new Label("job", "api"));
            var before = _fixture.Delivery.Cardinality.Single(label => label.Label == "user");
            await SendAsync(Enumerable.Range(0, 500).Select(i => $"u{i}"), new Label("job", "api"));
            var after = _fixture.Delivery.Cardinality.Single(label => label.Label == "user");

            Assert.Equal((50L, false), (before.Values, before.IsOverBudget));
            Assert.True(after.IsOverBudget);
            Assert.InRange(after.Values, 475, 525);
            Assert.Equal(1, _fixture.Delivery.Cardinality.Single(label => label.Label == "job").Values);
            Assert.Contains("weir_cardinality_values{component_id=\"loki.write.default\",tenant=\"\",label=\"job\"} 1",
                _fixture.Metrics.Render(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Other_arguments_count_anew_and_the_same_ones_do_not()
    {
        _fixture.Run(Settings(CardinalityAction.DropLabel, 2), async () =>
        {
            await SendAsync(["a", "b", "c"], new Label("job", "api"));
            await _fixture.Delivery.ApplyAsync(DeliveryFixture.Id, Settings(CardinalityAction.DropLabel, 2));
            var same = _fixture.Delivery.Cardinality.Single(label => label.Label == "user").IsOverBudget;
            await _fixture.Delivery.ApplyAsync(DeliveryFixture.Id, Settings(CardinalityAction.DropLabel, 3));
            await SendAsync(["a"], new Label("job", "api"));

            Assert.True(same);
            Assert.Equal(1, _fixture.Delivery.Cardinality.Single(label => label.Label == "user").Values);
        });

        Assert.Equal("""{job="api", user="a"}""", Entries[^1].Stream);
    }

    [Fact]
    public void Names_without_end_are_counted_up_to_a_limit()
    {
        var guard = new CardinalityGuard("loki.write.w", new CardinalityOptions { ValuesMax = 1 }, _fixture.Events);

        for (var i = 0; i < CardinalityGuard.LabelsMax + 10; i++)
            guard.Judge(_fixture.Labels.Of([new Label($"l{i}", "x")]), "", _fixture.Labels);

        Assert.Equal(CardinalityGuard.LabelsMax, guard.Labels.Count);
        Assert.Single(_fixture.Log.Lines, line => line.Contains("counts no more labels", StringComparison.Ordinal));
    }

    private static IEnumerable<(string, string, string)> InOrderOfArrival(IEnumerable<ReceivedEntry> entries) =>
        entries.Select(entry => (entry.Line, entry.Stream, entry.Metadata));
}
