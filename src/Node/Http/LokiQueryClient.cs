using System.Globalization;
using System.Net;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Ports;

namespace Weir.Node.Http;

/// <summary>Queries a Loki endpoint over HTTP.</summary>
public sealed class LokiQueryClient : ILogQuery
{
    private const int ReadBytes = 64 * 1024;

    // Keeps structured metadata apart from the labels of the stream.
    private const string FlagsHeader = "X-Loki-Response-Encoding-Flags";
    private const string CategorizeLabels = "categorize-labels";

    private readonly HttpMessageInvoker _http;
    private readonly LokiServerOptions _options;
    private readonly TimeProvider _time;
    private readonly Uri _url;
    private readonly Version _version;

    /// <exception cref="ComponentException">A certificate cannot be read.</exception>
    public LokiQueryClient(LokiServerOptions options, HttpClientOptions http, TimeProvider time)
    {
        _options = options;
        _time = time;
        _url = UserInfo.Without(options.Url);
        _version = HttpClients.VersionOf(http);
        _http = new HttpMessageInvoker(HttpClients.CreateHandler(UserInfo.Into(http, options.Url), time));
    }

    public async ValueTask<QueryAnswer> QueryAsync(LogQuery query, string tenant, CancellationToken cancel)
    {
        if (!LokiRequest.IsTenant(tenant)) return Failed(QueryOutcome.Failed, LokiRequest.NoTenant);
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        using var request = LokiRequest.Create(HttpMethod.Get, UrlOf(query), _version, tenant, _options.Headers);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation(FlagsHeader, CategorizeLabels);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
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
            return Failed(QueryOutcome.Failed, $"no answer within {_options.Timeout.TotalSeconds} s");
        }
    }

    public void Dispose() => _http.Dispose();

    private static async ValueTask<QueryAnswer> ReadAsync(
        HttpResponseMessage response, int bytesMax, CancellationToken cancel)
    {
        var status = (int)response.StatusCode;
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var text = await LokiRequest.ReadTextAsync(response, cancel);
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
        new(outcome, 0, LokiRequest.Cut(detail), default);

    private static QueryOutcome OutcomeOf(HttpRequestException fault) => fault.HttpRequestError is
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
        or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
        ? QueryOutcome.Unreachable : QueryOutcome.Failed;

    private Uri UrlOf(in LogQuery query)
    {
        var parameters = string.Create(CultureInfo.InvariantCulture,
            $"query={Uri.EscapeDataString(query.Selector)}&start={query.From}&end={query.To}"
            + $"&limit={query.Limit}&direction=forward");
        var before = _url.Query.Length > 1 ? _url.Query[1..] + "&" : "";
        return new UriBuilder(_url) { Query = before + parameters }.Uri;
    }
}
