using System.Buffers;
using System.Diagnostics;
using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>A push request being written: its bytes, what is known of them, and the checkpoints of their
/// lines.</summary>
/// <remarks>Its buffer is rented while it holds something, so that an idle tenant costs nothing.</remarks>
internal sealed class OpenFragment
{
    private const int BufferBytesMin = 64 * 1024;

    private readonly List<Checkpoint> _checkpoints = [];
    private byte[] _buffer = [];
    private int _used;
    private int _entries;
    private int _lineBytes;
    private long _timestampMin;
    private long _timestampMax;

    public bool IsEmpty => _used == 0;

    public int BytesUsed => _used;

    public int LineBytes => _lineBytes;

    /// <summary>Appends what the groups hold of the batch.</summary>
    public void Append(StreamGroups groups, LogBatch batch)
    {
        if (groups.Entries == 0) return;
        if (_used == 0)
        {
            _timestampMin = long.MaxValue;
            _timestampMax = long.MinValue;
        }

        Reserve(groups.BytesMax);
        _used += groups.Write(batch, _buffer.AsSpan(_used));
        _entries += groups.Entries;
        _lineBytes += groups.LineBytes;
        _timestampMin = Math.Min(_timestampMin, groups.TimestampMin);
        _timestampMax = Math.Max(_timestampMax, groups.TimestampMax);
        if (batch.Checkpoint is not { } checkpoint) return;
        if (_checkpoints.Count > 0 && ReferenceEquals(_checkpoints[^1], checkpoint)) return;
        checkpoint.Retain();
        _checkpoints.Add(checkpoint);
    }

    /// <summary>Compresses and empties it. The checkpoints' holds go with the result.</summary>
    public PendingFragment Seal(FragmentKey key, IReadOnlyList<string> endpoints, SnappyEncoders encoders)
    {
        Debug.Assert(_used > 0, "nothing to seal");
        var body = encoders.Compress(_buffer.AsSpan(0, _used));
        var facts = new FragmentFacts(_used, _entries, _lineBytes, _timestampMin, _timestampMax);
        var pending = new PendingFragment(
            new SealedFragment(key, endpoints, facts, body.Memory), body, [.. _checkpoints]);
        Clear();
        return pending;
    }

    /// <summary>Gives everything up: its sources will read it again.</summary>
    public void Abandon()
    {
        foreach (var checkpoint in _checkpoints) checkpoint.Abandon();
        Clear();
    }

    private void Clear()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _used = _entries = _lineBytes = 0;
        _checkpoints.Clear();
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _used >= bytes) return;
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(_buffer.Length * 2, _used + bytes), BufferBytesMin));
        _buffer.AsSpan(0, _used).CopyTo(grown);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }
}
