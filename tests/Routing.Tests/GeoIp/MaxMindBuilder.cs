using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Weir.Routing.Tests.GeoIp;

/// <summary>Makes MaxMind databases, for tests: networks with records of maps, lists, texts and numbers.</summary>
internal sealed class MaxMindBuilder(int recordBits, int ipVersion)
{
    private readonly List<int[]> _nodes = [[-1, -1]];
    private readonly Dictionary<string, int> _texts = [];
    private readonly MemoryStream _data = new();

    /// <summary>Adds a network, <c>10.0.0.0/8</c>; none may lie within another.</summary>
    public MaxMindBuilder Add(string network, object record)
    {
        var parts = network.Split('/');
        var address = IPAddress.Parse(parts[0]).GetAddressBytes();
        var length = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        if (ipVersion == 6 && address.Length == 4) (address, length) = ([.. new byte[12], .. address], length + 96);
        var node = 0;
        for (var bit = 0; bit < length; bit++)
        {
            var side = address[bit / 8] >> (7 - bit % 8) & 1;
            if (bit == length - 1) _nodes[node][side] = -2 - Place(record);
            else
            {
                if (_nodes[node][side] == -1)
                {
                    _nodes.Add([-1, -1]);
                    _nodes[node][side] = _nodes.Count - 1;
                }

                node = _nodes[node][side];
            }
        }

        return this;
    }

    public byte[] Build()
    {
        using var file = new MemoryStream();
        foreach (var node in _nodes) WriteNode(file, Record(node[0]), Record(node[1]));
        file.Write(new byte[16]);
        file.Write(_data.ToArray());
        file.Write([0xab, 0xcd, 0xef]);
        file.Write("MaxMind.com"u8);
        Write(file, new Dictionary<string, object>
        {
            ["node_count"] = (uint)_nodes.Count, ["record_size"] = (uint)recordBits, ["ip_version"] = (uint)ipVersion,
            ["database_type"] = "Test",
        }, isMetadata: true);
        return file.ToArray();
    }

    private uint Record(int node) =>
        node == -1 ? (uint)_nodes.Count : node >= 0 ? (uint)node : (uint)(_nodes.Count + 16 + (-2 - node));

    private void WriteNode(Stream file, uint left, uint right)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (recordBits == 32)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, left);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], right);
            file.Write(bytes);
            return;
        }

        file.Write([(byte)(left >> 16), (byte)(left >> 8), (byte)left]);
        if (recordBits == 28) file.WriteByte((byte)(left >> 24 << 4 | right >> 24));
        file.Write([(byte)(right >> 16), (byte)(right >> 8), (byte)right]);
    }

    private int Place(object record)
    {
        var place = (int)_data.Length;
        Write(_data, record, isMetadata: false);
        return place;
    }

    private void Write(Stream to, object value, bool isMetadata)
    {
        switch (value)
        {
            case Dictionary<string, object> map:
                Head(to, 7, map.Count);
                foreach (var (name, member) in map)
                {
                    Text(to, name, isMetadata);
                    Write(to, member, isMetadata);
                }

                break;
            case object[] list:
                Head(to, 11, list.Length);
                foreach (var member in list) Write(to, member, isMetadata);
                break;
            case string text:
                Text(to, text, isMetadata);
                break;
            case uint whole:
                Head(to, 6, 4);
                to.Write([(byte)(whole >> 24), (byte)(whole >> 16), (byte)(whole >> 8), (byte)whole]);
                break;
            case double real:
                Head(to, 3, 8);
                Span<byte> bytes = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(bytes, real);
                to.Write(bytes);
                break;
            case bool truth:
                Head(to, 14, truth ? 1 : 0);
                break;
            default:
                throw new ArgumentException($"no such value: {value}");
        }
    }

    /// <summary>A text that is there already becomes a pointer, as in real files.</summary>
    private void Text(Stream to, string text, bool isMetadata)
    {
        if (!isMetadata && _texts.TryGetValue(text, out var place))
        {
            if (place < 2048) to.Write([(byte)(0x20 | place >> 8), (byte)place]);
            else
            {
                place -= 2048;
                to.Write([(byte)(0x28 | place >> 16), (byte)(place >> 8), (byte)place]);
            }

            return;
        }

        if (!isMetadata) _texts.Add(text, (int)to.Length);
        var bytes = Encoding.UTF8.GetBytes(text);
        Head(to, 2, bytes.Length);
        to.Write(bytes);
    }

    private static void Head(Stream to, int kind, int size)
    {
        var inline = size < 29 ? size : size < 285 ? 29 : 30;
        to.WriteByte((byte)((kind < 8 ? kind : 0) << 5 | inline));
        if (kind >= 8) to.WriteByte((byte)(kind - 7));
        if (inline == 29) to.WriteByte((byte)(size - 29));
        else if (inline == 30) to.Write([(byte)((size - 285) >> 8), (byte)(size - 285)]);
    }
}
