using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Weir.Routing.Stages;

internal enum JsonTokenKind : byte { Missing, Null, True, False, Number, String, Container }

/// <summary>A value of a JSON text: where it lies. A string's place is without its quotes.</summary>
internal readonly record struct JsonToken(JsonTokenKind Kind, int Start, int Length, bool IsEscaped = false);

/// <summary>Finds the values of wanted paths in one pass over a JSON object, and checks the whole of it against the
/// grammar.</summary>
/// <remarks>
/// Allocates nothing; decodes nothing but keys with escapes. Bytes that are no UTF-8 pass in strings, as in Alloy.
/// Of a
/// key that occurs twice the last one counts.
/// </remarks>
internal ref struct JsonScanner(ReadOnlySpan<byte> json, Span<JsonToken> tokens)
{
    /// <summary>Containers within each other; deeper texts count as malformed.</summary>
    public const int DepthMax = 1024;

    // A key with escapes that is longer is in no configuration.
    private const int EscapedKeyBytesMax = 1024;

    private readonly ReadOnlySpan<byte> _json = json;
    private readonly Span<JsonToken> _tokens = tokens;
    private int _at;

    /// <summary>Where the scan stands.</summary>
    public int Offset
    {
        readonly get => _at;
        init => _at = value;
    }

    /// <returns>False when the text is malformed or no object; what the tokens hold is then void.</returns>
    public bool TryScan(JsonPathNode root)
    {
        _tokens.Clear();
        SkipSpace();
        if (!TryTake((byte)'{')) return false;
        if (!TryObject(root)) return false;
        SkipSpace();
        return _at == _json.Length;
    }

    /// <summary>Checks any value and finds its kind and place.</summary>
    /// <returns>False when the text is malformed.</returns>
    public bool TryValue(out JsonToken token)
    {
        SkipSpace();
        token = default;
        return TryValue(ref token, 0);
    }

    /// <summary>Goes through the members of an object that <see cref="TryScan"/> has found well-formed.</summary>
    /// <param name="key">Without its quotes.</param>
    /// <returns>False after the last one.</returns>
    public bool TryMember(out JsonToken key, out JsonToken value)
    {
        key = value = default;
        SkipSpace();
        if (!TryTake((byte)'{') && !TryTake((byte)',')) return false;
        SkipSpace();
        if (!TryTake((byte)'"')) return false;
        var start = _at;
        if (!TryString(out var escaped)) return false;
        key = new JsonToken(JsonTokenKind.String, start, _at - start - 1, escaped);
        SkipSpace();
        return TryTake((byte)':') && TryValue(out value);
    }

    /// <summary>Goes through the elements of an array; <see cref="EndsArray"/> tells whether it is
    /// well-formed.</summary>
    /// <param name="isFirst">None has been taken yet.</param>
    /// <returns>False behind the last one, and at a fault.</returns>
    public bool TryElement(bool isFirst, out JsonToken element)
    {
        element = default;
        SkipSpace();
        if (!TryTake(isFirst ? (byte)'[' : (byte)',')) return false;
        SkipSpace();
        if (isFirst && _at < _json.Length && _json[_at] == ']') return false;
        if (TryValue(ref element, 1)) return true;
        _at = _json.Length;
        return false;
    }

    /// <summary>Whether the array, and the text with it, ends here.</summary>
    public bool EndsArray()
    {
        SkipSpace();
        if (!TryTake((byte)']')) return false;
        SkipSpace();
        return _at == _json.Length;
    }

    /// <summary>Behind an opening brace, to behind the closing one.</summary>
    private bool TryObject(JsonPathNode node)
    {
        SkipSpace();
        if (TryTake((byte)'}')) return true;
        while (true)
        {
            if (!TryTake((byte)'"')) return false;
            var start = _at;
            if (!TryString(out var escaped)) return false;
            var key = _json[start..(_at - 1)];
            var child = escaped ? FindEscaped(node, key) : node.Find(key);
            SkipSpace();
            if (!TryTake((byte)':')) return false;
            SkipSpace();
            if (!(child is null ? TrySkip() : TryWanted(child))) return false;
            SkipSpace();
            if (TryTake((byte)','))
            {
                SkipSpace();
                continue;
            }

            return TryTake((byte)'}');
        }
    }

    private bool TryWanted(JsonPathNode node)
    {
        // The last of equal keys counts, also for what the one before held.
        if (node.LeafCount > 0) _tokens.Slice(node.FirstLeaf, node.LeafCount).Clear();
        var start = _at;
        if (node.Children.Length > 0 && TryTake((byte)'{'))
        {
            if (!TryObject(node)) return false;
            if (node.Leaf >= 0) _tokens[node.Leaf] = new JsonToken(JsonTokenKind.Container, start, _at - start);
            return true;
        }

        JsonToken token = default;
        if (!TryValue(ref token, 0)) return false;
        if (node.Leaf >= 0) _tokens[node.Leaf] = token;
        return true;
    }

    private bool TrySkip()
    {
        JsonToken token = default;
        return TryValue(ref token, 0);
    }

    private bool TryValue(ref JsonToken token, int depth)
    {
        if (_at >= _json.Length) return false;
        var start = _at;
        switch (_json[_at])
        {
            case (byte)'"':
                _at++;
                if (!TryString(out var escaped)) return false;
                token = new JsonToken(JsonTokenKind.String, start + 1, _at - start - 2, escaped);
                return true;
            case (byte)'{' or (byte)'[':
                if (!TryContainer(depth)) return false;
                token = new JsonToken(JsonTokenKind.Container, start, _at - start);
                return true;
            case (byte)'t':
                token = new JsonToken(JsonTokenKind.True, start, 4);
                return TryWord("true"u8);
            case (byte)'f':
                token = new JsonToken(JsonTokenKind.False, start, 5);
                return TryWord("false"u8);
            case (byte)'n':
                token = new JsonToken(JsonTokenKind.Null, start, 4);
                return TryWord("null"u8);
            default:
                if (!TryNumber()) return false;
                token = new JsonToken(JsonTokenKind.Number, start, _at - start);
                return true;
        }
    }

    /// <summary>An object or array that nobody wants anything of, with whatever is in it.</summary>
    private bool TryContainer(int depth)
    {
        if (depth == DepthMax) return false;
        var isObject = _json[_at++] == '{';
        var close = isObject ? (byte)'}' : (byte)']';
        SkipSpace();
        if (TryTake(close)) return true;
        JsonToken token = default;
        while (true)
        {
            if (isObject)
            {
                if (!TryTake((byte)'"') || !TryString(out _)) return false;
                SkipSpace();
                if (!TryTake((byte)':')) return false;
                SkipSpace();
            }

            if (!TryValue(ref token, depth + 1)) return false;
            SkipSpace();
            if (TryTake(close)) return true;
            if (!TryTake((byte)',')) return false;
            SkipSpace();
        }
    }

    /// <summary>Behind an opening quote, to behind the closing one. 16 bytes a step.</summary>
    private bool TryString(out bool escaped)
    {
        escaped = false;
        ref var bytes = ref MemoryMarshal.GetReference(_json);
        while (true)
        {
            while (_json.Length - _at >= Vector128<byte>.Count)
            {
                var block = Vector128.LoadUnsafe(ref bytes, (nuint)_at);
                var special = Vector128.Equals(block, Vector128.Create((byte)'"'))
                    | Vector128.Equals(block, Vector128.Create((byte)'\\'))
                    | Vector128.LessThan(block, Vector128.Create((byte)' '));
                var mask = special.ExtractMostSignificantBits();
                if (mask != 0)
                {
                    _at += BitOperations.TrailingZeroCount(mask);
                    break;
                }

                _at += Vector128<byte>.Count;
            }

            while (_at < _json.Length && _json[_at] is not ((byte)'"' or (byte)'\\' or < (byte)' ')) _at++;
            if (_at >= _json.Length) return false;
            var found = _json[_at++];
            if (found == '"') return true;
            if (found != '\\' || !TryEscape()) return false;
            escaped = true;
        }
    }

    private bool TryEscape()
    {
        if (_at >= _json.Length) return false;
        switch (_json[_at++])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                return true;
            case (byte)'u':
                if (_json.Length - _at < 4) return false;
                for (var end = _at + 4; _at < end; _at++)
                    if (!char.IsAsciiHexDigit((char)_json[_at])) return false;
                return true;
            default:
                return false;
        }
    }

    private bool TryNumber()
    {
        TryTake((byte)'-');
        if (!TryTake((byte)'0') && !TryDigits()) return false;
        if (TryTake((byte)'.') && !TryDigits()) return false;
        if (!TryTake((byte)'e') && !TryTake((byte)'E')) return true;
        if (!TryTake((byte)'+')) TryTake((byte)'-');
        return TryDigits();
    }

    private bool TryDigits()
    {
        var start = _at;
        while (_at < _json.Length && (uint)(_json[_at] - '0') < 10) _at++;
        return _at > start;
    }

    private bool TryWord(ReadOnlySpan<byte> word)
    {
        if (!_json[_at..].StartsWith(word)) return false;
        _at += word.Length;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTake(byte unit)
    {
        if (_at >= _json.Length || _json[_at] != unit) return false;
        _at++;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipSpace()
    {
        if (_at < _json.Length && _json[_at] <= ' ') SkipSpaces();
    }

    private void SkipSpaces()
    {
        while (_at < _json.Length && _json[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') _at++;
    }

    private static JsonPathNode? FindEscaped(JsonPathNode node, ReadOnlySpan<byte> key)
    {
        if (key.Length > EscapedKeyBytesMax) return null;
        Span<byte> decoded = stackalloc byte[EscapedKeyBytesMax];
        return node.Find(decoded[..JsonText.Unescape(key, decoded)]);
    }
}
