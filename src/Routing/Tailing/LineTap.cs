using System.Collections.Concurrent;
using Google.Protobuf;
using Weir.Protocol.Batches;
using Weir.Protocol.Cluster;
using Weir.Routing.LogQl;

namespace Weir.Routing.Tailing;

/// <summary>One order for lines on the node where they are born: what matches is copied, as far as there is room. Never
/// waits.</summary>
internal sealed class LineTap(string asker, ulong id, LogQuery query)
{
    // Beside its bytes a line costs its object and the fields of the message.
    private const int LineCost = 64;

    // Remembered answers of the selector.
    private const int KnownMax = 10_000;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<LabelSet, bool> _known = new();
    private List<TailLine> _pending = [];
    private int _pendingBytes;
    private long _lost;

    public string Asker => asker;

    public ulong Id => id;

    /// <summary>By the clock that the node's taps are given.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>Whether the selector takes the stream; asked once a stream, mostly.</summary>
    public bool Selects(LabelSet stream)
    {
        if (_known.TryGetValue(stream, out var isSelected)) return isSelected;
        if (_known.Count >= KnownMax) _known.Clear();
        return _known[stream] = query.Selector.IsMatch(stream);
    }

    /// <summary>Whether the line filters let a line through.</summary>
    public bool Matches(ReadOnlySpan<byte> line)
    {
        foreach (var stage in query.Stages)
            if (stage is LineFilterStage filter && !filter.Filter.IsMatch(line)) return false;
        return true;
    }

    /// <summary>A line that matches.</summary>
    public void Offer(string destination, string tenant, in Entry entry, ReadOnlySpan<byte> line)
    {
        var kept = line[..Math.Min(line.Length, TailLimits.LineBytesMax)];
        var cost = kept.Length + entry.Labels.Stream.Length + LineCost;
        lock (_gate)
        {
            if (_pendingBytes + cost > TailLimits.PendingBytesMax)
            {
                _lost++;
                return;
            }

            _pendingBytes += cost;
            _pending.Add(new TailLine
            {
                Timestamp = entry.Timestamp,
                Stream = UnsafeByteOperations.UnsafeWrap(entry.Labels.StreamMemory),
                Line = ByteString.CopyFrom(kept),
                Cut = line.Length - kept.Length,
                Destination = destination,
                Tenant = tenant,
            });
        }
    }

    /// <summary>They could not be sent.</summary>
    public void Lost(long lines)
    {
        lock (_gate) _lost += lines;
    }

    /// <returns>What waits, or null when nothing does.</returns>
    public TailLines? Take()
    {
        lock (_gate)
        {
            if (_pending.Count == 0 && _lost == 0) return null;
            var taken = new TailLines { Id = id, Lost = _lost, Lines = { _pending } };
            _pending = [];
            _pendingBytes = 0;
            _lost = 0;
            return taken;
        }
    }
}
