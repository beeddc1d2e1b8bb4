using System.Globalization;
using System.Text;

namespace Weir.Routing.Secrets;

/// <summary>A file of rules is refused.</summary>
/// <param name="message">Begins with the line, where one is at fault.</param>
public sealed class SecretRuleException(string message) : Exception(message);

/// <summary>
/// Reads TOML as far as files of rules use it: tables, lists of tables, strings of every kind, numbers, truth values,
/// arrays, inline tables; no dates. Values are string, double, bool, <see cref="List{T}"/> and
/// <see cref="Dictionary{TKey, TValue}"/>.
/// </summary>
internal sealed class TomlReader
{
    private const int NestingMax = 50;

    private readonly string _text;
    private int _at;

    private TomlReader(string text) => _text = text.Replace("\r\n", "\n", StringComparison.Ordinal);

    /// <exception cref="SecretRuleException">It is no TOML.</exception>
    public static Dictionary<string, object> Parse(string text) => new TomlReader(text).ReadDocument();

    private bool IsAtEnd => _at == _text.Length;

    private char Current => IsAtEnd ? '\0' : _text[_at];

    private Dictionary<string, object> ReadDocument()
    {
        var root = NewTable();
        var table = root;
        while (true)
        {
            SkipBlank(lines: true);
            if (IsAtEnd) return root;
            if (Current == '[') table = ReadHeader(root);
            else ReadPair(table, 0);
            SkipBlank(lines: false);
            if (!IsAtEnd && Current != '\n') throw Wrong("expected the end of the line");
        }
    }

    private static Dictionary<string, object> NewTable() => new(StringComparer.Ordinal);

    private Dictionary<string, object> ReadHeader(Dictionary<string, object> root)
    {
        _at++;
        var isList = TryTake('[');
        var path = ReadPath();
        if (!TryTake(']') || (isList && !TryTake(']'))) throw Wrong("expected ]");
        var table = root;
        foreach (var name in path.SkipLast(1)) table = Enter(table, name);
        if (!isList) return Enter(table, path[^1]);
        if (!table.TryGetValue(path[^1], out var known)) table[path[^1]] = known = new List<object>();
        if (known is not List<object> list) throw Wrong($"\"{path[^1]}\" is no list of tables");
        var added = NewTable();
        list.Add(added);
        return added;
    }

    // Of a list of tables, the last one is meant.
    private Dictionary<string, object> Enter(Dictionary<string, object> table, string name)
    {
        if (!table.TryGetValue(name, out var inner)) table[name] = inner = NewTable();
        return inner switch
        {
            Dictionary<string, object> found => found,
            List<object> and [.., Dictionary<string, object> last] => last,
            _ => throw Wrong($"\"{name}\" is no table"),
        };
    }

    private void ReadPair(Dictionary<string, object> table, int depth)
    {
        var path = ReadPath();
        if (!TryTake('=')) throw Wrong("expected = behind a name");
        SkipBlank(lines: false);
        foreach (var name in path.SkipLast(1)) table = Enter(table, name);
        if (!table.TryAdd(path[^1], ReadValue(depth))) throw Wrong($"\"{path[^1]}\" is given twice");
    }

    private List<string> ReadPath()
    {
        var path = new List<string>();
        do
        {
            SkipBlank(lines: false);
            path.Add(Current is '"' or '\'' ? ReadString() : ReadBare());
            SkipBlank(lines: false);
        }
        while (TryTake('.'));
        return path;
    }

    private string ReadBare()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '_' or '-') _at++;
        return _at > start ? _text[start.._at] : throw Wrong("expected a name");
    }

    private object ReadValue(int depth)
    {
        if (depth > NestingMax) throw Wrong($"nested more than {NestingMax} levels deep");
        switch (Current)
        {
            case '"' or '\'': return ReadString();
            case '[': return ReadArray(depth);
            case '{': return ReadInline(depth);
        }

        var start = _at;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '_' or '-' or '+' or '.') _at++;
        var word = _text[start.._at];
        if (word is "true" or "false") return word == "true";
        var digits = word.Replace("_", "", StringComparison.Ordinal);
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number : throw Wrong("expected a value");
    }

    private List<object> ReadArray(int depth)
    {
        _at++;
        var items = new List<object>();
        while (true)
        {
            SkipBlank(lines: true);
            if (TryTake(']')) return items;
            items.Add(ReadValue(depth + 1));
            SkipBlank(lines: true);
            if (TryTake(',')) continue;
            return TryTake(']') ? items : throw Wrong("expected , or ] in an array");
        }
    }

    private Dictionary<string, object> ReadInline(int depth)
    {
        _at++;
        var table = NewTable();
        SkipBlank(lines: false);
        if (TryTake('}')) return table;
        do ReadPair(table, depth + 1);
        while (SkipBlank(lines: false) && TryTake(','));
        return TryTake('}') ? table : throw Wrong("expected , or } in an inline table");
    }

    private string ReadString()
    {
        var quote = Current;
        var isLong = string.CompareOrdinal(_text, _at, new string(quote, 3), 0, 3) == 0;
        var close = new string(quote, isLong ? 3 : 1);
        _at += close.Length;
        if (isLong && Current == '\n') _at++;
        var text = new StringBuilder();
        while (string.CompareOrdinal(_text, _at, close, 0, close.Length) != 0)
        {
            if (IsAtEnd || (!isLong && Current == '\n')) throw Wrong("a string is not closed");
            if (Current == '\\' && quote == '"') ReadEscape(text);
            else text.Append(_text[_at++]);
        }

        _at += close.Length;
        // Of a long string, up to two quotes may stand before the closing ones.
        for (; isLong && Current == quote; _at++) text.Append(quote);
        return text.ToString();
    }

    private void ReadEscape(StringBuilder text)
    {
        _at++;
        var kind = Current;
        if (IsAtEnd) throw Wrong("a string is not closed");
        _at++;
        switch (kind)
        {
            case 'b': text.Append('\b'); break;
            case 't': text.Append('\t'); break;
            case 'n': text.Append('\n'); break;
            case 'f': text.Append('\f'); break;
            case 'r': text.Append('\r'); break;
            case '"' or '\\': text.Append(kind); break;
            case 'u': ReadUnicode(text, 4); break;
            case 'U': ReadUnicode(text, 8); break;
            case '\n':
                while (char.IsWhiteSpace(Current)) _at++;
                break;
            default: throw Wrong($"there is no escape \\{kind}; patterns stand in ''' … '''");
        }
    }

    private void ReadUnicode(StringBuilder text, int digits)
    {
        if (_at + digits > _text.Length
            || !uint.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out var code)
            || !Rune.IsValid(code)) throw Wrong("expected the number of a character");
        text.Append(new Rune(code).ToString());
        _at += digits;
    }

    /// <returns>Always true.</returns>
    private bool SkipBlank(bool lines)
    {
        while (true)
        {
            if (Current is ' ' or '\t' || (lines && Current == '\n')) _at++;
            else if (Current == '#')
            {
                while (!IsAtEnd && Current != '\n') _at++;
            }
            else return true;
        }
    }

    private bool TryTake(char character)
    {
        if (IsAtEnd || Current != character) return false;
        _at++;
        return true;
    }

    private SecretRuleException Wrong(string message) =>
        new($"line {_text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n') + 1}: {message}");
}
