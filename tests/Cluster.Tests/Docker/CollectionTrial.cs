using Weir.Node.Sources.Docker;
using Weir.Support;

namespace Weir.Cluster.Tests.Docker;

/// <summary>Discovery and source wired as a configuration does it, on a real engine, with positions in
/// memory.</summary>
internal sealed class CollectionTrial : IAsyncDisposable
{
    private readonly EngineFixture _engine;
    private readonly MemoryPositions _positions = new();
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private DockerSource? _source;

    private CollectionTrial(EngineFixture engine) => _engine = engine;

    public CollectingReceiver Receiver { get; } = new();

    public static async Task<CollectionTrial> StartAsync(EngineFixture engine)
    {
        var trial = new CollectionTrial(engine);
        await trial.StartAsync();
        return trial;
    }

    /// <summary>Lines of one container, in the order of their arrival.</summary>
    public IReadOnlyList<string> LinesOf(string id) =>
        [.. Receiver.Entries.Where(entry => entry.Stream.Contains(id)).Select(entry => entry.Line)];

    /// <summary>Waits for the last line of a container and returns all of it.</summary>
    public async Task<IReadOnlyList<string>> UntilAsync(string id, string lastLine)
    {
        try
        {
            await Receiver.UntilAsync($"\"{lastLine}\" of {id}", entries =>
                entries.Any(entry => entry.Line == lastLine && entry.Stream.Contains(id)));
        }
        catch (TimeoutException late)
        {
            var stored = await _engine.LogAsync(id);
            var shown = (IReadOnlyList<TailStatus>)_source!.Status!;
            throw new TimeoutException(
                $"{late.Message}; the engine has {stored.Count} lines, the source {LinesOf(id).Count}; "
                + string.Join(", ", shown), late);
        }

        return LinesOf(id);
    }

    public async Task StartAsync()
    {
        var discoveryHost = new RecordingHost("discovery.docker.t");
        var sourceHost = new RecordingHost("loki.source.docker.t");
        var discovery = new DockerDiscovery(
            discoveryHost, options => DockerEngine.Connect(options.Host, options.Http, TimeProvider.System));
        var source = new DockerSource(
            sourceHost, _positions,
            options => DockerEngine.Connect(options.Host, options.Http, TimeProvider.System), ownId: "");
        await discovery.ApplyAsync((object)new DockerDiscoveryOptions { Host = _engine.Host }, default);
        await source.ApplyAsync((object)new DockerSourceOptions { Host = _engine.Host }, default);
        _source = source;
        _running = Task.WhenAll(
            discovery.RunAsync(_stop.Token), source.RunAsync(_stop.Token),
            PassOnAsync(discoveryHost, source, _stop.Token));
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _stop = new CancellationTokenSource();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    /// <summary>What the graph does: new targets are applied to the source.</summary>
    private async Task PassOnAsync(RecordingHost discovery, DockerSource source, CancellationToken cancel)
    {
        var seen = new DockerDiscoveryExports([]);
        while (!cancel.IsCancellationRequested)
        {
            var before = seen;
            seen = await discovery.ExportedAsync<DockerDiscoveryExports>(
                exports => !ReferenceEquals(exports, before), cancel);
            await source.ApplyAsync((object)new DockerSourceOptions
            {
                Host = _engine.Host,
                Targets = [.. seen.Targets.Select(Identified)],
                ForwardTo = [Receiver],
            }, cancel);
        }
    }

    private static Dictionary<string, string> Identified(IReadOnlyDictionary<string, string> target) =>
        new(target) { ["id"] = target["__meta_docker_container_id"] };
}
