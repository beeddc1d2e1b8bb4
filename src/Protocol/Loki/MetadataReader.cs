using Weir.Protocol.Protobuf;

namespace Weir.Protocol.Loki;

/// <summary>Walks the structured metadata in an entry's content, or in a row of metadata fields alone.</summary>
/// <remarks>Reads content that <see cref="PushRequestReader"/> has checked; malformed fields end the walk.</remarks>
public ref struct MetadataReader(ReadOnlySpan<byte> content)
{
    private FieldReader _fields = new(content);

    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next pair.</summary>
    /// <returns>False when there is none.</returns>
    public bool Read()
    {
        while (_fields.TryRead())
        {
            if (_fields.Field != PushRequestWriter.MetadataField || _fields.Type != WireType.Bytes) continue;

            Name = default;
            Value = default;
            var pair = new FieldReader(_fields.Bytes);
            while (pair.TryRead())
            {
                if (pair.Field == PushRequestWriter.NameField) Name = pair.Bytes;
                else if (pair.Field == PushRequestWriter.ValueField) Value = pair.Bytes;
            }

            return true;
        }

        return false;
    }

    /// <summary>Whether the content of a metadata field is a pair of strings.</summary>
    internal static bool IsPair(ReadOnlySpan<byte> content)
    {
        var fields = new FieldReader(content);
        while (fields.TryRead())
        {
            if (fields.Field <= PushRequestWriter.ValueField && fields.Type != WireType.Bytes) return false;
        }

        return fields.AtEnd;
    }
}
