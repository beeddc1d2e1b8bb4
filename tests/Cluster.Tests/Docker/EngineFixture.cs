using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Support;

namespace Weir.Cluster.Tests.Docker;

/// <summary>A Docker engine of the tests' own, started by <c>tests/docker-engine.sh</c>.</summary>
public sealed class EngineFixture : IAsyncLifetime, IDisposable
{
    private static readonly string Script = Path.Combine(Repository.Root, "tests", "docker-engine.sh");

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"weir-engine-{Environment.ProcessId}");
    private readonly HttpClient _http;
    private int _containers;

    public EngineFixture()
    {
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync })
        {
            BaseAddress = new Uri("http://docker/"),
        };
    }

    public string Socket => Path.Combine(_folder, "docker.sock");

    public string Host => "unix://" + Socket;

    public Task InitializeAsync() => RunAsync("start");

    public Task DisposeAsync() => RunAsync("stop");

    public void Dispose() => _http.Dispose();

    /// <summary>Creates and starts a container that runs a shell script.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> StartAsync(string script, bool tty = false, bool autoRemove = false)
    {
        var id = await CreateAsync(script, tty, autoRemove);
        await StartAgainAsync(id);
        return id;
    }

    /// <summary>Starts a container under a name and with labels of its own, as Compose does.</summary>
    /// <param name="labels">Name, value, name, value…</param>
    /// <returns>Its id.</returns>
    public async Task<string> StartNamedAsync(string name, string script, params string[] labels)
    {
        var all = new JsonObject();
        foreach (var pair in labels.Chunk(2)) all.Add(pair[0], pair[1]);
        var id = await CreateAsync(name, script, all);
        await StartAgainAsync(id);
        return id;
    }

    public Task<string> CreateAsync(string script, bool tty = false, bool autoRemove = false)
    {
        var name = $"t{Interlocked.Increment(ref _containers)}";
        return CreateAsync(
            name, script, new JsonObject { ["com.docker.compose.service"] = name }, tty, autoRemove);
    }

    public Task StartAgainAsync(string id) => PostAsync($"containers/{id}/start");

    /// <summary>Ends the container; what it wrote is stored then.</summary>
    public Task StopAsync(string id) => PostAsync($"containers/{id}/stop?t=2");

    /// <summary>Waits until the container has stopped.</summary>
    public Task WaitAsync(string id) => PostAsync($"containers/{id}/wait");

    public async Task RemoveAsync(string id)
    {
        using var answer = await _http.DeleteAsync($"containers/{id}?force=1");
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Sends a signal to the container's first process.</summary>
    public Task SignalAsync(string id, string signal) => PostAsync($"containers/{id}/kill?signal={signal}");

    /// <summary>The lines that the engine has stored of a container's stdout.</summary>
    public async Task<IReadOnlyList<string>> LogAsync(string id)
    {
        var bytes = await _http.GetByteArrayAsync($"containers/{id}/logs?stdout=1");
        var lines = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 4));
            lines.Add(Encoding.UTF8.GetString(bytes, at + 8, length).TrimEnd('\n'));
            at += 8 + length;
        }

        return lines;
    }

    /// <summary>Kills the engine with -9 and starts it again; its containers end.</summary>
    public async Task KillAndStartAsync()
    {
        var pid = int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "docker.pid")));
        using (var engine = Process.GetProcessById(pid)) engine.Kill();
        await RunAsync("start");
    }

    private async Task<string> CreateAsync(
        string name, string script, JsonObject labels, bool tty = false, bool autoRemove = false)
    {
        var body = new JsonObject
        {
            ["Image"] = "weir-test:busybox",
            ["Cmd"] = new JsonArray("sh", "-c", script),
            ["Tty"] = tty,
            ["StopTimeout"] = 1,
            ["Labels"] = labels,
            ["HostConfig"] = new JsonObject { ["AutoRemove"] = autoRemove, ["NetworkMode"] = "none" },
        };
        using var answer = await _http.PostAsJsonAsync($"containers/create?name={name}", body);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("Id").GetString()!;
    }

    private async Task PostAsync(string path)
    {
        using var answer = await _http.PostAsync(path, null);
        answer.EnsureSuccessStatusCode();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async Task RunAsync(string command)
    {
        // The engine outlives the script and would keep a redirected output open: only errors are read.
        using var script = Process.Start(new ProcessStartInfo("bash", [Script, command, _folder])
        {
            RedirectStandardOutput = true,
        })!;
        await script.WaitForExitAsync();
        Assert.True(script.ExitCode == 0, $"docker-engine.sh {command} {_folder} failed; its errors are above: "
            + "run the tests as root, with docker.io and busybox-static installed");
    }
}

/// <summary>Tests that share one engine run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class EngineCollection : ICollectionFixture<EngineFixture>
{
    public const string Name = "docker engine";
}
