using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weir.Routing.Stages;

namespace Weir.Routing.Json;

/// <summary>What a value is, in JMESPath's words.</summary>
public enum JmesKind : byte { Null, Boolean, Number, String, Array, Object, Expression }

/// <summary>
/// A value while an expression is evaluated. What comes from a document is looked at only as far as needed.
/// </summary>
internal readonly struct JmesValue
{
    private static readonly JsonWriterOptions Unescaped =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 2 * JmesPath.DocumentDepthMax };

    private readonly object? _content;
    private readonly double _number;
    private readonly JsonElement _element;

    private JmesValue(JmesKind kind, object? content, double number = 0)
    {
        Kind = kind;
        _content = content;
        _number = number;
    }

    /// <param name="element">Its document must outlive the value.</param>
    public JmesValue(JsonElement element)
    {
        _element = element;
        Kind = element.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => JmesKind.Boolean,
            JsonValueKind.Number => JmesKind.Number,
            JsonValueKind.String => JmesKind.String,
            JsonValueKind.Array => JmesKind.Array,
            JsonValueKind.Object => JmesKind.Object,
            _ => JmesKind.Null,
        };
        if (Kind == JmesKind.Number) _number = element.GetDouble();
        if (!double.IsFinite(_number)) (Kind, _number) = (JmesKind.Null, 0); // beyond a double's range
        if (Kind == JmesKind.Boolean) _number = element.GetBoolean() ? 1 : 0;
        if (Kind == JmesKind.String) _content = element.GetString();
    }

    public static JmesValue Null => default;

    public JmesKind Kind { get; }

    public bool IsNull => Kind == JmesKind.Null;

    public double Number => _number;

    public string Text => (string)_content!;

    public JmesNode Expression => (JmesNode)_content!;

    /// <summary>JMESPath's truth: neither null, false, nor empty.</summary>
    public bool IsTrue => Kind switch
    {
        JmesKind.Null => false,
        JmesKind.Boolean => _number != 0,
        JmesKind.String => Text.Length > 0,
        JmesKind.Array => Length > 0,
        JmesKind.Object => Members.Any(),
        _ => true,
    };

    public int Length => _content is List<JmesValue> made ? made.Count : _element.GetArrayLength();

    public IEnumerable<JmesValue> Items => _content is List<JmesValue> made
        ? made : _element.EnumerateArray().Select(item => new JmesValue(item));

    public IEnumerable<(string Name, JmesValue Value)> Members => _content is Dictionary<string, JmesValue> made
        ? made.Select(pair => (pair.Key, pair.Value))
        : _element.EnumerateObject().Select(member => (member.Name, new JmesValue(member.Value)));

    public static JmesValue Of(bool truth) => new(JmesKind.Boolean, null, truth ? 1 : 0);

    public static JmesValue Of(double number) => new(JmesKind.Number, null, number);

    public static JmesValue Of(string text) => new(JmesKind.String, text);

    public static JmesValue Of(List<JmesValue> items) => new(JmesKind.Array, items);

    public static JmesValue Of(Dictionary<string, JmesValue> members) => new(JmesKind.Object, members);

    public static JmesValue Of(JmesNode expression) => new(JmesKind.Expression, expression);

    public JmesValue Item(int index) =>
        _content is List<JmesValue> made ? made[index] : new JmesValue(_element[index]);

    /// <summary>Of a key that occurs twice the last one counts.</summary>
    public JmesValue Member(string name)
    {
        if (Kind != JmesKind.Object) return Null;
        if (_content is Dictionary<string, JmesValue> made) return made.GetValueOrDefault(name);
        return _element.TryGetProperty(name, out var member) ? new JmesValue(member) : Null;
    }

    public bool Same(JmesValue other, JmesBudget budget)
    {
        budget.Spend(1);
        if (Kind != other.Kind) return false;
        switch (Kind)
        {
            case JmesKind.String: return Text == other.Text;
            case JmesKind.Boolean or JmesKind.Number: return _number.Equals(other._number);
            case JmesKind.Array:
                return Length == other.Length && Items.Zip(other.Items).All(pair =>
                    pair.First.Same(pair.Second, budget));
            case JmesKind.Object:
                var members = Members.ToArray();
                return members.Length == other.Members.Count()
                    && members.All(member => other.Has(member.Name)
                        && member.Value.Same(other.Member(member.Name), budget));
            default: return Kind == JmesKind.Null;
        }
    }

    /// <summary>The value as compact JSON.</summary>
    public string ToJson()
    {
        var target = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(target, Unescaped)) WriteTo(writer);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    /// <summary>Writes text as it is, a number as Go prints it, anything else as JSON.</summary>
    public void WriteText(IBufferWriter<byte> target)
    {
        if (Kind == JmesKind.String) Encoding.UTF8.GetBytes(Text, target);
        else if (Kind == JmesKind.Number)
            target.Advance(JsonText.FormatNumber(_number, target.GetSpan(JsonText.NumberBytesMax)));
        else Encoding.UTF8.GetBytes(ToJson(), target);
    }

    private bool Has(string name) => _content is Dictionary<string, JmesValue> made
        ? made.ContainsKey(name) : _element.TryGetProperty(name, out _);

    private void WriteTo(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case JmesKind.Boolean: writer.WriteBooleanValue(_number != 0); break;
            case JmesKind.Number: writer.WriteNumberValue(_number); break;
            case JmesKind.String: writer.WriteStringValue(Text); break;
            case JmesKind.Array:
                writer.WriteStartArray();
                foreach (var item in Items) item.WriteTo(writer);
                writer.WriteEndArray();
                break;
            case JmesKind.Object:
                writer.WriteStartObject();
                // Sorted, as Go's encoder does.
                foreach (var (name, value) in Members.OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }

                writer.WriteEndObject();
                break;
            default: writer.WriteNullValue(); break;
        }
    }
}
