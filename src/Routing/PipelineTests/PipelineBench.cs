using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Routing.PipelineTests;

/// <summary>
/// Runs tests: makes the component that a test names and those that it needs, each anew, and puts lines in. None of
/// them runs, so nothing is read, asked or sent.
/// </summary>
/// <param name="plans">The configuration, in evaluation order.</param>
/// <param name="make">Makes a component; destinations are replaced.</param>
/// <param name="log">Gets what components say.</param>
public sealed class PipelineBench(IReadOnlyList<ComponentPlan> plans, MakeComponent make, IProcessLog log)
{
    private const string Receiver = "receiver";
    private const string DropCounter = "loki_process_dropped_lines_total";

    /// <summary>Runs one test.</summary>
    public async Task<TestOutcome> RunAsync(PipelineTest test, CancellationToken cancel)
    {
        if (plans.All(plan => plan.Id != test.Component))
        {
            var hint = Suggestion.DidYouMean(test.Component, plans.Select(plan => plan.Id));
            return TestOutcome.Failed($"there is no component {test.Component}{(hint is null ? "" : $": {hint}")}");
        }

        var parts = new Parts(new MetricRegistry(), new LabelSets(), new TestClock(test.Now));
        try
        {
            if (await MakeAsync(Needed(test.Component), parts, cancel) is { } problem)
                return TestOutcome.Failed(problem);
            if (ReceiverOf(parts.Hosts[test.Component].Exports) is not { } receiver)
                return TestOutcome.Failed($"{test.Component} receives no lines");
            using var inlet = receiver.Open();
            await inlet.SendAsync(BatchOf(test, parts.Labels), cancel);
            await inlet.ReleaseAsync(ending: true, cancel);
            var captured = parts.Components.OfType<CapturingDestination>();
            return new TestOutcome([.. captured.SelectMany(one => one.Entries)], DropsIn(parts.Metrics), "");
        }
        finally
        {
            parts.Components.Reverse();
            foreach (var component in parts.Components) await component.DisposeAsync();
        }
    }

    /// <summary>The component and all that it refers to, in evaluation order.</summary>
    private List<ComponentPlan> Needed(string component)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal) { component };
        // Backwards: what is referred to comes first.
        for (var i = plans.Count - 1; i >= 0; i--)
            if (needed.Contains(plans[i].Id)) needed.UnionWith(plans[i].References);
        return [.. plans.Where(plan => needed.Contains(plan.Id))];
    }

    /// <returns>What keeps a component from being made; null when all are.</returns>
    private async Task<string?> MakeAsync(List<ComponentPlan> needed, Parts parts, CancellationToken cancel)
    {
        foreach (var plan in needed)
        {
            var result = plan.Evaluate(id => parts.Hosts.GetValueOrDefault(id)?.Exports);
            if (result.Options is not { } options) return string.Join('\n', result.Errors);
            var host = parts.Hosts[plan.Id] = new BenchHost(plan.Id, parts, new RoutingEvents(log, parts.Metrics));
            var component = CapturingDestination.StandsFor(plan.Name)
                ? new CapturingDestination(host) : make(plan.Name, host);
            parts.Components.Add(component);
            try
            {
                await component.ApplyAsync(options, cancel);
            }
            catch (ComponentException refusal)
            {
                return $"{plan.Id}: {refusal.Message}";
            }
        }

        return null;
    }

    private static ILogsReceiver? ReceiverOf(object? exports) => exports is null ? null
        : ExportsSchema.Of(exports.GetType()).Properties.Where(export => export.Name == Receiver)
            .Select(export => export.Property.GetValue(exports)).OfType<ILogsReceiver>().FirstOrDefault();

    private static LogBatch BatchOf(PipelineTest test, LabelSets sets)
    {
        var batch = new LogBatch();
        foreach (var line in test.Lines)
        {
            var start = batch.BytesUsed;
            foreach (var (name, value) in line.Metadata) AppendMetadata(batch, name, value);
            var length = batch.BytesUsed - start;
            ref var entry = ref batch.Add(
                line.Time, sets.Of([.. line.Labels]), Encoding.UTF8.GetBytes(line.Text), batch.Count);
            (entry.MetadataStart, entry.MetadataLength) = (start, length);
        }

        return batch;
    }

    private static void AppendMetadata(LogBatch batch, string name, string value)
    {
        var (nameBytes, valueBytes) = (Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        var pair = new byte[PushRequestWriter.MetadataBytes(nameBytes.Length, valueBytes.Length)];
        batch.Append(pair.AsSpan(0, PushRequestWriter.WriteMetadata(pair, nameBytes, valueBytes)));
    }

    private static Dictionary<string, long> DropsIn(MetricRegistry metrics)
    {
        var drops = new Dictionary<string, long>(StringComparer.Ordinal);
        var counter = metrics.Counter(DropCounter, "", "component_id", "reason");
        foreach (var series in counter.Series)
            if (series.Value > 0)
                drops[series.LabelValues[1]] = drops.GetValueOrDefault(series.LabelValues[1]) + (long)series.Value;
        return drops;
    }

    /// <summary>What one test runs on.</summary>
    private sealed record Parts(MetricRegistry Metrics, LabelSets Labels, TestClock Clock)
    {
        public Dictionary<string, BenchHost> Hosts { get; } = new(StringComparer.Ordinal);

        public List<IComponent> Components { get; } = [];
    }

    private sealed class BenchHost(string id, Parts parts, RoutingEvents events) : IComponentHost
    {
        public string Id => id;

        public TimeProvider Time => parts.Clock;

        public RoutingEvents Events => events;

        public LabelSets Labels => parts.Labels;

        public object? Exports { get; private set; }

        public void Export(object exports) => Exports = exports;

        public void Report(HealthState state, string message)
        {
            // Nobody asks how a component is that does not run.
        }
    }
}
