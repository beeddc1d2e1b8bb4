using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Metrics;

namespace Weir.Routing.Tests.Components;

/// <summary>A graph of components that write down what the graph does to them.</summary>
internal sealed class GraphRig : IAsyncDisposable
{
    /// <summary>Arguments that the component refuses.</summary>
    public const string Refused = "refused";

    private readonly Signals _signals = new();
    private readonly List<string> _journal = [];
    private readonly Dictionary<string, Probe> _probes = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public GraphRig()
    {
        Graph = new Graph(Make, new LabelSets(), new RoutingEvents(Log, new MetricRegistry()), Time);
        _running = Graph.RunAsync(_stop.Token);
    }

    public ManualTime Time { get; } = new();

    public RecordingLog Log { get; } = new();

    public Graph Graph { get; }

    public IReadOnlyList<string> Journal
    {
        get
        {
            lock (_journal) return [.. _journal];
        }
    }

    public Health HealthOf(string id) => Graph.Components.Single(component => component.Id == id).Health;

    public Probe ProbeOf(string id)
    {
        lock (_journal) return _probes[id];
    }

    /// <summary>A component whose arguments are a text, with the exports of what it refers to appended.</summary>
    public static ComponentPlan Plan(string id, string text, params string[] references) => new(
        id, "probe", references,
        exportsOf => new PlanResult(string.Join('+', references.Select(exportsOf).Prepend(text)), []));

    /// <summary>A component whose arguments cannot be evaluated.</summary>
    public static ComponentPlan Broken(string id, string error) =>
        new(id, "probe", [], _ => new PlanResult(null, [error]));

    public Task<IReadOnlyList<string>> LoadAsync(params ComponentPlan[] plans) => Graph.LoadAsync(plans, default);

    public Task SeenAsync(string line) =>
        _signals.UntilAsync($"{line}; seen: {string.Join("; ", Journal)}", () => Journal.Contains(line));

    public Task UntilAsync(string what, Func<bool> holds) => _signals.UntilAsync(what, holds);

    /// <summary>Forgets what was written down so far.</summary>
    public void Clear()
    {
        lock (_journal) _journal.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Graph.DisposeAsync();
        _stop.Dispose();
    }

    private Probe Make(string name, IComponentHost host)
    {
        lock (_journal) return _probes[host.Id] = new Probe(host, this);
    }

    private void Note(string line)
    {
        lock (_journal) _journal.Add(line);
        _signals.Raise();
    }

    internal sealed class Probe(IComponentHost host, GraphRig rig) : IComponent
    {
        private TaskCompletionSource _work = New();

        public object? Status => null;

        /// <summary>Keeps a stop waiting until it is completed.</summary>
        public TaskCompletionSource? Lingers { get; set; }

        public IComponentHost Host { get; } = host;

        public int Reloads { get; private set; }

        public void Reloaded() => Reloads++;

        public ValueTask ApplyAsync(object options, CancellationToken cancel)
        {
            rig.Note($"{Host.Id} takes {options}");
            if (Equals(options, Refused)) throw new ComponentException($"{options} cannot work");
            Host.Export(options);
            return ValueTask.CompletedTask;
        }

        public async Task RunAsync(CancellationToken cancel)
        {
            rig.Note($"{Host.Id} runs");
            try
            {
                await _work.Task.WaitAsync(cancel);
            }
            finally
            {
                if (Lingers is { } lingers) await lingers.Task;
                rig.Note($"{Host.Id} ends");
            }
        }

        public void Fault()
        {
            var work = _work;
            _work = New();
            work.SetException(new InvalidDataException("the disk burns"));
        }

        public void Finish() => _work.SetResult();

        public ValueTask DisposeAsync()
        {
            rig.Note($"{Host.Id} disposed");
            return ValueTask.CompletedTask;
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
