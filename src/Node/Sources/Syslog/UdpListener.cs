using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Syslog;

/// <summary>Takes messages from a UDP socket: one loop empties the socket, another one feeds the pipeline.</summary>
internal sealed class UdpListener(SyslogContext context, Socket socket, Func<SyslogForm> form)
{
    /// <summary>Largest datagram of UDP.</summary>
    private const int DatagramBytesMax = 65_535;

    /// <summary>What the kernel is asked to keep while this process gets no time; it gives as much as
    /// <c>net.core.rmem_max</c> allows.</summary>
    private const int ReceiveBufferBytes = 4 * 1024 * 1024;

    /// <summary>Lines of a batch; one is sent when its arena is full, too.</summary>
    private const int BatchLinesMax = 4096;

    private static readonly TimeSpan ReleaseInterval = TimeSpan.FromSeconds(1);

    // getsockopt(SOL_SOCKET, SO_MEMINFO): nine numbers, the last counts drops (Linux).
    private const int SocketLevel = 1;
    private const int MemoryInformation = 55;
    private const int DropsAt = 8;

    private readonly DatagramQueue _queue = new();
    private readonly Dictionary<SenderAddress, SyslogPeer> _peers = [];
    private readonly SyslogLines _lines = new(context.Host, form);
    private uint _drops;

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="SocketException">The socket cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        socket.ReceiveBufferSize = ReceiveBufferBytes;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var receiving = ReceiveAsync(both.Token);
        var feeding = FeedAsync(receiving, both.Token);
        await Task.WhenAny(receiving, feeding);
        await both.CancelAsync();
        await Task.WhenAll(receiving, feeding);
    }

    private async Task ReceiveAsync(CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(DatagramBytesMax);
        var sender = new SocketAddress(socket.AddressFamily);
        try
        {
            while (true)
            {
                var length = await socket.ReceiveFromAsync(buffer.AsMemory(0, DatagramBytesMax), SocketFlags.None,
                    sender, cancel);
                if (_queue.TryAdd(buffer.AsSpan(0, length), SenderAddress.Of(sender))) continue;
                context.Metrics.RefusedByQueue.Increment();
                context.Host.Events.Log.Write(LogSeverity.Warn, context.Host.Id,
                    "datagrams are refused, for the pipeline does not keep up: senders that use TCP would wait instead",
                    new LogField("listener", form().Options.Address));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task FeedAsync(Task receiving, CancellationToken cancel)
    {
        using var inlet = new FanOut(context.ForwardTo);
        using var handOver = new HandOverTime(cancel);
        try
        {
            while (!receiving.IsFaulted)
            {
                var datagrams = await _queue.TakeAsync(ReleaseInterval, context.Host.Time, cancel);
                await SendAsync(datagrams, inlet, handOver.Token);
                if (datagrams.Count == 0 && inlet.HoldsLines) await inlet.ReleaseAsync(ending: false, cancel);
                CountDrops();
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await SendAsync(_queue.Swap(), inlet, handOver.Token);
            await inlet.ReleaseAsync(ending: true, handOver.Token);
            throw;
        }
    }

    private async ValueTask SendAsync(Datagrams datagrams, FanOut inlet, CancellationToken cancel)
    {
        for (var next = 0; next < datagrams.Count;)
        {
            LogBatch? batch = new();
            try
            {
                _lines.Begin();
                for (; next < datagrams.Count && batch.Count < BatchLinesMax; next++)
                {
                    var datagram = datagrams[next];
                    if (batch.BytesUsed > 0 && batch.BytesUsed + datagram.Length > LogBatch.ArenaDefault) break;
                    var peer = await PeerOfAsync(datagrams.SenderOf(next), cancel);
                    TakeDatagram(batch, peer, datagram.Span);
                }

                context.Metrics.Add(_lines.TakeCounts());
                if (batch.Count == 0) continue;
                var filled = batch;
                batch = null;
                await inlet.SendAsync(filled, cancel);
            }
            finally
            {
                batch?.Dispose();
            }
        }
    }

    /// <summary>One message, or several on lines of their own; counted ones are taken as they are over TCP.</summary>
    private void TakeDatagram(LogBatch batch, SyslogPeer peer, ReadOnlySpan<byte> datagram)
    {
        var options = _lines.Form.Options;
        var isCounted = options.Delimiter is null && !datagram.IsEmpty && (uint)(datagram[0] - '0') <= 9;
        if (isCounted || options.Delimiter is not null)
        {
            SyslogStream.Take(new(options.MessageBytes, options.Delimiter), _lines, batch, peer, datagram, atEnd: true,
                out _);
            return;
        }

        // A line feed within a message is part of it, unless another message follows (RFC 5426: there should be one).
        while (!datagram.IsEmpty)
        {
            var end = datagram.IndexOf("\n<"u8);
            var message = (end < 0 ? datagram : datagram[..end]).TrimEnd("\r\n\0"u8);
            datagram = end < 0 ? default : datagram[(end + 1)..];
            if (message.Length > options.MessageBytes) _lines.CountTooLong(peer);
            else if (!message.IsEmpty) _lines.Take(batch, peer, message);
        }
    }

    private async ValueTask<SyslogPeer> PeerOfAsync(SenderAddress sender, CancellationToken cancel)
    {
        if (_peers.TryGetValue(sender, out var known)) return known;
        var current = form();
        var peer = await context.Peers.FindAsync(sender.ToIPAddress(), current.NamesPeers, cancel);
        if (_peers.Count >= current.Options.HostCacheSize) _peers.Clear();
        return _peers[sender] = peer;
    }

    private void CountDrops()
    {
        Span<byte> information = stackalloc byte[(DropsAt + 1) * sizeof(uint)];
        try
        {
            if (socket.GetRawSocketOption(SocketLevel, MemoryInformation, information) < information.Length) return;
        }
        catch (SocketException)
        {
            return; // a kernel that does not tell
        }

        var drops = BinaryPrimitives.ReadUInt32LittleEndian(information[(DropsAt * sizeof(uint))..]);
        context.Metrics.RefusedBySystem.Add((long)unchecked(drops - _drops));
        _drops = drops;
    }
}
