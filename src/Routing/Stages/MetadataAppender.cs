using System.Text.Unicode;
using Weir.Protocol.Loki;

namespace Weir.Routing.Stages;

/// <summary>Adds pairs to one entry's structured metadata, which it moves to the end of the arena for that.</summary>
internal ref struct MetadataAppender(StageBatch batch, int entry)
{
    // How much of the metadata was there before: only what is added is kept apart by name.
    private readonly int _before = batch.Lines[entry].MetadataLength;

    public readonly void TryAdd(ReadOnlySpan<byte> name, ExtractedValue value)
    {
        if (!value.HasText || Has(name) || !Utf8.IsValid(batch.Text(value))) return;
        var to = Reserve(PushRequestWriter.MetadataBytes(name.Length, value.Length));
        Advance(PushRequestWriter.WriteMetadata(to, name, batch.Text(value)));
    }

    /// <summary>A name that lies in the arena.</summary>
    public readonly void TryAdd(int nameStart, int nameLength, ExtractedValue value)
    {
        var name = batch.Lines.Bytes.Slice(nameStart, nameLength);
        if (!value.HasText || Has(name) || !Utf8.IsValid(name) || !Utf8.IsValid(batch.Text(value))) return;
        var to = Reserve(PushRequestWriter.MetadataBytes(nameLength, value.Length));
        Advance(PushRequestWriter.WriteMetadata(
            to, batch.Lines.Bytes.Slice(nameStart, nameLength), batch.Text(value)));
    }

    public readonly void TryAdd(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Has(name)) return;
        Advance(PushRequestWriter.WriteMetadata(
            Reserve(PushRequestWriter.MetadataBytes(name.Length, value.Length)), name, value));
    }

    private readonly bool Has(ReadOnlySpan<byte> name)
    {
        var pairs = new MetadataReader(batch.Lines.Metadata(batch.Lines[entry])[_before..]);
        while (pairs.Read())
            if (pairs.Name.SequenceEqual(name)) return true;
        return false;
    }

    /// <summary>Room right behind the metadata, which moves there first if something else stands behind it.</summary>
    private readonly Span<byte> Reserve(int bytes)
    {
        ref var at = ref batch.Lines[entry];
        if (at.MetadataLength == 0) at.MetadataStart = batch.Lines.BytesUsed;
        else if (at.MetadataStart + at.MetadataLength != batch.Lines.BytesUsed)
        {
            batch.Lines.Reserve(at.MetadataLength + bytes);
            at.MetadataStart = batch.Lines.Append(batch.Lines.Metadata(at));
        }

        return batch.Lines.Reserve(bytes).Span;
    }

    private readonly void Advance(int bytes)
    {
        batch.Lines.Advance(bytes);
        batch.Lines[entry].MetadataLength += bytes;
    }
}
