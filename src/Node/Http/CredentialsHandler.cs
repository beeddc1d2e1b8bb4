using System.Net;
using Weir.Routing.Components.Http;

namespace Weir.Node.Http;

/// <summary>Adds what the configured server, and only that one, may see: credentials and configured headers.</summary>
internal sealed class CredentialsHandler(Credentials? credentials, HttpClientOptions options, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        foreach (var (name, _) in options.HttpHeaders) request.Headers.Remove(name);
        if (RedirectHandler.LeftOrigin(request)) return await base.SendAsync(request, cancel);
        if (credentials is not null) request.Headers.Authorization = await credentials.GetAsync(cancel);
        foreach (var (name, values) in options.HttpHeaders)
            request.Headers.TryAddWithoutValidation(name, values.Select(value => value.Reveal()));

        var response = await base.SendAsync(request, cancel);
        if (response.StatusCode == HttpStatusCode.Unauthorized) credentials?.Refused();
        return response;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) credentials?.Dispose();
        base.Dispose(disposing);
    }
}
