using System.Buffers.Binary;
using System.Text;
using Weir.Protocol.Checksums;

namespace Weir.Routing.Sharding;

/// <summary>Which shard a fragment goes to, and which writer a shard: the same on every node and in every
/// version.</summary>
/// <seealso href="docs/formats/fragment.md"/>
public static class ShardHash
{
    private const byte Separator = 0xff; // in no UTF-8 text

    /// <summary>A node's streams of one tenant and partition stay in one shard, so that their order can.</summary>
    /// <param name="shards">At least 1.</param>
    public static int ShardOf(string node, string tenant, int partition, int shards)
    {
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(number, partition);
        var hash = Crc32C.Append(Crc32C.Append(TextHash(node, tenant), [Separator]), number);
        return (int)(Mix(hash) % (uint)shards);
    }

    /// <summary>Rendezvous hashing: how much a writer is to be preferred for a shard.</summary>
    public static uint Score(string writer, string shard) => Mix(TextHash(writer, shard));

    private static uint TextHash(string first, string second) => Crc32C.Append(
        Crc32C.Append(Crc32C.Of(Encoding.UTF8.GetBytes(first)), [Separator]), Encoding.UTF8.GetBytes(second));

    /// <summary>Spreads a checksum, whose low bits of similar texts are alike, over all bits.</summary>
    private static uint Mix(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }
}
