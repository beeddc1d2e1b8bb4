using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Journal;

/// <summary>The line of <c>format_as_json</c>: a flat object of all fields, as strings, in order of their
/// names.</summary>
/// <remarks>One user at a time; its memory is used again for each entry.</remarks>
internal sealed class JournalJson : IDisposable
{
    /// <summary>Longest message; the rest is cut.</summary>
    public const int MessageBytesMax = 128 * 1024;

    /// <summary>All other fields together; those that come after that are left out. With the message they make a line
    /// that Loki takes.</summary>
    public const int OthersBytesMax = 64 * 1024;

    private static readonly JsonWriterOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true, // it would cost a bit a value, and nothing here nests
    };

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private readonly ArrayBufferWriter<byte> _text = new(4096);
    private readonly Utf8JsonWriter _writer;
    private Field[] _fields = new Field[64];
    private int _count;
    private int _othersBytes;

    public JournalJson() => _writer = new Utf8JsonWriter(_text, Writing);

    /// <summary>The next entry begins.</summary>
    public void Begin()
    {
        _bytes.ResetWrittenCount();
        (_count, _othersBytes) = (0, 0);
    }

    /// <param name="field">NAME=value.</param>
    public void Add(ReadOnlySpan<byte> field, int nameLength, ref EntryCounts counts)
    {
        var name = field[..nameLength];
        var value = field[(nameLength + 1)..];
        if (name.SequenceEqual("MESSAGE"u8))
        {
            if (value.Length > MessageBytesMax) counts.Cut++;
            value = value[..Math.Min(value.Length, MessageBytesMax)];
        }
        else if (_othersBytes + field.Length > OthersBytesMax)
        {
            counts.Cut++;
            return;
        }
        else _othersBytes += field.Length;

        var start = _bytes.WrittenCount;
        _bytes.Write(name);
        counts.InvalidBytes += FieldText.Append(value, _bytes);
        Insert(new Field(start, nameLength, _bytes.WrittenCount));
    }

    /// <summary>Adds the line to the batch's arena.</summary>
    /// <returns>Its offset and length.</returns>
    public (int Start, int Length) Append(LogBatch batch)
    {
        _text.ResetWrittenCount();
        _writer.Reset(_text);
        _writer.WriteStartObject();
        var bytes = _bytes.WrittenSpan;
        foreach (var field in _fields.AsSpan(0, _count))
            _writer.WriteString(NameOf(field, bytes), bytes[(field.Start + field.NameLength)..field.End]);
        _writer.WriteEndObject();
        _writer.Flush();
        return (batch.Append(_text.WrittenSpan), _text.WrittenCount);
    }

    public void Dispose() => _writer.Dispose();

    private static ReadOnlySpan<byte> NameOf(Field field, ReadOnlySpan<byte> bytes) =>
        bytes.Slice(field.Start, field.NameLength);

    /// <summary>Keeps the order of names; of a name that occurs twice the last one counts.</summary>
    private void Insert(Field field)
    {
        var bytes = _bytes.WrittenSpan;
        var name = NameOf(field, bytes);
        int low = 0, high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            var order = NameOf(_fields[middle], bytes).SequenceCompareTo(name);
            if (order == 0)
            {
                _fields[middle] = field;
                return;
            }

            if (order < 0) low = middle + 1;
            else high = middle;
        }

        if (_count == _fields.Length) Array.Resize(ref _fields, _count * 2);
        _fields.AsSpan(low, _count - low).CopyTo(_fields.AsSpan(low + 1));
        _fields[low] = field;
        _count++;
    }

    private readonly record struct Field(int Start, int NameLength, int End);
}
