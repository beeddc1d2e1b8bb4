using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Weir.Routing.Components.Http;

namespace Weir.Node.Http;

/// <summary>
/// Connects where the runtime's own way cannot: through a proxy's CONNECT with headers of the configuration's own,
/// and to
/// servers that are asked for by another name than the URL's.
/// </summary>
internal sealed class Dialer(ConfiguredProxy? proxy, HttpClientOptions options, SslClientAuthenticationOptions tls)
{
    private const int AnswerBytesMax = 16 * 1024;

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <returns>To a server of https, a stream that has its TLS already.</returns>
    /// <exception cref="HttpRequestException">The proxy refused.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var request = context.InitialRequestMessage;
        var server = request.RequestUri!;
        var through = proxy is null || proxy.IsBypassed(server) ? null : proxy.GetProxy(server);
        var dialled = through is null ? context.DnsEndPoint : new DnsEndPoint(through.IdnHost, through.Port);
        var stream = await DialAsync(dialled, cancel);
        var isOpen = false;
        try
        {
            if (through is not null)
            {
                if (through.Scheme == Uri.UriSchemeHttps)
                    stream = await SecureAsync(stream, new() { TargetHost = through.IdnHost }, cancel);
                // To a server without TLS a tunnel is asked for too: the headers are the proxy's either way.
                await stream.WriteAsync(Request(context.DnsEndPoint, through), cancel);
                await ReadAnswerAsync(stream, cancel);
            }

            if (server.Scheme == Uri.UriSchemeHttps)
                stream = await SecureAsync(stream, TlsTo(server, request.Version), cancel);
            isOpen = true;
            return stream;
        }
        finally
        {
            if (!isOpen) await stream.DisposeAsync();
        }
    }

    private SslClientAuthenticationOptions TlsTo(Uri server, Version version) => new()
    {
        TargetHost = string.IsNullOrEmpty(tls.TargetHost) ? server.IdnHost : tls.TargetHost,
        EnabledSslProtocols = tls.EnabledSslProtocols,
        RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
        LocalCertificateSelectionCallback = tls.LocalCertificateSelectionCallback,
        ApplicationProtocols = version.Major >= 2
            ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11],
    };

    private static async Task<Stream> SecureAsync(
        Stream stream, SslClientAuthenticationOptions tls, CancellationToken cancel)
    {
        var secure = new SslStream(stream);
        await secure.AuthenticateAsClientAsync(tls, cancel);
        return secure;
    }

    private byte[] Request(DnsEndPoint target, Uri through)
    {
        var host = target.Host.Contains(':', StringComparison.Ordinal) ? $"[{target.Host}]" : target.Host;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"CONNECT {host}:{target.Port} HTTP/1.1\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Host: {host}:{target.Port}\r\n");
        if (proxy?.UserOf(through) is { } user)
            text.Append(CultureInfo.InvariantCulture,
                $"Proxy-Authorization: {Credentials.Basic(user.UserName, user.Password)}\r\n");
        foreach (var (name, values) in options.Proxy.ConnectHeaders)
        {
            foreach (var value in values) text.Append(name).Append(": ").Append(value.Reveal()).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(text.Append("\r\n").ToString());
    }

    private static async Task<Stream> DialAsync(DnsEndPoint target, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancel);
        }
        finally
        {
            if (!socket.Connected) socket.Dispose();
        }

        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task ReadAnswerAsync(Stream stream, CancellationToken cancel)
    {
        var answer = new byte[AnswerBytesMax];
        for (var length = 0; length < answer.Length;)
        {
            // Byte by byte: what follows the empty line belongs to the server behind the proxy.
            if (await stream.ReadAsync(answer.AsMemory(length, 1), cancel) == 0) break;
            length++;
            if (!answer.AsSpan(0, length).EndsWith("\r\n\r\n"u8)) continue;
            var status = Encoding.Latin1.GetString(answer, 0, answer.AsSpan().IndexOf("\r\n"u8)).Split(' ', 3);
            if (status.Length > 1 && status[1] == "200") return;
            throw new HttpRequestException($"the proxy refused to connect: {string.Join(' ', status.Skip(1))}");
        }

        throw new HttpRequestException("the proxy ended the connection before its answer");
    }
}
