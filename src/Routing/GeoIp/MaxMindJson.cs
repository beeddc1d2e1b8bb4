using System.Text;
using System.Text.Json;

namespace Weir.Routing.GeoIp;

/// <summary>Writes what a database knows as JSON, for expressions over it.</summary>
internal static class MaxMindJson
{
    /// <summary>Containers within each other; a damaged file may nest without end.</summary>
    public const int DepthMax = 32;

    /// <summary>Values of a record; pointers let a small file describe a huge one.</summary>
    public const int ValuesMax = 10_000;

    /// <returns>False when the record is damaged or too large.</returns>
    public static bool TryWrite(MaxMindData data, MaxMindValue record, Utf8JsonWriter writer)
    {
        var values = 0;
        return TryWrite(data, record, writer, 0, ref values);
    }

    private static bool TryWrite(
        MaxMindData data, MaxMindValue value, Utf8JsonWriter writer, int depth, ref int values)
    {
        if (++values > ValuesMax) return false;
        switch (value.Kind)
        {
            case MaxMindKind.Map or MaxMindKind.Array:
                return depth < DepthMax && TryMembers(data, value, writer, depth + 1, ref values);
            case MaxMindKind.Text:
                writer.WriteStringValue(Encoding.UTF8.GetString(data.Bytes.Slice(value.Start, value.Size)));
                return true;
            case MaxMindKind.Bool:
                writer.WriteBooleanValue(value.Size != 0);
                return true;
            case MaxMindKind.Bytes:
                writer.WriteBase64StringValue(data.Bytes.Slice(value.Start, value.Size));
                return true;
            case MaxMindKind.UInt128:
                writer.WriteStringValue(data.Large(value).ToString());
                return true;
            default:
                if (data.TryWhole(value, out var whole)) writer.WriteNumberValue(whole);
                else if (data.TryReal(value, out var real)) writer.WriteNumberValue(real);
                else writer.WriteNullValue();
                return true;
        }
    }

    private static bool TryMembers(
        MaxMindData data, MaxMindValue container, Utf8JsonWriter writer, int depth, ref int values)
    {
        var isMap = container.Kind == MaxMindKind.Map;
        if (isMap) writer.WriteStartObject();
        else writer.WriteStartArray();
        var at = container.Start;
        for (var i = 0; i < container.Size; i++)
        {
            if (isMap)
            {
                if (!data.TryKey(ref at, out var key)) return false;
                writer.WritePropertyName(Encoding.UTF8.GetString(data.Bytes.Slice(key.Start, key.Size)));
            }

            var place = at;
            if (!data.TryRead(ref place, out var member) || !TryWrite(data, member, writer, depth, ref values)
                || !data.TrySkip(ref at))
            {
                return false;
            }
        }

        if (isMap) writer.WriteEndObject();
        else writer.WriteEndArray();
        return true;
    }
}
