using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Weir.Node.Http;
using Weir.Routing.Actors;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Syslog;

/// <summary>Accepts connections of senders, each with a loop of its own.</summary>
internal sealed class TcpListener(SyslogContext context, Socket socket, Func<SyslogForm> form)
{
    /// <summary>Connections of one listener; further ones are closed at once.</summary>
    public const int ConnectionsMax = 1024;

    private const int BacklogMax = 128;

    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A fault ends its connection; the sender opens another one.</summary>
    private static readonly RestartPolicy Never = new(0, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.MaxValue);

    private readonly HashSet<Task> _connections = [];

    /// <summary>Runs until cancelled; all connections have ended then.</summary>
    /// <exception cref="SocketException">The socket accepts none any more.</exception>
    /// <exception cref="ComponentException">The certificate cannot be used.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        var tls = form().Options.Tls is { } options ? new TlsMaterial(options) : null;
        _ = tls?.ToServerOptions(); // what cannot be read is told now, not at the first connection
        socket.Listen(BacklogMax);
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            while (true)
            {
                var accepted = await socket.AcceptAsync(all.Token);
                _connections.RemoveWhere(connection => connection.IsCompleted);
                if (_connections.Count < ConnectionsMax)
                {
                    _connections.Add(Supervision.RunAsync($"{context.Host.Id} connection",
                        stop => ServeAsync(accepted, tls, stop), Never, context.Host.Events, context.Host.Time,
                        all.Token));
                    continue;
                }

                accepted.Dispose();
                context.Metrics.ClosedForTooMany.Increment();
                context.Host.Events.Log.Write(LogSeverity.Warn, context.Host.Id,
                    "too many connections: a further one was closed", new LogField("connections", ConnectionsMax));
            }
        }
        finally
        {
            await all.CancelAsync();
            await Task.WhenAll(_connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(Socket accepted, TlsMaterial? tls, CancellationToken cancel)
    {
        context.Metrics.Connections.Add(1L);
        try
        {
            var address = ((IPEndPoint)accepted.RemoteEndPoint!).Address;
            await using var plain = new NetworkStream(accepted, ownsSocket: true);
            var peer = await context.Peers.FindAsync(address, form().NamesPeers, cancel);
            Stream stream = tls is null ? plain : await HandshakeAsync(plain, tls, cancel);
            await new SyslogConnection(context, stream, peer, form).RunAsync(cancel);
        }
        catch (Exception refused) when (refused is AuthenticationException or TimeoutException
            or ComponentException)
        {
            context.Metrics.ClosedForTls.Increment();
            context.Host.Events.Log.Write(LogSeverity.Warn, context.Host.Id, "a TLS handshake failed",
                new LogField("reason", refused.Message));
        }
        catch (Exception broken) when (broken is IOException or SocketException)
        {
            context.Host.Events.Log.Write(LogSeverity.Debug, context.Host.Id, "a sender's connection broke",
                new LogField("reason", broken.Message));
        }
        finally
        {
            accepted.Dispose();
            context.Metrics.Connections.Add(-1L);
        }
    }

    private async Task<SslStream> HandshakeAsync(Stream stream, TlsMaterial tls, CancellationToken cancel)
    {
        var secured = new SslStream(stream);
        await secured.AuthenticateAsServerAsync(tls.ToServerOptions(), cancel)
            .WaitAsync(HandshakeTimeout, context.Host.Time, cancel);
        return secured;
    }
}
