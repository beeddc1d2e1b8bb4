using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Weir.Node.Http;
using Weir.Routing.Components.Http;

namespace Weir.Node.Sources.Docker;

/// <summary>The part of the Docker Engine API that sources need, over the caller's HTTP client.</summary>
/// <remarks>Every failure is a <see cref="DockerException"/>; a container that does not exist is null.</remarks>
/// <param name="http">Owned; its base address is the engine.</param>
public sealed class DockerEngine(HttpClient http, TimeProvider time) : IDisposable
{
    /// <summary>The longest answer that is read whole: some 20,000 containers with fifty labels each.</summary>
    public const int AnswerBytesMax = 64 * 1024 * 1024;

    /// <summary>A request that is no stream must be answered within this.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private const string Events =
        """
        {"type":["container","network"],
        "event":["create","start","die","destroy","rename","update","connect","disconnect"]}
        """;

    /// <summary>Opens an engine.</summary>
    /// <param name="options">Count for a network address; a unix socket knows no users and no certificates.</param>
    /// <exception cref="Routing.Components.ComponentException">No such kind of address, or a certificate that cannot be
    /// read.</exception>
    public static DockerEngine Connect(string host, HttpClientOptions options, TimeProvider time)
    {
        var at = DockerHost.Parse(host, secure: options.Tls is not null);
        // No timeout: streams have no end; the other requests are timed here.
        var http = at.SocketPath is null ? HttpClients.Create(options, time) : new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = (_, cancel) => at.OpenSocketAsync(cancel),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.BaseAddress = at.Address;
        http.MaxResponseContentBufferSize = AnswerBytesMax;
        return new DockerEngine(http, time);
    }

    /// <param name="all">Also those that do not run.</param>
    /// <param name="filters">As the API takes them: every name must match, by any of its values.</param>
    public async Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(
        bool all, IReadOnlyDictionary<string, IReadOnlyList<string>> filters, CancellationToken cancel)
    {
        var query = all ? "all=1" : "all=0";
        if (filters.Count > 0)
        {
            var ordered = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
            foreach (var (name, values) in filters) ordered[name] = values;
            var json = JsonSerializer.Serialize(ordered, DockerJson.Default.SortedDictionaryStringIReadOnlyListString);
            query += "&filters=" + Uri.EscapeDataString(json);
        }

        return await AskAsync($"containers/json?{query}", DockerJson.Default.ListContainerSummary, cancel) ?? [];
    }

    public async Task<IReadOnlyList<NetworkSummary>> ListNetworksAsync(CancellationToken cancel) =>
        await AskAsync("networks", DockerJson.Default.ListNetworkSummary, cancel) ?? [];

    /// <returns>Null: there is no such container (any more).</returns>
    public Task<ContainerDetails?> InspectAsync(string id, CancellationToken cancel) =>
        AskAsync($"containers/{Uri.EscapeDataString(id)}/json", DockerJson.Default.ContainerDetails, cancel);

    /// <summary>Follows what happens to containers and their networks, from now on, without end.</summary>
    /// <param name="opened">Called once the engine listens: what happens from then on is reported.</param>
    public async IAsyncEnumerable<EngineEvent> FollowEventsAsync(
        Action opened, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var answer = await OpenAsync($"events?filters={Uri.EscapeDataString(Events)}", cancel)
            ?? throw new DockerException("there is no event stream: this address is not that of a Docker engine");
        await using var stream = await answer.Content.ReadAsStreamAsync(cancel);
        var events = JsonSerializer.DeserializeAsyncEnumerable(
            stream, DockerJson.Default.EngineEvent, topLevelValues: true, cancel);
        opened();
        await using var enumerator = events.GetAsyncEnumerator(cancel);
        while (true)
        {
            EngineEvent? current;
            try
            {
                if (!await enumerator.MoveNextAsync()) yield break;
                current = enumerator.Current;
            }
            catch (JsonException fault)
            {
                throw new DockerException($"the engine's event stream is not readable: {fault.Message}", cause: fault);
            }

            if (current is not null) yield return current;
        }
    }

    /// <summary>Opens the log of a container: what it has from <paramref name="since"/> on, and while it runs what
    /// comes.</summary>
    /// <param name="since">Unix nanoseconds, included; 0 for all.</param>
    /// <returns>The caller disposes it; null: there is no such container (any more).</returns>
    public Task<HttpResponseMessage?> OpenLogAsync(string id, long since, CancellationToken cancel)
    {
        // Nine digits: the engine reads the fraction as nanoseconds without regard to its length.
        var from = string.Create(CultureInfo.InvariantCulture, $"{since / 1_000_000_000}.{since % 1_000_000_000:d9}");
        return OpenAsync(
            $"containers/{Uri.EscapeDataString(id)}/logs?follow=1&stdout=1&stderr=1&timestamps=1&since={from}", cancel);
    }

    public void Dispose() => http.Dispose();

    private async Task<T?> AskAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            using var answer = await http.GetAsync(path, HttpCompletionOption.ResponseContentRead, either.Token);
            if (answer.StatusCode == HttpStatusCode.NotFound) return null;
            await RequireSuccessAsync(path, answer, either.Token);
            await using var body = await answer.Content.ReadAsStreamAsync(either.Token);
            return await JsonSerializer.DeserializeAsync(body, type, either.Token);
        }
        catch (HttpRequestException fault)
        {
            throw Unreadable(path, fault);
        }
        catch (JsonException fault)
        {
            throw Unreadable(path, fault);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new DockerException($"{Asked(path)}: no answer within {AnswerTimeout.TotalSeconds} s");
        }
    }

    private async Task<HttpResponseMessage?> OpenAsync(string path, CancellationToken cancel)
    {
        HttpResponseMessage? answer = null;
        try
        {
            answer = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (answer.StatusCode != HttpStatusCode.NotFound)
            {
                await RequireSuccessAsync(path, answer, cancel);
                var opened = answer;
                answer = null; // the caller's now
                return opened;
            }

            return null;
        }
        catch (HttpRequestException fault)
        {
            throw Unreadable(path, fault);
        }
        catch (JsonException fault)
        {
            throw Unreadable(path, fault);
        }
        finally
        {
            answer?.Dispose();
        }
    }

    private static async Task RequireSuccessAsync(string path, HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.IsSuccessStatusCode) return;
        var reason = answer.ReasonPhrase;
        if (answer.Content.Headers.ContentType?.MediaType == "application/json")
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancel);
            var refusal = await JsonSerializer.DeserializeAsync(body, DockerJson.Default.EngineRefusal, cancel);
            reason = refusal?.Message ?? reason;
        }

        throw new DockerException($"{Asked(path)}: {(int)answer.StatusCode} {reason}", answer.StatusCode);
    }

    private static DockerException Unreadable(string path, Exception fault) =>
        new($"{Asked(path)}: {(fault.InnerException ?? fault).Message}", cause: fault);

    // The query is long, and always the same.
    private static string Asked(string path) => $"GET /{path.Split('?')[0]}";
}
