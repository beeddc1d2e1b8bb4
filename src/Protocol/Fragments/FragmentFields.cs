using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Weir.Protocol.Fragments;

/// <summary>Whose fragment it is and what it went through: stands between the header's fixed part and the payload where
/// a fragment travels.</summary>
/// <remarks>Names that a reader does not know are skipped, so that neighbouring versions understand each
/// other.</remarks>
/// <seealso href="docs/formats/fragment.md"/>
public sealed record FragmentFields
{
    /// <summary>Longest text of a refusal; longer ones are cut.</summary>
    public const int DetailMax = 1024;

    private const byte False = 0;
    private const byte True = 1;

    /// <summary>Id of the node where it was sealed.</summary>
    public required string Node { get; init; }

    /// <summary>Id of the <c>loki.write</c> that sealed it.</summary>
    public required string Destination { get; init; }

    /// <summary>"" where entries name none.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Of the tenant's streams; 0 where they are not spread.</summary>
    public int Partition { get; init; }

    /// <summary>Grows with each fragment of the node; not without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>It may be in the queue already: an earlier attempt to hand it over had no answer.</summary>
    public bool IsResent { get; init; }

    /// <summary>Owed to this endpoint alone; "" to all of the destination.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>In a parked queue and in the notes of one: which parking of the lane it belongs to; else "".</summary>
    public string Parking { get; init; } = "";

    /// <summary>Why it is a dead letter, the word for metrics; "" where it is none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>HTTP status of the refusal; 0 where there was none.</summary>
    public int Status { get; init; }

    /// <summary>What the endpoint answered, at most <see cref="DetailMax"/> characters; never a secret.</summary>
    public string Detail { get; init; } = "";

    /// <summary>When it became a dead letter, milliseconds since the Unix epoch; 0 where it is none.</summary>
    public long RefusedAt { get; init; }

    /// <summary>Appends what is not at its default.</summary>
    internal void Write(List<byte> header)
    {
        Write(header, "node", Node);
        Write(header, "destination", Destination);
        if (Tenant.Length > 0) Write(header, "tenant", Tenant);
        if (Partition != 0) Write(header, "partition", Partition);
        Write(header, "sequence", Sequence);
        if (IsResent) Write(header, "resent", [True]);
        if (Endpoint.Length > 0) Write(header, "endpoint", Endpoint);
        if (Parking.Length > 0) Write(header, "parking", Parking);
        if (Reason.Length > 0) Write(header, "reason", Reason);
        if (Status != 0) Write(header, "status", Status);
        if (Detail.Length > 0) Write(header, "detail", Detail.Length > DetailMax ? Detail[..DetailMax] : Detail);
        if (RefusedAt != 0) Write(header, "refused_at", RefusedAt);
    }

    /// <returns>False where a field is cut short or malformed, or one that is needed is absent.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out FragmentFields? fields)
    {
        fields = new FragmentFields { Node = "", Destination = "", Sequence = -1 };
        while (bytes.Length > 0)
        {
            var nameLength = bytes[0];
            if (bytes.Length < 1 + nameLength + sizeof(ushort)) break;
            var name = bytes.Slice(1, nameLength);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(1 + nameLength)..]);
            bytes = bytes[(1 + nameLength + sizeof(ushort))..];
            if (bytes.Length < length || fields.With(name, bytes[..length]) is not { } read) break;
            fields = read;
            bytes = bytes[length..];
        }

        var isWhole = bytes.Length == 0 && fields is { Node.Length: > 0, Destination.Length: > 0, Sequence: >= 0 };
        if (!isWhole) fields = null;
        return isWhole;
    }

    /// <returns>Null where the value is not what the name asks for.</returns>
    private FragmentFields? With(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Encoding.ASCII.GetString(name) switch
    {
        "node" => this with { Node = Text(value) },
        "destination" => this with { Destination = Text(value) },
        "tenant" => this with { Tenant = Text(value) },
        "partition" => Number(value) is { } number and >= 0 and <= int.MaxValue
            ? this with { Partition = (int)number } : null,
        "sequence" => Number(value) is { } number and >= 0 ? this with { Sequence = number } : null,
        "resent" => value is [False or True] ? this with { IsResent = value[0] == True } : null,
        "endpoint" => this with { Endpoint = Text(value) },
        "parking" => this with { Parking = Text(value) },
        "reason" => this with { Reason = Text(value) },
        "status" => Number(value) is { } number and >= 0 and <= int.MaxValue
            ? this with { Status = (int)number } : null,
        "detail" => this with { Detail = Text(value) },
        "refused_at" => Number(value) is { } number ? this with { RefusedAt = number } : null,
        _ => this,
    };

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value);

    private static long? Number(ReadOnlySpan<byte> value) =>
        value.Length == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(value) : null;

    private static void Write(List<byte> header, string name, string value) =>
        Write(header, name, Encoding.UTF8.GetBytes(value));

    private static void Write(List<byte> header, string name, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Write(header, name, bytes);
    }

    private static void Write(List<byte> header, string name, ReadOnlySpan<byte> value)
    {
        header.Add((byte)name.Length);
        header.AddRange(Encoding.ASCII.GetBytes(name));
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)value.Length));
        header.AddRange(length);
        header.AddRange(value);
    }
}
