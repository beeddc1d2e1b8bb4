using System.Buffers;
using Weir.Protocol.Batches;

namespace Weir.Routing.Stages;

/// <summary>An entry that a stage keeps from one batch to a later one: its line, which may grow, and all that was
/// extracted from it.</summary>
/// <remarks>Memory is rented while it holds something.</remarks>
internal sealed class HeldEntry
{
    /// <summary>Memory for a line that is kept between two of them.</summary>
    private const int SpareBytesMax = 16 * 1024;

    private Entry _entry;
    private LabelSet? _origin;
    private byte[] _line = [];
    private byte[] _rest = [];
    private ExtractedValue[] _values = [];
    private HeldName[] _names = [];
    private int _restLength;

    public int LineLength { get; private set; }

    public long Resume => _entry.Resume;

    /// <summary>Takes over an entry, with its line or with none of it.</summary>
    public void Take(StageBatch batch, int entry)
    {
        _entry = batch.Lines[entry];
        _origin = batch.OriginOf(entry);
        LineLength = 0;
        _restLength = 0;
        _entry.MetadataStart = Keep(batch.Lines.Metadata(_entry));
        if (_values.Length != batch.Slots.Count) _values = new ExtractedValue[batch.Slots.Count];
        for (var slot = 0; slot < _values.Length; slot++) _values[slot] = Keep(batch, batch.Get(entry, slot));
        TakeNames(batch, entry);
    }

    /// <summary>The earliest place at which the source must resume to have all of it again.</summary>
    public void ResumeAt(long resume) => _entry.Resume = resume;

    public void AppendLine(ReadOnlySpan<byte> text)
    {
        Append(ref _line, LineLength, text);
        LineLength += text.Length;
    }

    public ReadOnlySpan<byte> Line => _line.AsSpan(0, LineLength);

    public void TruncateLine(int length) => LineLength = length;

    /// <summary>Adds the entry to a batch, line and values in its arena; gives the memory back.</summary>
    /// <returns>Its index there; it is not emitted yet.</returns>
    public int Restore(StageBatch batch, int order)
    {
        var index = Copy(batch, order);
        Return();
        return index;
    }

    /// <summary>Adds the entry to a batch and keeps all but the line, for the line that follows under the same
    /// head.</summary>
    public int RestoreLine(StageBatch batch, int order)
    {
        var index = Copy(batch, order);
        LineLength = 0;
        if (_line.Length <= SpareBytesMax) return index;
        ArrayPool<byte>.Shared.Return(_line);
        _line = [];
        return index;
    }

    public void Return()
    {
        if (_line.Length > 0) ArrayPool<byte>.Shared.Return(_line);
        if (_rest.Length > 0) ArrayPool<byte>.Shared.Return(_rest);
        _line = _rest = [];
        _names = [];
        _origin = null;
        LineLength = 0;
    }

    private int Copy(StageBatch batch, int order)
    {
        var rest = batch.Lines.Append(_rest.AsSpan(0, _restLength));
        var entry = _entry;
        entry.LineLength = LineLength;
        entry.LineStart = batch.Lines.Append(Line);
        entry.MetadataStart += rest;
        var index = batch.Add(entry, _origin!, order);
        for (var slot = 0; slot < _values.Length; slot++)
            batch.Set(index, slot, _values[slot] with { Start = _values[slot].Start + rest });
        foreach (var name in _names)
            batch.SetNamed(index, name.Start + rest, name.Length, name.Value with { Start = name.Value.Start + rest });
        return index;
    }

    private void TakeNames(StageBatch batch, int entry)
    {
        var cursor = 0;
        if (!batch.NextNamed(entry, ref cursor, out var named))
        {
            _names = [];
            return;
        }

        var names = new List<HeldName>();
        do
        {
            var name = Keep(batch.Lines.Bytes.Slice(named.NameStart, named.NameLength));
            names.Add(new HeldName(name, named.NameLength, Keep(batch, named.Value)));
        }
        while (batch.NextNamed(entry, ref cursor, out named));
        _names = [.. names];
    }

    private ExtractedValue Keep(StageBatch batch, ExtractedValue value) =>
        value.HasText ? value with { Start = Keep(batch.Text(value)) } : value;

    private int Keep(ReadOnlySpan<byte> text)
    {
        Append(ref _rest, _restLength, text);
        _restLength += text.Length;
        return _restLength - text.Length;
    }

    private static void Append(ref byte[] to, int length, ReadOnlySpan<byte> text)
    {
        if (to.Length - length < text.Length)
        {
            var grown = ArrayPool<byte>.Shared.Rent(Math.Max(to.Length * 2, length + text.Length));
            to.AsSpan(0, length).CopyTo(grown);
            if (to.Length > 0) ArrayPool<byte>.Shared.Return(to);
            to = grown;
        }

        text.CopyTo(to.AsSpan(length));
    }

    private readonly record struct HeldName(int Start, int Length, ExtractedValue Value);
}
