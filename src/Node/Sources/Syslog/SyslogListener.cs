using System.Net;
using System.Net.Sockets;
using Weir.Routing.Actors;
using Weir.Routing.Components;

namespace Weir.Node.Sources.Syslog;

/// <summary>One <c>listener</c> block at work: binds its address, and again where that failed.</summary>
/// <param name="changed">Called when the state has.</param>
internal sealed class SyslogListener(SyslogContext context, SyslogForm first, Action changed)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private volatile SyslogForm _form = first;
    private volatile IPEndPoint? _bound;
    private volatile string? _fault;

    public ListenerOptions Options => _form.Options;

    /// <summary>Where it listens, with the port that the system chose when 0 was asked for; null: not yet.</summary>
    public IPEndPoint? Bound => _bound;

    /// <summary>Why it does not listen; null: it does, or is about to.</summary>
    public string? Fault => _fault;

    /// <summary>Takes over other arguments of the same address.</summary>
    public void Apply(SyslogForm form) => _form = form;

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Supervision.RunAsync(
        $"{context.Host.Id} {Options.Address}", ListenAsync, RestartPolicy.Forever, context.Host.Events,
        context.Host.Time, cancel);

    private async Task ListenAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await ServeAsync(cancel);
            }
            catch (Exception failed) when (failed is SocketException or ComponentException)
            {
                (_bound, _fault) = (null, $"cannot listen on {Options.Address}: {failed.Message}; it is tried again");
                changed();
                await Task.Delay(RetryDelay, context.Host.Time, cancel);
            }
        }
    }

    private async Task ServeAsync(CancellationToken cancel)
    {
        _ = ListenAddress.TryParse(Options.Address, out var address); // checked when the options were
        var endpoint = await address!.ResolveAsync(cancel);
        var isTcp = Options.Protocol == ListenerProtocol.Tcp;
        using var socket = ListenAddress.Bind(
            endpoint, isTcp ? SocketType.Stream : SocketType.Dgram, isTcp ? ProtocolType.Tcp : ProtocolType.Udp);
        var serving = isTcp
            ? new TcpListener(context, socket, () => _form).RunAsync(cancel)
            : new UdpListener(context, socket, () => _form).RunAsync(cancel);
        if (!serving.IsFaulted)
        {
            (_bound, _fault) = ((IPEndPoint)socket.LocalEndPoint!, null);
            changed();
        }

        await serving;
    }
}
