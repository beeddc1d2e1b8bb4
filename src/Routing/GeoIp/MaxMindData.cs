using System.Buffers.Binary;

namespace Weir.Routing.GeoIp;

/// <summary>Kinds of values, numbered as the format has them.</summary>
public enum MaxMindKind : byte
{
    Pointer = 1,
    Text = 2,
    Double = 3,
    Bytes = 4,
    UInt16 = 5,
    UInt32 = 6,
    Map = 7,
    Int32 = 8,
    UInt64 = 9,
    UInt128 = 10,
    Array = 11,
    Bool = 14,
    Float = 15,
}

/// <summary>A value's kind and where its content lies in the data section.</summary>
/// <param name="Size">Bytes of a text or number, members of a container, a truth itself.</param>
/// <param name="Start">Of the content.</param>
public readonly record struct MaxMindValue(MaxMindKind Kind, int Size, int Start);

/// <summary>The data section of a MaxMind database, or its metadata. Every read is checked: a damaged file gives no
/// value.</summary>
/// <remarks>A map or array holds its members one after another; a pointer leads to a value elsewhere, never to another
/// pointer.</remarks>
public readonly struct MaxMindData(ReadOnlyMemory<byte> section)
{
    // A size below this stands in the control byte itself.
    private const int SizeInlineMax = 29;

    public ReadOnlySpan<byte> Bytes => section.Span;

    /// <summary>Reads the value at a place, behind its pointer if it is one.</summary>
    /// <param name="at">Then behind the value's head; behind the pointer if it is one.</param>
    public bool TryRead(ref int at, out MaxMindValue value)
    {
        if (!TryHead(ref at, out value)) return false;
        if (value.Kind != MaxMindKind.Pointer) return true;
        var target = value.Start;
        return TryHead(ref target, out value) && value.Kind != MaxMindKind.Pointer;
    }

    /// <summary>Goes behind a value and all that it holds.</summary>
    public bool TrySkip(ref int at)
    {
        // Each round takes a byte at least, so a count that lies ends with the section.
        for (var left = 1L; left > 0; left--)
        {
            if (!TryHead(ref at, out var value)) return false;
            left += value.Kind switch
            {
                MaxMindKind.Map => 2L * value.Size,
                MaxMindKind.Array => value.Size,
                _ => 0,
            };
            if (HasContent(value.Kind)) at += value.Size;
        }

        return true;
    }

    /// <summary>Finds a member of a map.</summary>
    public bool TryMember(MaxMindValue map, ReadOnlySpan<byte> name, out MaxMindValue member)
    {
        member = default;
        if (map.Kind != MaxMindKind.Map) return false;
        var at = map.Start;
        for (var i = 0; i < map.Size; i++)
        {
            if (!TryKey(ref at, out var key)) return false;
            if (Bytes.Slice(key.Start, key.Size).SequenceEqual(name)) return TryRead(ref at, out member);
            if (!TrySkip(ref at)) return false;
        }

        return false;
    }

    /// <summary>Reads the key of a map's member.</summary>
    public bool TryKey(ref int at, out MaxMindValue key)
    {
        var isPointer = at < Bytes.Length && Bytes[at] >> 5 == (int)MaxMindKind.Pointer;
        if (!TryRead(ref at, out key) || key.Kind != MaxMindKind.Text) return false;
        if (!isPointer) at += key.Size;
        return true;
    }

    /// <summary>Finds the last member of an array.</summary>
    public bool TryLast(MaxMindValue array, out MaxMindValue last)
    {
        last = default;
        if (array.Kind != MaxMindKind.Array || array.Size == 0) return false;
        var at = array.Start;
        for (var i = 1; i < array.Size; i++)
            if (!TrySkip(ref at)) return false;
        return TryRead(ref at, out last);
    }

    /// <summary>A whole number of at most 64 bits.</summary>
    public bool TryWhole(MaxMindValue value, out ulong number)
    {
        number = 0;
        if (value.Kind is not (MaxMindKind.UInt16 or MaxMindKind.UInt32 or MaxMindKind.UInt64)) return false;
        foreach (var unit in Bytes.Slice(value.Start, value.Size)) number = number << 8 | unit;
        return true;
    }

    /// <summary>A number that may have a fraction or a sign.</summary>
    public bool TryReal(MaxMindValue value, out double number)
    {
        var content = HasContent(value.Kind) ? Bytes.Slice(value.Start, value.Size) : default;
        number = value.Kind switch
        {
            MaxMindKind.Double => BinaryPrimitives.ReadDoubleBigEndian(content),
            MaxMindKind.Float => BinaryPrimitives.ReadSingleBigEndian(content),
            MaxMindKind.Int32 => SignedOf(content),
            _ => double.NaN,
        };
        return double.IsFinite(number);
    }

    /// <summary>A number beyond 64 bits, of at most 16 bytes.</summary>
    public UInt128 Large(MaxMindValue value)
    {
        UInt128 number = 0;
        foreach (var unit in Bytes.Slice(value.Start, value.Size)) number = number << 8 | unit;
        return number;
    }

    private static bool HasContent(MaxMindKind kind) =>
        kind is not (MaxMindKind.Map or MaxMindKind.Array or MaxMindKind.Bool or MaxMindKind.Pointer);

    private static int SignedOf(ReadOnlySpan<byte> content)
    {
        var number = 0;
        foreach (var unit in content) number = number << 8 | unit;
        return number;
    }

    /// <summary>Reads control byte and size; of a value with content, that it lies within the section.</summary>
    private bool TryHead(ref int at, out MaxMindValue value)
    {
        value = default;
        if ((uint)at >= (uint)Bytes.Length) return false;
        var control = Bytes[at++];
        var kind = control >> 5;
        if (kind == (int)MaxMindKind.Pointer) return TryPointer(control, ref at, out value);
        if (kind == 0)
        {
            if (at >= Bytes.Length) return false;
            kind = 7 + Bytes[at++];
        }

        var size = control & 0x1f;
        var more = Math.Max(0, size - SizeInlineMax + 1);
        if (more > Bytes.Length - at) return false;
        if (more > 0)
        {
            var given = 0;
            for (var i = 0; i < more; i++) given = given << 8 | Bytes[at++];
            size = given + (more == 1 ? SizeInlineMax : more == 2 ? 285 : 65_821);
        }

        value = new MaxMindValue((MaxMindKind)kind, size, at);
        return Fits(value);
    }

    private bool Fits(MaxMindValue value)
    {
        var isKnown = value.Kind switch
        {
            MaxMindKind.Double => value.Size == 8,
            MaxMindKind.Float => value.Size == 4,
            MaxMindKind.UInt16 => value.Size <= 2,
            MaxMindKind.UInt32 or MaxMindKind.Int32 => value.Size <= 4,
            MaxMindKind.UInt64 => value.Size <= 8,
            MaxMindKind.UInt128 => value.Size <= 16,
            MaxMindKind.Bool => value.Size <= 1,
            MaxMindKind.Text or MaxMindKind.Bytes or MaxMindKind.Map or MaxMindKind.Array => true,
            _ => false,
        };
        return isKnown && (!HasContent(value.Kind) || value.Size <= Bytes.Length - value.Start);
    }

    private bool TryPointer(byte control, ref int at, out MaxMindValue value)
    {
        value = default;
        var bytes = (control >> 3 & 3) + 1;
        if (bytes > Bytes.Length - at) return false;
        var target = bytes == 4 ? 0L : control & 7;
        for (var i = 0; i < bytes; i++) target = target << 8 | Bytes[at++];
        target += bytes switch { 2 => 2048, 3 => 526_336, _ => 0 };
        if (target >= Bytes.Length) return false;
        value = new MaxMindValue(MaxMindKind.Pointer, 0, (int)target);
        return true;
    }
}
