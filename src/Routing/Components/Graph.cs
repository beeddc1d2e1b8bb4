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
        var running = _nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        var errors = new List<string>();
        var next = new List<GraphNode>(plans.Count);
        var made = new List<GraphNode>();
        var changed = new List<(GraphNode Node, ComponentPlan Plan, object Options)>();
        foreach (var plan in plans)
        {
            var known = running.TryGetValue(plan.Id, out var node) && node.Plan.Name == plan.Name;
            node = known ? node! : new GraphNode(plan, labels, time, events, id => _exported.Writer.TryWrite(id));
            next.Add(node);
            if (!known) made.Add(node);
            var result = plan.Evaluate(id => next.Find(other => other.Id == id)?.Exports);
            errors.AddRange(result.Errors);
            if (result.Options is null) continue;
            if (known) changed.Add((node, plan, result.Options));
            else await TryMakeAsync(node, result.Options, errors, cancel);
        }

        if (errors.Count > 0)
        {
            foreach (var node in made) await node.DisposeAsync();
            return errors;
        }

        await SwitchAsync(next, made, changed, cancel);
        return [];
    }

    private async Task SwitchAsync(
        List<GraphNode> next, List<GraphNode> made, List<(GraphNode Node, ComponentPlan Plan, object Options)> changed,
        CancellationToken cancel)
    {
        var gone = _nodes.Except(next).Reverse().ToList();
        _nodes = next;
        foreach (var (node, plan, options) in changed)
        {
            node.Plan = plan;
            await TakeOverAsync(node, options, cancel);
        }

        foreach (var node in made) node.Start();
        foreach (var node in gone)
        {
            await node.DisposeAsync();
            events.ComponentRemoved(node.Id);
        }
    }

    private async Task TryMakeAsync(GraphNode node, object options, List<string> errors, CancellationToken cancel)
    {
        try
        {
            await node.ApplyAsync(make(node.Plan.Name, node), options, cancel);
        }
        catch (ComponentException refusal)
        {
            errors.Add($"{node.Id}: {refusal.Message}");
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
            events.Log.Write(LogSeverity.Error, node.Id, "keeps its former arguments", new LogField("error", refusal.Message));
        }
    }
}
