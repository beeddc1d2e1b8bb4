using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Weir.Protocol.Batches;

namespace Weir.Protocol.Loki;

/// <summary>Turns Loki's JSON push body into a <c>PushRequest</c>, so that all behind it knows one form only.</summary>
/// <remarks>
/// <c>{"streams":[{"stream":{"a":"b"},"values":[["ns","line",{"k":"v"}]]}]}</c>. Labels come out sorted by name.
/// Reused by one owner: it keeps its buffers. Unknown members are skipped.
/// </remarks>
public sealed class JsonPush
{
    /// <summary>Deepest nesting followed, in skipped members too.</summary>
    public const int DepthMax = 16;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax };

    private readonly ArrayBufferWriter<byte> _entries = new();
    private readonly ArrayBufferWriter<byte> _labels = new();
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ArrayBufferWriter<byte> _metadata = new();
    private readonly List<Label> _pairs = [];

    /// <param name="json">The whole body, decompressed.</param>
    /// <param name="request">Receives the request; on a fault, what was whole before it.</param>
    /// <param name="fault">What is wrong and at which byte, "" otherwise.</param>
    /// <returns>False when the body is malformed.</returns>
    public bool TryConvert(ReadOnlySpan<byte> json, IBufferWriter<byte> request, out string fault)
    {
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            fault = ReadBody(ref reader, request);
            if (fault.Length > 0) fault = $"{fault} at byte {reader.TokenStartIndex}";
        }
        catch (JsonException malformed)
        {
            fault = $"no valid JSON: {malformed.Message}";
        }
        catch (InvalidOperationException) // a string that is no UTF-8 or holds half a surrogate pair
        {
            fault = $"a string that is no text at byte {reader.TokenStartIndex}";
        }

        return fault.Length == 0;
    }

    private string ReadBody(ref Utf8JsonReader reader, IBufferWriter<byte> request)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return "expected an object";

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isStreams = reader.ValueTextEquals("streams"u8);
            reader.Read();
            if (!isStreams)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.StartArray) return "expected streams to be an array";
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var fault = ReadStream(ref reader, request);
                if (fault.Length > 0) return fault;
            }
        }

        reader.Read(); // throws when anything but space follows
        return "";
    }

    private string ReadStream(ref Utf8JsonReader reader, IBufferWriter<byte> request)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return "expected a stream to be an object";

        _entries.ResetWrittenCount();
        _pairs.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isStream = reader.ValueTextEquals("stream"u8);
            var isValues = !isStream && reader.ValueTextEquals("values"u8);
            reader.Read();
            var fault = "";
            if (isStream) fault = ReadLabels(ref reader);
            else if (isValues) fault = ReadValues(ref reader);
            else reader.Skip();
            if (fault.Length > 0) return fault;
        }

        if (_entries.WrittenCount == 0) return "";

        WriteStream(request);
        return "";
    }

    private void WriteStream(IBufferWriter<byte> request)
    {
        _labels.ResetWrittenCount();
        LabelText.Write(CollectionsMarshal.AsSpan(_pairs), _labels);
        var bytes = PushRequestWriter.StreamBytes(_labels.WrittenCount, _entries.WrittenCount);
        var span = request.GetSpan(bytes);
        var header = PushRequestWriter.WriteStreamHeader(span, _labels.WrittenSpan, _entries.WrittenCount);
        _entries.WrittenSpan.CopyTo(span[header..]);
        request.Advance(bytes);
    }

    private string ReadLabels(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return "expected stream to be an object";

        _pairs.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString() ?? "";
            if (!LabelText.IsName(Encoding.UTF8.GetBytes(name))) return "expected a label name";

            reader.Read();
            if (reader.TokenType != JsonTokenType.String) return "expected a label's value to be a string";
            if (_pairs.Count == LabelText.LabelsMax) return $"more than {LabelText.LabelsMax} labels";

            _pairs.Add(new Label(name, reader.GetString() ?? ""));
        }

        _pairs.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        for (var i = 1; i < _pairs.Count; i++)
        {
            if (_pairs[i].Name == _pairs[i - 1].Name) return $"label {_pairs[i].Name} occurs twice";
        }

        return "";
    }

    private string ReadValues(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return "expected values to be an array";

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartArray) return "expected a value to be an array";
            if (!reader.Read() || !TryReadTimestamp(ref reader, out var timestamp))
                return "expected a timestamp in nanoseconds, as a string";
            if (!reader.Read() || reader.TokenType != JsonTokenType.String) return "expected a line, as a string";

            ReadText(ref reader, _line);
            _metadata.ResetWrittenCount();
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                if (!TryReadMetadata(ref reader)) return "expected metadata's values to be strings";
                reader.Read();
            }

            if (reader.TokenType != JsonTokenType.EndArray) return "expected a value of two or three members";

            var bytes = PushRequestWriter.EntryBytes(timestamp, _line.WrittenCount, _metadata.WrittenCount);
            _entries.Advance(PushRequestWriter.WriteEntry(
                _entries.GetSpan(bytes), timestamp, _line.WrittenSpan, _metadata.WrittenSpan));
        }

        return "";
    }

    private bool TryReadMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString() ?? "";
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) return false;

            var value = reader.GetString() ?? "";
            var nameLength = Encoding.UTF8.GetByteCount(name);
            var valueLength = Encoding.UTF8.GetByteCount(value);
            var span = _metadata.GetSpan(PushRequestWriter.MetadataBytes(nameLength, valueLength));
            _metadata.Advance(PushRequestWriter.WriteMetadata(
                span, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value)));
        }

        return true;
    }

    private static bool TryReadTimestamp(ref Utf8JsonReader reader, out long timestamp)
    {
        timestamp = 0;
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number)) return false;

        var digits = reader.ValueSpan;
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out timestamp);
    }

    private static void ReadText(ref Utf8JsonReader reader, ArrayBufferWriter<byte> text)
    {
        text.ResetWrittenCount();
        // Unescaping only shortens.
        text.Advance(reader.CopyString(text.GetSpan(Math.Max(reader.ValueSpan.Length, 1))));
    }
}
