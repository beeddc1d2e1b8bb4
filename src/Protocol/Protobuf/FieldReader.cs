namespace Weir.Protocol.Protobuf;

/// <summary>How a field's value is laid out.</summary>
public enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>Walks the fields of one message. Every length is checked against what is left.</summary>
/// <remarks>After a false return <see cref="Offset"/> is where the walk stopped: at the end, or at the fault.</remarks>
public ref struct FieldReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>Bytes of the message consumed so far.</summary>
    public int Offset { get; private set; }

    public readonly bool AtEnd => Offset == _message.Length;

    /// <summary>Number of the current field; 1 or more.</summary>
    public int Field { get; private set; }

    public WireType Type { get; private set; }

    /// <summary>Value of a varint or fixed field.</summary>
    public ulong Number { get; private set; }

    /// <summary>Content of a length-delimited field; empty for others.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Where <see cref="Bytes"/> begin in the message.</summary>
    public readonly int BytesOffset => Offset - Bytes.Length;

    /// <returns>False at the end and at malformed bytes: <see cref="AtEnd"/> tells them apart.</returns>
    public bool TryRead()
    {
        if (AtEnd || !Varint.TryRead(_message[Offset..], out var tag, out var consumed)) return false;
        if (tag >> 3 is 0 or > 0x1fffffff) return false;

        var rest = _message[(Offset + consumed)..];
        Bytes = default;
        Number = 0;
        int size;
        switch ((WireType)(tag & 7))
        {
            case WireType.Varint:
                if (!Varint.TryRead(rest, out var number, out size)) return false;
                Number = number;
                break;
            case WireType.Bytes:
                if (!Varint.TryRead(rest, out var length, out size)) return false;
                if (length > (ulong)(rest.Length - size)) return false;
                Bytes = rest.Slice(size, (int)length);
                size += (int)length;
                break;
            case WireType.Fixed64:
                if (rest.Length < sizeof(ulong)) return false;
                Number = BitConverter.ToUInt64(rest);
                size = sizeof(ulong);
                break;
            case WireType.Fixed32:
                if (rest.Length < sizeof(uint)) return false;
                Number = BitConverter.ToUInt32(rest);
                size = sizeof(uint);
                break;
            default:
                return false; // groups are gone since proto2, 6 and 7 never were
        }

        Field = (int)(tag >> 3);
        Type = (WireType)(tag & 7);
        Offset += consumed + size;
        return true;
    }
}
