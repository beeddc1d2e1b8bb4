using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Weir.Support;

namespace Weir.Node.Tests.Sources.Docker;

/// <summary>The Docker Engine API on a unix socket of its own, as a test scripts it.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-docker-").FullName;
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, JsonObject> _containers = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<LogScript>> _logs = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly List<HttpResponse> _listeners = [];
    private readonly CancellationTokenSource _closing = new();
    private CancellationTokenSource _eventsBreak = new();

    private FakeEngine()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        Socket = Path.Combine(_folder, "docker.sock");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    /// <summary>Answers one request for a log.</summary>
    /// <param name="query">What was asked for.</param>
    public delegate Task LogScript(IQueryCollection query, HttpResponse answer, CancellationToken closed);

    public string Socket { get; }

    public string Host => "unix://" + Socket;

    public Signals Signals { get; } = new();

    /// <summary>Paths with queries, in the order of their arrival.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public JsonArray NetworkList { get; } = [];

    /// <summary>Answers everything so, if not 0.</summary>
    public int FailWith { get; set; }

    public int Listeners
    {
        get
        {
            lock (_listeners) return _listeners.Count;
        }
    }

    public static async Task<FakeEngine> StartAsync()
    {
        var engine = new FakeEngine();
        await engine._app.StartAsync();
        return engine;
    }

    /// <summary>Adds or replaces a container.</summary>
    public JsonObject Put(
        string id, string state = "running", bool tty = false, params (string Name, string Value)[] labels)
    {
        var container = new JsonObject
        {
            ["Id"] = id,
            ["Names"] = new JsonArray("/" + id),
            ["Created"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
            ["State"] = state,
            ["Tty"] = tty,
            ["Labels"] = JsonSerializer.SerializeToNode(labels.ToDictionary(label => label.Name, label => label.Value)),
            ["HostConfig"] = new JsonObject { ["NetworkMode"] = "bridge" },
            ["Ports"] = new JsonArray(),
            ["NetworkSettings"] = new JsonObject
            {
                ["Networks"] = new JsonObject
                {
                    ["bridge"] = new JsonObject { ["NetworkID"] = "", ["IPAddress"] = "172.17.0.2" },
                },
            },
        };
        _containers[id] = container;
        return container;
    }

    public void Remove(string id) => _containers.TryRemove(id, out _);

    /// <summary>The next request for the container's log is answered so; requests beyond the scripts get an empty
    /// log.</summary>
    public void AnswerLog(string id, LogScript script) =>
        _logs.GetOrAdd(id, _ => new ConcurrentQueue<LogScript>()).Enqueue(script);

    public async Task EventAsync(string action, string id, string type = "container")
    {
        var attributes = new JsonObject();
        if (type == "network") attributes["container"] = id;
        var text = new JsonObject
        {
            ["Type"] = type,
            ["Action"] = action,
            ["Actor"] = new JsonObject { ["ID"] = type == "network" ? "net" : id, ["Attributes"] = attributes },
        }.ToJsonString() + "\n";
        HttpResponse[] listeners;
        lock (_listeners) listeners = [.. _listeners];
        foreach (var listener in listeners)
        {
            await listener.WriteAsync(text);
            await listener.Body.FlushAsync();
        }
    }

    /// <summary>Ends every event stream that is open.</summary>
    public async Task BreakEventsAsync()
    {
        using var before = Interlocked.Exchange(ref _eventsBreak, new CancellationTokenSource());
        await before.CancelAsync();
    }

    public Task ListenedAsync(int listeners = 1) =>
        Signals.UntilAsync($"{listeners} event streams", () => Listeners >= listeners);

    public Task RequestedAsync(string part, int times = 1) =>
        Signals.UntilAsync($"{times} requests with {part}", () =>
            _requests.Count(request => request.Contains(part, StringComparison.Ordinal)) >= times);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _app.DisposeAsync();
        _closing.Dispose();
        _eventsBreak.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        _requests.Enqueue(path + Uri.UnescapeDataString(context.Request.QueryString.Value ?? ""));
        Signals.Raise();
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _closing.Token);
        try
        {
            await AnswerAsync(path, context, closed.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private async Task AnswerAsync(string path, HttpContext context, CancellationToken closed)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (FailWith != 0) await RefuseAsync(context.Response, FailWith, "scripted failure");
        else if (path == "/events") await ListenAsync(context.Response, closed);
        else if (path == "/networks") await WriteAsync(context.Response, NetworkList);
        else if (path == "/containers/json") await ListAsync(context);
        else if (parts.Length < 3 || !_containers.TryGetValue(parts[1], out var container))
            await RefuseAsync(context.Response, 404, "No such container");
        else if (parts[2] == "json") await WriteAsync(context.Response, Details(container));
        else await LogAsync(parts[1], context, closed);
    }

    private async Task LogAsync(string id, HttpContext context, CancellationToken closed)
    {
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        await context.Response.StartAsync(closed);
        if (_logs.TryGetValue(id, out var scripts) && scripts.TryDequeue(out var script))
            await script(context.Request.Query, context.Response, closed);
    }

    private async Task ListAsync(HttpContext context)
    {
        var wanted = context.Request.Query["filters"].FirstOrDefault() is { } filters
            ? JsonSerializer.Deserialize<Dictionary<string, string[]>>(filters)!.GetValueOrDefault("id")
            : null;
        var listed = _containers.Where(pair => wanted is null || wanted.Contains(pair.Key))
            .Select(JsonNode? (pair) => pair.Value.DeepClone());
        await WriteAsync(context.Response, new JsonArray([.. listed]));
    }

    private async Task ListenAsync(HttpResponse answer, CancellationToken closed)
    {
        var broken = Volatile.Read(ref _eventsBreak).Token;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(closed, broken);
        await answer.StartAsync(closed);
        await answer.Body.FlushAsync(closed);
        lock (_listeners) _listeners.Add(answer);
        Signals.Raise();
        try
        {
            await Task.Delay(Timeout.Infinite, ended.Token);
        }
        finally
        {
            lock (_listeners) _listeners.Remove(answer);
        }
    }

    private static JsonObject Details(JsonObject container)
    {
        var state = (string)container["State"]!;
        return new JsonObject
        {
            ["Id"] = (string)container["Id"]!,
            ["Name"] = (string)container["Names"]![0]!,
            ["State"] = new JsonObject
            {
                ["Status"] = state,
                ["Running"] = state == "running",
                ["FinishedAt"] = (string?)container["FinishedAt"] ?? "0001-01-01T00:00:00Z",
            },
            ["Config"] = new JsonObject { ["Tty"] = (bool)container["Tty"]! },
        };
    }

    private static Task WriteAsync(HttpResponse answer, JsonNode body)
    {
        answer.ContentType = "application/json";
        return answer.WriteAsync(body.ToJsonString());
    }

    private static Task RefuseAsync(HttpResponse answer, int status, string message)
    {
        answer.StatusCode = status;
        return WriteAsync(answer, new JsonObject { ["message"] = message });
    }
}
