using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weir.Node.Admin;
using Weir.Node.Store;
using Weir.Protocol.Batches;
using Weir.Support;

namespace Weir.Node.Tests.Store;

/// <summary>The embedded store behind a real listener, in a folder of its own.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    /// <summary>2024-01-02T03:04:05Z, where <see cref="ManualTime"/> begins.</summary>
    public const long Now = 1_704_164_645_000_000_000;

    public const long Second = 1_000_000_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-store-");
    private readonly LogStore _store;
    private readonly AdminServer _server;
    private readonly LabelSets _labels;

    private StoreServer(long bytesMax)
    {
        _labels = new LabelSets();
        _store = new LogStore(Path.Combine(_folder.FullName, "store.db"), _labels, bytesMax);
        _server = new AdminServer(
            new IPEndPoint(IPAddress.Loopback, 0), new AdminAccess(new HttpBlockOptions()));
    }

    public HttpClient Client { get; private set; } = null!;

    public static async Task<StoreServer> StartAsync(long bytesMax = LogStore.BytesMaxDefault)
    {
        var server = new StoreServer(bytesMax);
        await server._server.StartAsync(
            [new StoreRoutes(server._store, server._labels, new ManualTime())], default);
        server.Client = new HttpClient { BaseAddress = server._server.Address };
        return server;
    }

    /// <summary>Pushes lines a second apart, the last one now; expects them to be taken.</summary>
    /// <param name="stream">JSON of the labels.</param>
    public async Task PushAsync(string stream, params string[] lines)
    {
        var values = lines.Select((line, i) =>
            $"[\"{Now - (lines.Length - 1 - i) * Second}\",{JsonSerializer.Serialize(line)}]");
        var entries = string.Join(',', values);
        using var answer = await PushJsonAsync($$"""{"streams":[{"stream":{{stream}},"values":[{{entries}}]}]}""");
        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    public Task<HttpResponseMessage> PushJsonAsync(string json, string tenant = "") =>
        PushAsync(Encoding.UTF8.GetBytes(json), "application/json", tenant: tenant);

    public async Task<HttpResponseMessage> PushAsync(
        byte[] body, string type, string encoding = "", string tenant = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/loki/api/v1/push");
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding.Length > 0) request.Content.Headers.ContentEncoding.Add(encoding);
        if (tenant.Length > 0) request.Headers.Add("X-Scope-OrgID", tenant);
        return await Client.SendAsync(request);
    }

    public async Task<(HttpStatusCode Status, string Text)> GetAsync(
        string path, string tenant = "", params (string Name, string Value)[] parameters)
    {
        var query = string.Join('&', parameters.Select(parameter =>
            $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}?{query}");
        if (tenant.Length > 0) request.Headers.Add("X-Scope-OrgID", tenant);
        using var answer = await Client.SendAsync(request);
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).TrimEnd());
    }

    /// <summary>The <c>data</c> of an answer that must be a success, as compact JSON.</summary>
    public async Task<string> DataAsync(string path, params (string Name, string Value)[] parameters)
    {
        var (status, text) = await GetAsync(path, "", parameters);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {text}");
        using var document = JsonDocument.Parse(text);
        Assert.Equal("success", document.RootElement.GetProperty("status").GetString());
        return JsonSerializer.Serialize(document.RootElement.GetProperty("data"), Relaxed);
    }

    /// <summary>The <c>result</c> of a range query over the last hour up to now, that included.</summary>
    public async Task<string> RangeAsync(string query, params (string Name, string Value)[] parameters)
    {
        var end = (Now + Second).ToString(CultureInfo.InvariantCulture);
        var data = await DataAsync("/loki/api/v1/query_range", [("query", query), ("end", end), .. parameters]);
        return ResultOf(data);
    }

    /// <summary>The <c>result</c> of an instant query.</summary>
    public async Task<string> InstantAsync(string query) =>
        ResultOf(await DataAsync("/loki/api/v1/query", ("query", query)));

    /// <summary>The lines of a range query, in the order of the answer.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(string query, params (string Name, string Value)[] parameters)
    {
        using var result = JsonDocument.Parse(await RangeAsync(query, parameters));
        return [.. result.RootElement.EnumerateArray().SelectMany(stream =>
            stream.GetProperty("values").EnumerateArray().Select(value => value[1].GetString()!))];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _store.Dispose();
        _folder.Delete(recursive: true);
    }

    private static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string ResultOf(string data)
    {
        using var document = JsonDocument.Parse(data);
        return JsonSerializer.Serialize(document.RootElement.GetProperty("result"), Relaxed);
    }
}
