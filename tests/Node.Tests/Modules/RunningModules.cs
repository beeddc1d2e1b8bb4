using Weir.Node.Admin;
using Weir.Node.Agent;
using Weir.Node.Logging;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Support;

namespace Weir.Node.Tests.Modules;

/// <summary>A graph of the node's own components, and files that its configuration uses.</summary>
internal sealed class RunningModules : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Delivery _delivery;
    private readonly ComponentFactory _factory;
    private readonly ConfigurationReader _reader = new(Stability.Experimental, new ConfigurationFormat());
    private readonly Task _running;

    public RunningModules()
    {
        var (labels, metrics) = (new LabelSets(), new MetricRegistry());
        var (process, time) = (new ProcessLog(TextWriter.Null, TimeProvider.System), TimeProvider.System);
        var events = new RoutingEvents(Log, metrics);
        _delivery = new Delivery(new MemorySpool(), labels, events, time, new Random(1));
        _factory = new ComponentFactory(
            process, new OwnLogSource(process, labels, time, metrics), new AdminAccess(new HttpBlockOptions()),
            _delivery, time);
        Graph = new Graph(_factory.Make, labels, events, time);
        _running = Graph.RunAsync(_stop.Token);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("weir-modules-").FullName;

    public RecordingLog Log { get; } = new();

    public Graph Graph { get; }

    public IEnumerable<string> Ids => Graph.Components.Select(component => component.Id);

    public ComponentState this[string id] => Graph.Components.Single(component => component.Id == id);

    /// <summary>Writes a file as an editor does: whole, under another name first.</summary>
    public void Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Loads a text in which <c>FOLDER</c> stands for the folder.</summary>
    public async Task<IReadOnlyList<string>> LoadAsync(string text)
    {
        var read = _reader.Read(
            [new SourceFile("main.alloy", text.Replace("FOLDER", Folder, StringComparison.Ordinal))]);
        return read.Plans is null ? read.Errors : await Graph.LoadAsync(read.Plan, default);
    }

    /// <summary>Waits for what no log line tells: exports that have gone through the graph.</summary>
    public async Task UntilAsync(string what, Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(Signals.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!holds())
        {
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"not seen: {what}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Graph.DisposeAsync();
        await _delivery.DisposeAsync();
        _factory.Dispose();
        _stop.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
