using System.Globalization;
using Microsoft.AspNetCore.Http;
using Weir.Node.Sources.Docker;
using Weir.Routing.Components;
using Weir.Support;

namespace Weir.Node.Tests.Sources.Docker;

/// <summary>A <c>loki.source.docker</c> on a fake engine, with positions that survive its restart.</summary>
internal sealed class SourceTrial : IAsyncDisposable
{
    private DockerSource? _source;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private SourceTrial(FakeEngine engine) => Engine = engine;

    public FakeEngine Engine { get; }

    public MemoryPositions Positions { get; } = new();

    public CollectingReceiver Receiver { get; } = new();

    public RecordingHost Host { get; } = new("loki.source.docker.test");

    public DockerSourceOptions Options { get; set; } = new();

    public IReadOnlyList<TailStatus> Tails => (IReadOnlyList<TailStatus>)_source!.Status!;

    public static async Task<SourceTrial> CreateAsync() => new(await FakeEngine.StartAsync());

    public static IReadOnlyDictionary<string, string> Target(string id) => new Dictionary<string, string>
    {
        ["__meta_docker_container_id"] = id,
        ["__meta_docker_container_name"] = "/" + id,
        ["container"] = id,
    };

    /// <summary>Frames that the engine sends at once; then the stream ends, or stays open until the client
    /// leaves.</summary>
    public static FakeEngine.LogScript Sends(bool staysOpen, params LogMessage[] messages) =>
        async (query, answer, closed) =>
        {
            await answer.Body.WriteAsync(LogText.Frames(SinceOf(query), messages), closed);
            await answer.Body.FlushAsync(closed);
            if (staysOpen) await Task.Delay(Timeout.Infinite, closed);
        };

    /// <summary>Sends, then breaks the connection.</summary>
    public static FakeEngine.LogScript Breaks(int cutBytes, params LogMessage[] messages) =>
        async (query, answer, closed) =>
        {
            var frames = LogText.Frames(SinceOf(query), messages);
            await answer.Body.WriteAsync(frames.AsMemory(0, frames.Length - cutBytes), closed);
            await answer.Body.FlushAsync(closed);
            answer.HttpContext.Abort();
        };

    public static long SinceOf(IQueryCollection query)
    {
        var parts = query["since"].ToString().Split('.');
        return long.Parse(parts[0], CultureInfo.InvariantCulture) * 1_000_000_000
            + long.Parse(parts[1], CultureInfo.InvariantCulture);
    }

    public async Task StartAsync(params IReadOnlyDictionary<string, string>[] targets)
    {
        _source = new DockerSource(
            Host, Positions, options => DockerEngine.Connect(options.Host, options.Http, Host.Time), ownId: "");
        await ApplyAsync(Options with { Host = Engine.Host, Targets = targets, ForwardTo = [Receiver] });
        _running = _source.RunAsync(_stop.Token);
    }

    public ValueTask ApplyAsync(DockerSourceOptions options)
    {
        Options = options;
        return _source!.ApplyAsync((object)options, default);
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
        await Engine.DisposeAsync();
        _stop.Dispose();
    }
}
