using System.Threading.Channels;
using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>Messages between the nodes of a test: at once and in order, or, for a node that is cut off, not at
/// all.</summary>
public sealed class NodeNetwork
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Wire> _wires = new(StringComparer.Ordinal);

    /// <summary>A node's way to the others; the one that it had before gets nothing any more.</summary>
    public Wire Join(string node)
    {
        var wire = new Wire(this);
        lock (_gate) _wires[node] = wire;
        return wire;
    }

    /// <summary>Puts a message before a node, or all, as if a node had sent it.</summary>
    public void Deliver(string? node, ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            foreach (var (id, wire) in _wires)
                if ((node is null || node == id) && !wire.IsCut) wire.Take(message);
        }
    }

    public sealed class Wire(NodeNetwork network) : INodeMessages
    {
        private readonly Channel<ReadOnlyMemory<byte>> _received = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();

        /// <summary>Sends nothing and gets nothing.</summary>
        public bool IsCut { get; set; }

        public ValueTask<bool> SendAsync(string? node, ReadOnlyMemory<byte> message, CancellationToken cancel)
        {
            if (IsCut) return ValueTask.FromResult(false);
            network.Deliver(node, message);
            return ValueTask.FromResult(true);
        }

        public ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel) =>
            _received.Reader.ReadAsync(cancel);

        internal void Take(ReadOnlyMemory<byte> message) => _received.Writer.TryWrite(message);
    }
}
