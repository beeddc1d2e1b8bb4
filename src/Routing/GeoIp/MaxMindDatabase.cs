using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.GeoIp;

/// <summary>A MaxMind database: what is known of networks, by address. Immutable; any number of threads; a lookup
/// allocates nothing.</summary>
/// <remarks>
/// A binary tree over the bits of an address, 16 zero bytes, the data section, a marker, and metadata. The file is
/// trusted in nothing: damage leads to an address without data.
/// </remarks>
public sealed class MaxMindDatabase
{
    /// <summary>Where metadata is looked for, from the end.</summary>
    private const int MetadataBytesMax = 128 * 1024;

    private const int SeparatorBytes = 16;
    private const int Ipv4Bytes = 4;
    private const int Ipv6Bytes = 16;

    private readonly ReadOnlyMemory<byte> _tree;
    private readonly uint _nodes;
    private readonly int _recordBits;
    private readonly bool _isIpv6;
    private readonly uint _ipv4Root;

    private MaxMindDatabase(ReadOnlyMemory<byte> tree, MaxMindData data, uint nodes, int recordBits, bool isIpv6)
    {
        _tree = tree;
        Data = data;
        _nodes = nodes;
        _recordBits = recordBits;
        _isIpv6 = isIpv6;
        // IPv4 addresses are the last 32 bits below ::/96.
        for (var bit = 0; isIpv6 && bit < (Ipv6Bytes - Ipv4Bytes) * 8 && _ipv4Root < nodes; bit++)
            _ipv4Root = Child(_ipv4Root, 0);
    }

    /// <summary>What places refer to.</summary>
    public MaxMindData Data { get; }

    private static ReadOnlySpan<byte> Marker =>
        [0xab, 0xcd, 0xef, (byte)'M', (byte)'a', (byte)'x', (byte)'M', (byte)'i', (byte)'n', (byte)'d', (byte)'.',
            (byte)'c', (byte)'o', (byte)'m'];

    /// <param name="file">All of it; not to be changed any more.</param>
    /// <param name="database">Null when refused.</param>
    /// <param name="error">What is wrong with the file.</param>
    public static bool TryOpen(
        ReadOnlyMemory<byte> file, [NotNullWhen(true)] out MaxMindDatabase? database, out string error)
    {
        database = null;
        var tail = file[Math.Max(0, file.Length - MetadataBytesMax)..];
        var marker = tail.Span.LastIndexOf(Marker);
        if (marker < 0)
        {
            error = "no MaxMind database: its metadata is missing";
            return false;
        }

        var metadata = new MaxMindData(tail[(marker + Marker.Length)..]);
        var at = 0;
        if (!metadata.TryRead(ref at, out var map)
            || !TryNumber(metadata, map, "node_count"u8, out var nodes)
            || !TryNumber(metadata, map, "record_size"u8, out var bits)
            || !TryNumber(metadata, map, "ip_version"u8, out var version))
        {
            error = "a damaged MaxMind database: its metadata cannot be read";
            return false;
        }

        if (bits is not (24 or 28 or 32) || version is not (4 or 6))
        {
            error = $"a MaxMind database of an unknown form: records of {bits} bits, IP version {version}";
            return false;
        }

        var dataEnd = file.Length - tail.Length + marker;
        var treeBytes = nodes * bits / 4;
        if (nodes > uint.MaxValue || treeBytes + SeparatorBytes > (ulong)dataEnd)
        {
            error = "a damaged MaxMind database: it is shorter than its search tree";
            return false;
        }

        var data = new MaxMindData(file[((int)treeBytes + SeparatorBytes)..dataEnd]);
        database = new MaxMindDatabase(file[..(int)treeBytes], data, (uint)nodes, (int)bits, version == 6);
        error = "";
        return true;
    }

    /// <summary>Finds what is known of an address.</summary>
    /// <param name="address">4 or 16 bytes.</param>
    /// <returns>False when nothing is.</returns>
    public bool TryFind(ReadOnlySpan<byte> address, out MaxMindValue record)
    {
        record = default;
        if (!_isIpv6 && address.Length == Ipv6Bytes) return false;
        var node = address.Length == Ipv4Bytes ? _ipv4Root : 0;
        for (var bit = 0; bit < address.Length * 8 && node < _nodes; bit++)
            node = Child(node, address[bit >> 3] >> (7 - (bit & 7)) & 1);
        if (node <= _nodes) return false;
        var place = (long)node - _nodes - SeparatorBytes;
        if (place < 0 || place >= Data.Bytes.Length) return false;
        var at = (int)place;
        return Data.TryRead(ref at, out record);
    }

    /// <summary>The record of a node that an address goes to by its next bit.</summary>
    private uint Child(uint node, int side)
    {
        var bytes = _tree.Span.Slice((int)(node * (ulong)_recordBits / 4), _recordBits / 4);
        switch (_recordBits)
        {
            case 24:
                return Number(bytes.Slice(side * 3, 3));
            case 28:
                // The byte in the middle holds the highest four bits of both.
                var high = side == 0 ? (uint)bytes[3] >> 4 : bytes[3] & 0xfu;
                return high << 24 | Number(bytes.Slice(side * 4, 3));
            default:
                return Number(bytes.Slice(side * 4, 4));
        }
    }

    private static uint Number(ReadOnlySpan<byte> bytes)
    {
        var number = 0u;
        foreach (var unit in bytes) number = number << 8 | unit;
        return number;
    }

    private static bool TryNumber(MaxMindData metadata, MaxMindValue map, ReadOnlySpan<byte> name, out ulong number)
    {
        number = 0;
        return metadata.TryMember(map, name, out var member) && metadata.TryWhole(member, out number);
    }
}
