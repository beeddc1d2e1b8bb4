using System.Buffers;
using System.Collections.Concurrent;
using Weir.Protocol.Snappy;

namespace Weir.Routing.Lanes;

/// <summary>Encoders to share: one is as large as a table, and only as many are in use as builders run at
/// once.</summary>
internal sealed class SnappyEncoders
{
    private readonly ConcurrentBag<SnappyEncoder> _idle = [];

    /// <summary>Compresses into rented memory of the size needed.</summary>
    public FragmentBody Compress(ReadOnlySpan<byte> source)
    {
        if (!_idle.TryTake(out var encoder)) encoder = new SnappyEncoder();
        var scratch = ArrayPool<byte>.Shared.Rent(SnappyEncoder.MaxCompressedLength(source.Length));
        var length = encoder.Compress(source, scratch);
        var body = FragmentBody.Copy(scratch.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(scratch);
        _idle.Add(encoder);
        return body;
    }
}
