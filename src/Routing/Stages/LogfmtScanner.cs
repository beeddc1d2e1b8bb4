namespace Weir.Routing.Stages;

/// <summary>A pair's places in its text; a quoted value's is without the quotes.</summary>
internal readonly record struct LogfmtPair(
    int KeyStart, int KeyLength, int ValueStart, int ValueLength, bool IsEscaped);

/// <summary>Walks logfmt as Go's decoder does: pairs apart by anything up to a space, values bare or in
/// quotes.</summary>
/// <remarks>A key without a value has an empty one. At a fault the walk ends.</remarks>
internal ref struct LogfmtScanner(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    /// <summary>The walk ended at a fault: a quote or equals sign where none may be, a quote that is not closed, an
    /// escape that is none, a key that is no UTF-8.</summary>
    public bool IsMalformed { get; private set; }

    public bool TryNext(out LogfmtPair pair)
    {
        pair = default;
        while (_at < _text.Length && _text[_at] <= ' ') _at++;
        if (_at == _text.Length) return false;
        var key = _at;
        if (!TryKey()) return Fail();
        var keyLength = _at - key;
        if (_at == _text.Length || _text[_at] != '=')
        {
            pair = new LogfmtPair(key, keyLength, _at, 0, false);
            return true;
        }

        var value = ++_at;
        if (_at < _text.Length && _text[_at] == '"')
        {
            _at++;
            if (!TryQuoted(out var escaped)) return Fail();
            pair = new LogfmtPair(key, keyLength, value + 1, _at - value - 2, escaped);
            return true;
        }

        while (_at < _text.Length && _text[_at] > ' ')
        {
            if (_text[_at] is (byte)'=' or (byte)'"') return Fail();
            _at++;
        }

        pair = new LogfmtPair(key, keyLength, value, _at - value, false);
        return true;
    }

    private bool TryKey()
    {
        var start = _at;
        var ascii = true;
        while (_at < _text.Length && _text[_at] is > (byte)' ' and not (byte)'=')
        {
            if (_text[_at] == '"') return false;
            ascii &= _text[_at] < 0x80;
            _at++;
        }

        var key = _text[start.._at];
        // Go looks for U+FFFD, which is what invalid bytes decode to, written out or not.
        return key.Length > 0
            && (ascii || (System.Text.Unicode.Utf8.IsValid(key) && key.IndexOf("\uFFFD"u8) < 0));
    }

    /// <summary>Behind an opening quote, to behind the closing one.</summary>
    private bool TryQuoted(out bool escaped)
    {
        escaped = false;
        while (true)
        {
            var length = _text[_at..].IndexOfAny((byte)'"', (byte)'\\');
            if (length < 0)
            {
                _at = _text.Length;
                return false;
            }

            _at += length + 1;
            if (_text[_at - 1] == '"') return true;
            escaped = true;
            if (!TryEscape()) return false;
        }
    }

    private bool TryEscape()
    {
        if (_at == _text.Length) return false;
        switch (_text[_at++])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'\'' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r'
                or (byte)'t':
                return true;
            case (byte)'u':
                if (_text.Length - _at < 4) return false;
                for (var end = _at + 4; _at < end; _at++)
                    if (!char.IsAsciiHexDigit((char)_text[_at])) return false;
                return true;
            default:
                return false;
        }
    }

    private bool Fail()
    {
        IsMalformed = true;
        return false;
    }
}
