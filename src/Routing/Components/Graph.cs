using System.Threading.Channels;
using Weir.Protocol.Batches;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Routing.Components;

/// <summary>Makes a component for its block's name.</summary>
public delegate IComponent MakeComponent(string name, IComponentHost host);

/// <summary>The configured graph while it runs: starts, re-evaluates, replaces and stops components.</summary>
/// <remarks>
/// A load is all or nothing as far as arguments can tell: every component is evaluated, and the new ones take their
/// arguments, before anything that runs is touched.
/// </remarks>
public sealed class Graph(MakeComponent make, LabelSets labels, RoutingEvents events, TimeProvider time)
    : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    // A component exports as often as it likes: what waits is a set of ids, and one wake-up serves all.
    private readonly Channel<string> _exported =
        Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });

    private volatile IReadOnlyList<GraphNode> _nodes = [];

    /// <summary>In evaluation order: what is referred to comes first.</summary>
    public IReadOnlyList<ComponentState> Components => [.. _nodes.Select(node => node.State)];

    /// <summary>Takes over a configuration.</summary>
    /// <param name="plans">In evaluation order.</param>
    /// <returns>Errors, one an element; when there is any, the graph is as it was.</returns>
    public async Task<IReadOnlyList<string>> LoadAsync(IReadOnlyList<ComponentPlan> plans, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            return await ReplaceAsync(plans, cancel);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Evaluates again what refers to changed exports, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (await _exported.Reader.WaitToReadAsync(cancel))
        {
            var changed = new HashSet<string>(StringComparer.Ordinal);
            while (_exported.Reader.TryRead(out var id)) changed.Add(id);
            await _gate.WaitAsync(cancel);
            try
            {
                foreach (var node in _nodes)
                    if (node.Plan.References.Any(changed.Contains)) await ReevaluateAsync(node, cancel);
            }
            finally
            {
                _gate.Release();
            }
        }
    }

    /// <summary>Stops everything, sources first, so that what they read has gone on before the rest ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        foreach (var node in _nodes.Reverse()) await node.DisposeAsync();
        _nodes = [];
        _gate.Dispose();
    }

    private async Task<IReadOnlyList<string>> ReplaceAsync(IReadOnlyList<ComponentPlan> plans, CancellationToken cancel)
    {
        var change = new Change(plans.Count);
        try
        {
            foreach (var plan in plans) await PrepareAsync(plan, change, cancel);
            if (change.Errors.Count > 0) return change.Errors;
        }
        finally
        {
            // Refused, cancelled or faulted: what was made for it has never run.
            if (change.Errors.Count > 0 || change.Next.Count < plans.Count)
                foreach (var node in change.Made) await node.DisposeAsync();
        }

        await SwitchAsync(change);
        return [];
    }

    private async Task PrepareAsync(ComponentPlan plan, Change change, CancellationToken cancel)
    {
        // What refers to a component that cannot be made has no mistake of its own.
        var isOrphan = plan.References.Any(id => change.Next.TryGetValue(id, out var other) && other is null);
        var result = isOrphan ? null : plan.Evaluate(id => change.Next.GetValueOrDefault(id)?.Exports);
        change.Errors.AddRange(result?.Errors ?? []);
        if (result?.Options is not { } options)
        {
            change.Next.Add(plan.Id, null);
            return;
        }

        if (_nodes.FirstOrDefault(node => node.Id == plan.Id) is { } known)
        {
            change.Next.Add(plan.Id, known);
            change.Kept.Add((known, plan, options));
            return;
        }

        var made = new GraphNode(plan, labels, time, events, id => _exported.Writer.TryWrite(id));
        change.Made.Add(made);
        var isMade = await TryMakeAsync(made, options, change.Errors, cancel);
        change.Next.Add(plan.Id, isMade ? made : null);
    }

    /// <summary>From here on there is no way back, so nothing cancels it.</summary>
    private async Task SwitchAsync(Change change)
    {
        var next = change.Next.Values.OfType<GraphNode>().ToList();
        var gone = _nodes.Except(next).Reverse().ToList();
        _nodes = next;
        foreach (var (node, plan, options) in change.Kept)
        {
            node.Plan = plan;
            await TakeOverAsync(node, options, CancellationToken.None);
        }

        foreach (var node in change.Made) node.Start();
        foreach (var node in gone)
        {
            await node.DisposeAsync();
            events.ComponentRemoved(node.Id);
        }
    }

    /// <returns>False when the component refuses its arguments; the reason is added to the errors.</returns>
    private async Task<bool> TryMakeAsync(
        GraphNode node, object options, List<string> errors, CancellationToken cancel)
    {
        try
        {
            await node.ApplyAsync(make(node.Plan.Name, node), options, cancel);
            return true;
        }
        catch (ComponentException refusal)
        {
            errors.Add($"{node.Id}: {refusal.Message}");
            return false;
        }
    }

    private async Task ReevaluateAsync(GraphNode node, CancellationToken cancel)
    {
        var result = node.Plan.Evaluate(id => _nodes.FirstOrDefault(other => other.Id == id)?.Exports);
        if (result.Options is not null) await TakeOverAsync(node, result.Options, cancel);
        else node.Refused(string.Join("; ", result.Errors));
    }

    private async Task TakeOverAsync(GraphNode node, object options, CancellationToken cancel)
    {
        if (OptionEquality.AreEqual(node.Options, options))
        {
            node.Refused(null);
            return;
        }

        try
        {
            await node.ReapplyAsync(options, cancel);
        }
        catch (ComponentException refusal)
        {
            node.Refused(refusal.Message);
            events.Log.Write(LogSeverity.Error, node.Id, "keeps its former arguments",
                new LogField("error", refusal.Message));
        }
    }

    /// <summary>A configuration on its way into force.</summary>
    private sealed class Change(int components)
    {
        /// <summary>By id, in evaluation order; null: it cannot be made.</summary>
        public OrderedDictionary<string, GraphNode?> Next { get; } = new(components, StringComparer.Ordinal);

        public List<GraphNode> Made { get; } = [];

        public List<(GraphNode Node, ComponentPlan Plan, object Options)> Kept { get; } = [];

        public List<string> Errors { get; } = [];
    }
}
