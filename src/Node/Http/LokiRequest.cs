using System.Buffers;
using System.Text;
using Weir.Routing.Ports;

namespace Weir.Node.Http;

/// <summary>What all requests to a Loki have in common.</summary>
internal static class LokiRequest
{
    /// <summary>Why a request was not sent whose tenant <see cref="IsTenant"/> refuses.</summary>
    public const string NoTenant = "the tenant's id has characters that a header cannot carry";

    private const string TenantHeader = "X-Scope-OrgID";

    public static bool IsTenant(string tenant) => !tenant.AsSpan().ContainsAnyExceptInRange(' ', '~');

    /// <param name="headers">Sent along, unless Weir sets the header itself.</param>
    public static HttpRequestMessage Create(
        HttpMethod method, Uri url, Version version, string tenant, IReadOnlyDictionary<string, string> headers)
    {
        var request = new HttpRequestMessage(method, url)
        {
            Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("User-Agent", HttpClients.UserAgent);
        if (tenant.Length > 0) request.Headers.TryAddWithoutValidation(TenantHeader, tenant);
        foreach (var (name, value) in headers)
            if (!request.Headers.NonValidated.Contains(name)) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    public static string Cut(string detail) =>
        detail.Length <= PushAnswer.DetailMax ? detail : detail[..PushAnswer.DetailMax];

    /// <summary>The answer's beginning. The status is what counts: an answer that breaks off is an answer.</summary>
    public static async Task<string> ReadTextAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PushAnswer.DetailMax);
        var length = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancel);
            while (length < PushAnswer.DetailMax)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length, PushAnswer.DetailMax - length), cancel);
                if (read == 0) break;
                length += read;
            }
        }
        catch (IOException)
        {
            // What came so far is kept.
        }
        catch (OperationCanceledException)
        {
            // Likewise.
        }

        var text = Encoding.UTF8.GetString(buffer, 0, length);
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }
}
