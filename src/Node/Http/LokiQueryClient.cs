using System.Globalization;
using System.Net;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Ports;

namespace Weir.Node.Http;

/// <summary>Queries a Loki endpoint over HTTP.</summary>
/// <exception cref="ComponentException">When it is made: a certificate cannot be read.</exception>
public sealed class LokiQueryClient(LokiServerOptions options, HttpClientOptions http, TimeProvider time) : ILogQuery
{
    private const int ReadBytes = 64 * 1024;

    // Keeps structured metadata apart from the labels of the stream.
    private const string FlagsHeader = "X-Loki-Response-Encoding-Flags";
    private const string CategorizeLabels = "categorize-labels";

    private readonly LokiServer _server = new(options, http, time);

    public async ValueTask<QueryAnswer> QueryAsync(LogQuery query, string tenant, CancellationToken cancel)
    {
        if (!LokiServer.IsTenant(tenant)) return Failed(QueryOutcome.Failed, LokiServer.NoTenant);
        using var timeout = _server.StartTimeout();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        using var request = _server.Request(HttpMethod.Get, UrlOf(query), tenant);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation(FlagsHeader, CategorizeLabels);
        try
        {
            using var response = await _server.SendAsync(request, either.Token);
            return await ReadAsync(response, query.AnswerBytesMax, either.Token);
        }
        catch (HttpRequestException fault)
        {
            cancel.ThrowIfCancellationRequested();
            return Failed(OutcomeOf(fault), FailureText.Of(fault));
        }
        catch (IOException fault)
        {
            cancel.ThrowIfCancellationRequested();
            return Failed(QueryOutcome.Failed, FailureText.Of(fault));
        }
        catch (OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            return Failed(QueryOutcome.Failed, _server.TimedOut);
        }
    }

    public void Dispose() => _server.Dispose();

    private static async ValueTask<QueryAnswer> ReadAsync(
        HttpResponseMessage response, int bytesMax, CancellationToken cancel)
    {
        var status = (int)response.StatusCode;
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var text = await LokiServer.ReadTextAsync(response, cancel);
            return new QueryAnswer(QueryOutcome.Answered, status, text, default);
        }

        using var body = new MemoryStream();
        var buffer = new byte[ReadBytes];
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        while (true)
        {
            var read = await stream.ReadAsync(buffer, cancel);
            var json = body.GetBuffer().AsMemory(0, (int)body.Length);
            if (read == 0) return new QueryAnswer(QueryOutcome.Answered, status, "", json);
            if (body.Length + read > bytesMax)
                return Failed(QueryOutcome.TooLarge, $"the answer has more than {bytesMax} bytes");
            body.Write(buffer, 0, read);
        }
    }

    private static QueryAnswer Failed(QueryOutcome outcome, string detail) =>
        new(outcome, 0, LokiServer.Cut(detail), default);

    private static QueryOutcome OutcomeOf(HttpRequestException fault) => fault.HttpRequestError is
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
        or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
        ? QueryOutcome.Unreachable : QueryOutcome.Failed;

    private Uri UrlOf(in LogQuery query)
    {
        var parameters = string.Create(CultureInfo.InvariantCulture,
            $"query={Uri.EscapeDataString(query.Selector)}&start={query.From}&end={query.To}"
            + $"&limit={query.Limit}&direction=forward");
        var before = _server.Url.Query.Length > 1 ? _server.Url.Query[1..] + "&" : "";
        return new UriBuilder(_server.Url) { Query = before + parameters }.Uri;
    }
}
