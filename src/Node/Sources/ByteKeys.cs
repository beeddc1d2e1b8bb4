using System.Buffers.Binary;

namespace Weir.Node.Sources;

/// <summary>Bytes as keys that are looked up without being copied.</summary>
internal sealed class ByteKeys : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly ByteKeys Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] key) => GetHashCode(key.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    /// <summary>FNV-1a over eight bytes at a time: names and keys are short, and come 20 times an entry.</summary>
    public int GetHashCode(ReadOnlySpan<byte> key)
    {
        var hash = 14695981039346656037UL ^ (ulong)key.Length;
        for (; key.Length >= 8; key = key[8..])
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key)) * 1099511628211UL;
        foreach (var unit in key) hash = (hash ^ unit) * 1099511628211UL;
        return (int)(hash ^ (hash >> 32));
    }
}
