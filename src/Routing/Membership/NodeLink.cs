using System.Threading.Channels;
using Google.Protobuf;
using Weir.Protocol.Cluster;
using Weir.Routing.Ports;

namespace Weir.Routing.Membership;

/// <summary>Sends messages to nodes, and checks those that come.</summary>
/// <remarks>What a node says to itself never leaves the process: a single node, and one that is cut off, answers for
/// itself by the same code.</remarks>
/// <param name="wire">Between the nodes of a cluster; null: there is one node.</param>
public sealed class NodeLink(NodeSelf self, INodeMessages? wire, RoutingEvents events)
{
    /// <summary>Messages to itself that wait; more are lost, as on any other way.</summary>
    private const int OwnMax = 1024;

    private static readonly long StartedAtMax = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private readonly long _startedAtMs = self.StartedAt.ToUnixTimeMilliseconds();
    private readonly Channel<ReadOnlyMemory<byte>> _own = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(OwnMax) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    public NodeSelf Self => self;

    /// <param name="node">Id of the receiver; null for all, this one included.</param>
    /// <param name="message">Its body; the head is filled in here.</param>
    /// <returns>False when it surely does not arrive.</returns>
    public async ValueTask<bool> SendAsync(string? node, NodeMessage message, CancellationToken cancel)
    {
        message.From = self.Id;
        message.StartedAtMs = _startedAtMs;
        var bytes = message.ToByteArray();
        if (bytes.Length > MembershipLimits.MessageBytesMax) return false;
        var isForSelf = node is null || node == self.Id;
        if (isForSelf) _own.Writer.TryWrite(bytes);
        if (node == self.Id || wire is null) return isForSelf;
        return await wire.SendAsync(node, bytes, cancel);
    }

    /// <summary>Hands on what this node says to itself, until cancelled.</summary>
    /// <param name="handle">Takes the message and its size; does not wait.</param>
    public async Task ReceiveOwnAsync(Action<NodeMessage, int> handle, CancellationToken cancel)
    {
        while (await _own.Reader.WaitToReadAsync(cancel))
        {
            while (_own.Reader.TryRead(out var bytes))
                if (Read(bytes) is { } message) handle(message, bytes.Length);
        }
    }

    /// <summary>Hands on what other nodes say, until cancelled; returns at once where there are none.</summary>
    /// <param name="handle">Takes the message and its size; does not wait.</param>
    public async Task ReceiveAsync(Action<NodeMessage, int> handle, CancellationToken cancel)
    {
        while (wire is not null)
        {
            var bytes = await wire.ReceiveAsync(cancel);
            if (Read(bytes) is not { } message) continue;
            if (message.From != self.Id) handle(message, bytes.Length);
            else if (message.StartedAtMs != _startedAtMs && message.BodyCase == NodeMessage.BodyOneofCase.State)
                events.NodeIdTaken(self.Id);
        }
    }

    /// <returns>Null when it is not what it should be; counted.</returns>
    private NodeMessage? Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MembershipLimits.MessageBytesMax)
        {
            events.NodeMessageSkipped("too_large", $"{bytes.Length} bytes");
            return null;
        }

        try
        {
            var message = NodeMessage.Parser.ParseFrom(bytes.Span);
            if (IsId(message.From) && message.StartedAtMs >= 0 && message.StartedAtMs <= StartedAtMax) return message;
            events.NodeMessageSkipped("malformed", "no sender, or no time of its start");
        }
        catch (InvalidProtocolBufferException malformed)
        {
            events.NodeMessageSkipped("malformed", malformed.Message);
        }

        return null;
    }

    private static bool IsId(string id)
    {
        if (id.Length is 0 or > MembershipLimits.IdLengthMax) return false;
        foreach (var letter in id)
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')) return false;
        return true;
    }
}
