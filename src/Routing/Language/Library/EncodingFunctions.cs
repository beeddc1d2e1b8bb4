using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Weir.Routing.Language;

/// <summary>The functions of <c>encoding</c>.</summary>
internal static class EncodingFunctions
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = Parser.NestingMax };
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: false);

    public static IReadOnlyList<FunctionValue> All { get; } =
    [
        StandardLibrary.Function("encoding.from_json", 1, 1, arguments => ParseJson(Arguments.Text(arguments, 0), 0)),
        StandardLibrary.Function("encoding.to_json", 1, 1, ToJson),
        StandardLibrary.Function("encoding.from_yaml", 1, 1, arguments =>
            YamlValues.Parse(Arguments.Text(arguments, 0))),
        OfText("encoding.from_base64", text => FromBase64(text)),
        OfText("encoding.from_URLbase64", text => FromBase64(text.Replace('-', '+').Replace('_', '/'))),
        OfText("encoding.to_base64", text => Convert.ToBase64String(Utf8.GetBytes(text))),
        OfText("encoding.to_URLbase64",
            text => Convert.ToBase64String(Utf8.GetBytes(text)).Replace('+', '-').Replace('/', '_')),
        OfText("encoding.url_encode", UrlEncode),
        OfText("encoding.url_decode", text => WebUtility.UrlDecode(text)),
    ];

    /// <exception cref="FunctionException">It is no JSON; the message tells the position, not the content.</exception>
    public static Value ParseJson(string text, int argument)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return ToValue(document.RootElement);
        }
        catch (JsonException wrong)
        {
            throw new FunctionException(argument,
                $"the text is no valid JSON (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1})");
        }
    }

    private static FunctionValue OfText(string name, Func<string, string> call) =>
        StandardLibrary.Function(name, 1, 1, arguments => new StringValue(call(Arguments.Text(arguments, 0))));

    private static Value ToValue(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new ObjectValue(element.EnumerateObject()
            .Select(property => KeyValuePair.Create(property.Name, ToValue(property.Value)))),
        JsonValueKind.Array => new ArrayValue([.. element.EnumerateArray().Select(ToValue)]),
        JsonValueKind.String => new StringValue(element.GetString()!),
        JsonValueKind.Number => NumberValue.TryParse(element.GetRawText(), out var number)
            ? number : throw new FunctionException(0, "the JSON holds a number that is too large"),
        JsonValueKind.True => BoolValue.True,
        JsonValueKind.False => BoolValue.False,
        _ => NullValue.Instance,
    };

    private static StringValue ToJson(IReadOnlyList<Value> arguments)
    {
        if (arguments[0] is not ObjectValue fields) throw Arguments.Wrong(0, "object", arguments[0]);
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, Plain)) Write(writer, fields);
        return new StringValue(Utf8.GetString(bytes.WrittenSpan));
    }

    // Sorted, as Go's encoding/json writes maps.
    private static void Write(Utf8JsonWriter writer, Value value)
    {
        switch (value)
        {
            case NullValue: writer.WriteNullValue(); break;
            case StringValue text: writer.WriteStringValue(text.Text); break;
            case BoolValue truth: writer.WriteBooleanValue(truth.Value); break;
            case NumberValue { IsWhole: true } number:
                writer.WriteRawValue(number.Whole.ToString(CultureInfo.InvariantCulture));
                break;
            case NumberValue number when double.IsFinite(number.Float): writer.WriteNumberValue(number.Float); break;
            case ArrayValue array:
                writer.WriteStartArray();
                foreach (var element in array.Elements) Write(writer, element);
                writer.WriteEndArray();
                break;
            case ObjectValue fields:
                writer.WriteStartObject();
                foreach (var (name, field) in fields.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, field);
                }
                writer.WriteEndObject();
                break;
            default: throw new FunctionException(0, $"{value.TypeName} cannot be written as JSON");
        }
    }

    private static string FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? Utf8.GetString(bytes.AsSpan(0, length))
            : throw new FunctionException(0, "the text is no valid base64 (with padding)");
    }

    // Go's url.QueryEscape: everything but letters, digits and "-_.~" is escaped; a space becomes "+".
    private static string UrlEncode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var octet in Utf8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~')
                encoded.Append((char)octet);
            else if (octet == ' ') encoded.Append('+');
            else encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }
        return encoded.ToString();
    }
}
