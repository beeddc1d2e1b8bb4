using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Weir.Routing.Language;

/// <summary>
/// Writes option and exports records as JSON for the admin endpoint. Secrets, credentials in URLs and values of headers
/// whose name suggests a credential are replaced by <see cref="Secret.Mask"/>.
/// </summary>
public static class OptionJson
{
    /// <summary>Writes arguments and blocks of an option record under the names of the configuration.</summary>
    public static void WriteOptions(Utf8JsonWriter writer, object options)
    {
        writer.WriteStartObject();
        foreach (var slot in RecordSchema.Of(options.GetType()).Slots)
        {
            if (slot.Name.Length == 0 && ReferenceEquals(slot, RecordSchema.Of(options.GetType()).Sequence))
            {
                WriteSequence(writer, (IEnumerable?)slot.Get(options));
                continue;
            }
            writer.WritePropertyName(slot.Name.Length == 0 ? "label" : slot.Name);
            Write(writer, slot.Get(options), slot.Name.Contains("header", StringComparison.Ordinal));
        }
        writer.WriteEndObject();
    }

    /// <summary>Writes the fields of an exports record under the names of the configuration.</summary>
    public static void WriteExports(Utf8JsonWriter writer, object exports)
    {
        writer.WriteStartObject();
        foreach (var (name, property) in ExportsSchema.Of(exports.GetType()).Properties)
        {
            writer.WritePropertyName(name);
            Write(writer, property.GetValue(exports), false);
        }
        writer.WriteEndObject();
    }

    // In file order, each with its block's name: [{"stage.json": {…}}, …]
    private static void WriteSequence(Utf8JsonWriter writer, IEnumerable? members)
    {
        writer.WriteStartArray("blocks");
        foreach (var member in members ?? Array.Empty<object>())
        {
            var name = member.GetType().GetCustomAttribute<BlockNameAttribute>()!;
            writer.WriteStartObject();
            writer.WritePropertyName(name.Name);
            WriteOptions(writer, member);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, object? item, bool headers)
    {
        if (item is not null && RecordSchema.Of(item.GetType()).Slots.Count > 0) WriteOptions(writer, item);
        else if (item is IList records && records.Count > 0 && records[0] is { } first
            && RecordSchema.Of(first.GetType()).Slots.Count > 0)
        {
            writer.WriteStartArray();
            foreach (var record in records) Write(writer, record, headers);
            writer.WriteEndArray();
        }
        else WriteValue(writer, ProgramValues.ToValue(item), headers);
    }

    private static void WriteValue(Utf8JsonWriter writer, Value value, bool headers)
    {
        switch (value)
        {
            case NullValue: writer.WriteNullValue(); break;
            case BoolValue truth: writer.WriteBooleanValue(truth.Value); break;
            case NumberValue { IsWhole: true } number:
                writer.WriteRawValue(number.Whole.ToString(CultureInfo.InvariantCulture));
                break;
            case NumberValue number when double.IsFinite(number.Float): writer.WriteNumberValue(number.Float); break;
            case NumberValue number: writer.WriteStringValue(number.ToText()); break;
            case StringValue text: writer.WriteStringValue(SecretMask.MaskUrl(text.Text)); break;
            case SecretValue: writer.WriteStringValue(Secret.Mask); break;
            case ArrayValue array:
                writer.WriteStartArray();
                foreach (var element in array.Elements) WriteValue(writer, element, headers);
                writer.WriteEndArray();
                break;
            case ObjectValue fields:
                writer.WriteStartObject();
                foreach (var (name, field) in fields.Fields)
                {
                    writer.WritePropertyName(name);
                    if (headers && SecretMask.IsSecretName(name)) writer.WriteStringValue(Secret.Mask);
                    else WriteValue(writer, field, headers);
                }
                writer.WriteEndObject();
                break;
            default: writer.WriteStringValue($"({value.TypeName})"); break;
        }
    }
}
