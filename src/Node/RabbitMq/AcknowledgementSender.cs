using System.Threading.Channels;
using RabbitMQ.Client;

namespace Weir.Node.RabbitMq;

/// <summary>Sends acknowledgements of one channel, several as one where nothing older is left.</summary>
internal sealed class AcknowledgementSender
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ulong> _inHand = [];
    private readonly Channel<ulong> _done = Channel.CreateUnbounded<ulong>(
        new UnboundedChannelOptions { SingleReader = true }); // as many as are in hand: by the prefetch
    private readonly Task _sending;
    private readonly IChannel _channel;

    public AcknowledgementSender(IChannel channel)
    {
        _channel = channel;
        _sending = SendAsync();
    }

    public void Delivered(ulong tag)
    {
        lock (_gate) _inHand.Add(tag);
    }

    /// <returns>False when it was acknowledged before.</returns>
    public bool TryAdd(ulong tag)
    {
        lock (_gate)
        {
            if (!_inHand.Remove(tag)) return false;
        }

        _done.Writer.TryWrite(tag);
        return true;
    }

    /// <summary>One that nobody had in hand.</summary>
    public void AddAlone(ulong tag) => _done.Writer.TryWrite(tag);

    /// <summary>Sends what there is.</summary>
    public async ValueTask StopAsync()
    {
        _done.Writer.TryComplete();
        await _sending;
    }

    private async Task SendAsync()
    {
        var tags = new List<ulong>();
        try
        {
            while (await _done.Reader.WaitToReadAsync())
            {
                tags.Clear();
                while (_done.Reader.TryRead(out var tag)) tags.Add(tag);
                await SendAsync(tags);
            }
        }
        catch (Exception fault) when (BrokerFault.IsOne(fault))
        {
            // The channel is gone, and with it what it had in hand.
        }
    }

    private async ValueTask SendAsync(List<ulong> tags)
    {
        ulong oldest;
        lock (_gate) oldest = _inHand.Count > 0 ? _inHand.Min : ulong.MaxValue;
        var upTo = 0ul;
        foreach (var tag in tags)
            if (tag < oldest && tag > upTo) upTo = tag;
        if (upTo > 0) await _channel.BasicAckAsync(upTo, multiple: true);
        foreach (var tag in tags)
            if (tag > upTo) await _channel.BasicAckAsync(tag, multiple: false);
    }
}
