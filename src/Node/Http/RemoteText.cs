using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Weir.Node.Polling;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;

namespace Weir.Node.Http;

/// <summary>Asks a server for a text. The client is kept as long as its options are the same.</summary>
internal sealed class RemoteText(TimeProvider time) : IDisposable
{
    private HttpClientOptions? _options;
    private HttpClient? _client;

    /// <param name="accepts">The media type that the answer must have; null for any.</param>
    /// <returns>The whole body of a 200.</returns>
    /// <exception cref="ComponentException">Anything else; says what, without credentials.</exception>
    public async ValueTask<string> AskAsync(RemoteOptions options, string? accepts, CancellationToken cancel)
    {
        var url = new Uri(options.Url);
        var shown = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        using var timeout = new CancellationTokenSource(options.PollTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            var client = ClientOf(UserInfo.Into(options.Client, url));
            using var request = RequestFor(options, UserInfo.Without(url), accepts);
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new ComponentException($"{shown} answered {(int)answer.StatusCode} {answer.ReasonPhrase}");
            if (accepts is not null && answer.Content.Headers.ContentType?.MediaType is var type && type != accepts)
                throw new ComponentException($"{shown} answered with {type ?? "no type"}, not with {accepts}");
            await using var body = await answer.Content.ReadAsStreamAsync(either.Token);
            return Encoding.UTF8.GetString(await FileContent.ReadAsync($"the answer of {shown}", body, either.Token));
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw new ComponentException($"{shown} cannot be read: {FailureText.Of(fault)}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ComponentException($"{shown}: no answer within {options.PollTimeout.TotalSeconds} s");
        }
    }

    public void Dispose() => _client?.Dispose();

    private HttpClient ClientOf(HttpClientOptions options)
    {
        if (_client is not null && Routing.Language.OptionEquality.AreEqual(_options, options)) return _client;
        var client = HttpClients.Create(options, time);
        _client?.Dispose();
        (_client, _options) = (client, options);
        return client;
    }

    private static HttpRequestMessage RequestFor(RemoteOptions options, Uri url, string? accepts)
    {
        var request = new HttpRequestMessage(new HttpMethod(options.Method), url)
        {
            Version = HttpClients.VersionOf(options.Client),
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (!options.Body.IsEmpty)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(options.Body.Reveal()));
        if (accepts is not null) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accepts));
        foreach (var (name, secret) in options.Headers)
        {
            var value = secret.Reveal();
            // What speaks of the body belongs to it.
            if (request.Headers.TryAddWithoutValidation(name, value)) continue;
            request.Content?.Headers.Remove(name);
            request.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
