using System.Text;
using Weir.Protocol.Batches;

namespace Weir.Protocol.Loki;

/// <summary>Recursive descent over <c>{name="value", …}</c>; one use a text.</summary>
internal ref struct LabelParser(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;

    /// <summary>Byte at which the parser stands: the fault, when there is one.</summary>
    public int Position { get; private set; }

    /// <returns>What is wrong, or "".</returns>
    public string Parse(List<Label> labels)
    {
        SkipSpace();
        if (!TryTake((byte)'{')) return "expected '{'";

        SkipSpace();
        while (!TryTake((byte)'}'))
        {
            if (labels.Count == LabelText.LabelsMax) return $"more than {LabelText.LabelsMax} labels";

            var fault = ParseLabel(labels);
            if (fault.Length > 0) return fault;

            SkipSpace();
            if (TryTake((byte)',')) SkipSpace();
            else if (Peek() != '}') return "expected ',' or '}'";
        }

        SkipSpace();
        return Position == _text.Length ? "" : "text behind the labels";
    }

    private string ParseLabel(List<Label> labels)
    {
        var start = Position;
        while (Peek() is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9')) Position++;
        if (!LabelText.IsName(_text[start..Position])) return "expected a label name";

        var name = Encoding.UTF8.GetString(_text[start..Position]);
        foreach (var label in labels)
        {
            if (label.Name == name) return $"label {name} occurs twice";
        }

        SkipSpace();
        if (!TryTake((byte)'=')) return "expected '='";

        SkipSpace();
        var fault = ParseValue(out var value);
        if (fault.Length == 0) labels.Add(new Label(name, value));
        return fault;
    }

    private string ParseValue(out string value)
    {
        value = "";
        var quote = Peek();
        if (quote is not ('"' or '\'' or '`')) return "expected a quoted value";

        Position++;
        var rest = _text[Position..];
        var end = quote == '`' ? rest.IndexOf((byte)'`') : rest.IndexOfAny((byte)quote, (byte)'\\', (byte)'\n');
        if (end >= 0 && rest[end] == quote)
        {
            value = Encoding.UTF8.GetString(rest[..end]);
            Position += end + 1;
            return "";
        }

        return quote == '`' ? "unterminated value" : ParseEscaped((byte)quote, out value);
    }

    private string ParseEscaped(byte quote, out string value)
    {
        var bytes = new byte[_text.Length - Position];
        var length = 0;
        value = "";
        while (Peek() is var next and >= 0)
        {
            if (next == '\n') return "a line break in a value";

            Position++;
            if (next == quote)
            {
                value = Encoding.UTF8.GetString(bytes, 0, length);
                return "";
            }

            if (next != '\\') bytes[length++] = (byte)next;
            else if (!TryParseEscape(quote, bytes.AsSpan(length), out var written)) return "an unknown escape";
            else length += written;
        }

        return "unterminated value";
    }

    /// <summary>Go's escapes. None yields more bytes than it takes.</summary>
    private bool TryParseEscape(byte quote, Span<byte> bytes, out int written)
    {
        written = 1;
        var kind = Peek();
        if (kind >= 0) Position++;
        switch (kind)
        {
            case 'a': bytes[0] = 7; return true;
            case 'b': bytes[0] = 8; return true;
            case 't': bytes[0] = 9; return true;
            case 'n': bytes[0] = 10; return true;
            case 'v': bytes[0] = 11; return true;
            case 'f': bytes[0] = 12; return true;
            case 'r': bytes[0] = 13; return true;
            case '\\': bytes[0] = (byte)'\\'; return true;
            case '"' or '\'': bytes[0] = (byte)kind; return kind == quote;
            case 'x': return TryParseNumber(2, 16, out var single) && Store(bytes, single);
            case 'u': return TryParseNumber(4, 16, out var four) && StoreRune(bytes, four, out written);
            case 'U': return TryParseNumber(8, 16, out var eight) && StoreRune(bytes, eight, out written);
            case >= '0' and <= '7':
                Position--;
                return TryParseNumber(3, 8, out var octal) && octal <= byte.MaxValue && Store(bytes, octal);
            default: return false;
        }
    }

    private bool TryParseNumber(int digits, uint radix, out uint number)
    {
        number = 0;
        for (var i = 0; i < digits; i++, Position++)
        {
            var digit = Peek() switch
            {
                >= '0' and <= '9' and var c => (uint)c - '0',
                >= 'a' and <= 'f' and var c => (uint)c - 'a' + 10,
                >= 'A' and <= 'F' and var c => (uint)c - 'A' + 10,
                _ => uint.MaxValue,
            };
            if (digit >= radix) return false;

            number = number * radix + digit;
        }

        return true;
    }

    private static bool Store(Span<byte> bytes, uint value)
    {
        bytes[0] = (byte)value;
        return true;
    }

    private static bool StoreRune(Span<byte> bytes, uint value, out int written)
    {
        written = 0;
        return Rune.TryCreate(value, out var rune) && rune.TryEncodeToUtf8(bytes, out written);
    }

    private void SkipSpace()
    {
        while (Peek() is ' ' or '\t' or '\n' or '\r') Position++;
    }

    private bool TryTake(byte expected)
    {
        if (Peek() != expected) return false;

        Position++;
        return true;
    }

    private readonly int Peek() => Position < _text.Length ? _text[Position] : -1;
}
