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
    private Dictionary<string, GraphNode> _byId = [];
    private PlanGraph _plan = static _ => GraphPlan.Of([]);
    private HashSet<string> _shapedBy = [];

    /// <summary>In evaluation order: what is referred to comes first.</summary>
    public IReadOnlyList<ComponentState> Components => [.. _nodes.Select(node => node.State)];

    /// <summary>Takes over a configuration.</summary>
    /// <param name="plans">In evaluation order.</param>
    /// <returns>Errors, one an element; when there is any, the graph is as it was.</returns>
    public Task<IReadOnlyList<string>> LoadAsync(IReadOnlyList<ComponentPlan> plans, CancellationToken cancel) =>
        LoadAsync(_ => GraphPlan.Of(plans), cancel);

    /// <summary>Takes over a configuration that may depend on what runs.</summary>
    /// <returns>Errors, one an element; when there is any, the graph is as it was.</returns>
    public async Task<IReadOnlyList<string>> LoadAsync(PlanGraph plan, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            var errors = await ReplaceAsync(plan, cancel);
            if (errors.Count == 0) _plan = plan;
            return errors;
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
                if (changed.Overlaps(_shapedBy) && await TryReshapeAsync(changed, cancel)) continue;
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

    /// <summary>Plans the configuration again: other components than before may be in it now.</summary>
    /// <returns>False: it has a mistake now; those who brought it say so, and all stays as it was.</returns>
    private async Task<bool> TryReshapeAsync(HashSet<string> changed, CancellationToken cancel)
    {
        var errors = await ReplaceAsync(_plan, cancel);
        if (errors.Count == 0) return true;
        foreach (var node in _nodes.Where(node => changed.Contains(node.Id) && _shapedBy.Contains(node.Id)))
        {
            node.Refused($"what it gives cannot be taken over, the former stays in force: {string.Join("; ", errors)}");
            events.Log.Write(LogSeverity.Error, node.Id, "cannot be taken over: the former stays in force",
                new LogField("error", errors[0]), new LogField("errors", errors.Count));
        }

        return false;
    }

    private async Task<IReadOnlyList<string>> ReplaceAsync(PlanGraph planGraph, CancellationToken cancel)
    {
        var change = new Change();
        var isComplete = false;
        try
        {
            // What is made in one round may be what the next one needs to know: the files of a module.
            GraphPlan plan;
            do
            {
                plan = planGraph(id => change.Next.GetValueOrDefault(id)?.Exports);
                change.Errors.AddRange(plan.Errors);
                foreach (var component in plan.Components)
                    if (!change.Next.ContainsKey(component.Id)) await PrepareAsync(component, change, cancel);
            }
            while (change.Errors.Count == 0 && change.TakeRound() > 0);
            if (change.Errors.Count == 0) change.Errors.AddRange(plan.Awaited);
            if (change.Errors.Count > 0) return change.Errors;
            isComplete = true;
            await SwitchAsync(change, plan);
            return [];
        }
        finally
        {
            // Refused, cancelled or faulted: what was made for it has never run.
            if (!isComplete)
                foreach (var node in change.Made) await node.DisposeAsync();
        }
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

        if (_byId.TryGetValue(plan.Id, out var known)
            && (!plan.IsModule || OptionEquality.AreEqual(known.Options, options)))
        {
            change.Next.Add(plan.Id, known);
            change.Kept.Add((known, options));
            return;
        }

        var made = new GraphNode(plan, labels, time, events, id => _exported.Writer.TryWrite(id));
        change.Made.Add(made);
        var isMade = await TryMakeAsync(made, options, change.Errors, cancel);
        change.Next.Add(plan.Id, isMade ? made : null);
    }

    /// <summary>From here on there is no way back, so nothing cancels it.</summary>
    private async Task SwitchAsync(Change change, GraphPlan plan)
    {
        var next = new List<GraphNode>(plan.Components.Count);
        foreach (var component in plan.Components)
        {
            var node = change.Next[component.Id]!;
            node.Plan = component;
            next.Add(node);
        }

        var gone = _nodes.Except(next).Reverse().ToList();
        var running = next.ToHashSet();
        _nodes = next;
        _byId = next.ToDictionary(node => node.Id, StringComparer.Ordinal);
        _shapedBy = [.. plan.ShapedBy];
        foreach (var (node, options) in change.Kept)
        {
            if (!running.Contains(node)) continue;
            await TakeOverAsync(node, options, CancellationToken.None);
            node.Reloaded();
        }

        foreach (var node in change.Made)
            if (running.Contains(node)) node.Start();
        foreach (var node in gone)
        {
            await node.DisposeAsync();
            if (!_byId.ContainsKey(node.Id)) events.ComponentRemoved(node.Id);
        }

        // Planned in one round, and not in the last.
        foreach (var node in change.Made.Except(next)) await node.DisposeAsync();
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
        var result = node.Plan.Evaluate(id => _byId.GetValueOrDefault(id)?.Exports);
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
    private sealed class Change
    {
        private int _known;

        /// <summary>By id; null: it cannot be made.</summary>
        public Dictionary<string, GraphNode?> Next { get; } = new(StringComparer.Ordinal);

        public List<GraphNode> Made { get; } = [];

        public List<(GraphNode Node, object Options)> Kept { get; } = [];

        public List<string> Errors { get; } = [];

        /// <returns>How many components the round has added.</returns>
        public int TakeRound()
        {
            var added = Next.Count - _known;
            _known = Next.Count;
            return added;
        }
    }
}
