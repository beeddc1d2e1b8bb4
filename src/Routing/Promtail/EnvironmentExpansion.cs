using System.Text;
using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>
/// Puts environment variables into a file's text before it is read as YAML, as Promtail's <c>-config.expand-env</c>
/// does: <c>${NAME}</c>, <c>${NAME:-default}</c> and the other forms of a shell's parameter expansion, <c>$$</c> for
/// one
/// <c>$</c>, <c>\\</c> for one <c>\</c> and <c>\/</c> for a slash. A <c>$</c> that no brace follows means itself.
/// </summary>
internal sealed class EnvironmentExpansion
{
    /// <summary>Most expansions inside each other's defaults.</summary>
    public const int DepthMax = 16;

    private readonly SourceFile _file;
    private readonly string _source;
    private readonly Func<string, string?> _environment;
    private readonly DiagnosticBag _diagnostics;
    private readonly StringBuilder _text = new();
    private readonly List<ExpandedText.Piece> _pieces = [new(0, 0, null)];
    private int _at;

    private EnvironmentExpansion(SourceFile file, Func<string, string?> environment, DiagnosticBag diagnostics) =>
        (_file, _source, _environment, _diagnostics) = (file, file.Text, environment, diagnostics);

    /// <summary>Expands a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="environment">A variable's value; null when it is not set.</param>
    /// <param name="diagnostics">Gets expansions that cannot be understood, and variables that are not set.</param>
    /// <returns>Null when the text becomes too long, or too much in it is wrong.</returns>
    public static ExpandedText? Expand(
        SourceFile file, Func<string, string?> environment, DiagnosticBag diagnostics) =>
        new EnvironmentExpansion(file, environment, diagnostics).Run();

    private ExpandedText? Run()
    {
        while (_at < _source.Length)
        {
            if (_text.Length > YamlDocument.LengthMax)
            {
                _diagnostics.Error(new SourcePlace(_file, _at, 0),
                    $"the file is longer than {YamlDocument.LengthMax} characters with its variables expanded");
                return null;
            }
            if (_diagnostics.ErrorCount > PromtailConverter.DiagnosticsMax) return null;
            var start = _at;
            switch (_source[_at])
            {
                case '$' when Next == '{':
                    Replace(start, ReadExpansion(0) ?? Refuse(start));
                    break;
                case '$' when Next == '$':
                case '\\' when Next is '\\' or '/':
                    _at += 2;
                    Replace(start, _source[start + 1].ToString());
                    break;
                case '$' when Next is (>= 'A' and <= 'Z') or '_':
                    WarnOfBareName();
                    Copy();
                    break;
                default:
                    Copy();
                    break;
            }
        }
        return ExpandedText.Of(_file, _text.ToString(), _pieces);
    }

    private char Next => PeekAt(1);

    private char Current => PeekAt(0);

    private char PeekAt(int distance) => _at + distance < _source.Length ? _source[_at + distance] : '\0';

    private void Copy() => _text.Append(_source[_at++]);

    private void Replace(int start, string value)
    {
        _pieces.Add(new ExpandedText.Piece(_text.Length, start, _at - start));
        _text.Append(value);
        _pieces.Add(new ExpandedText.Piece(_text.Length, _at, null));
    }

    private string Refuse(int start)
    {
        var line = _source.IndexOf('\n', start);
        var end = Math.Max(start + 2, Math.Min(_at + 1, line < 0 ? _source.Length : line));
        _diagnostics.Error(new SourcePlace(_file, start, Math.Min(end, _source.Length) - start),
            "this is no expansion of a variable", "write ${NAME} or ${NAME:-default}; for a literal ${ write $${");
        _at = Math.Min(start + 2, _source.Length);
        return "${";
    }

    // At "${". Null, and the position somewhere inside, when it cannot be understood.
    private string? ReadExpansion(int depth)
    {
        if (depth == DepthMax) return null;
        var start = _at;
        _at += 2;
        var isLength = Current == '#';
        if (isLength) _at++;
        var name = ReadName();
        if (name.Length == 0) return null;
        if (isLength) return Close(() => Encoding.UTF8.GetByteCount(Value(name)).ToString(Invariant));
        switch (Current)
        {
            case '}':
                _at++;
                if (_environment(name) is { } value) return value;
                WarnOfUnset(name, new SourcePlace(_file, start, _at - start));
                return "";
            case ':' when Next is '=' or '-' or '?' or '+':
                return ReadDefault(name, 2, depth);
            case '=':
                return ReadDefault(name, 1, depth);
            case ':':
                return ReadSlice(name, depth);
            case ',' or '^':
                return ReadCasing(name);
            case '/':
                return ReadReplacement(name, depth);
            case '#' or '%':
                return ReadTrim(name, depth);
            default:
                return null;
        }
    }

    private static IFormatProvider Invariant => System.Globalization.CultureInfo.InvariantCulture;

    private string Value(string name) => _environment(name) ?? "";

    private string ReadName()
    {
        var start = _at;
        while (char.IsLetterOrDigit(Current) || Current is '_' or '-') _at++;
        return _source[start.._at];
    }

    private string? Close(Func<string> value)
    {
        if (Current != '}') return null;
        _at++;
        return value();
    }

    // All of :- := :? :+ and = give the default for an empty value, as Promtail's library does.
    private string? ReadDefault(string name, int operatorLength, int depth)
    {
        _at += operatorLength;
        var standIn = new StringBuilder();
        while (Current != '}')
        {
            if (_at >= _source.Length || ReadParameter("}", depth, false) is not { } part) return null;
            if (standIn.Append(part).Length > YamlDocument.LengthMax) return null;
        }
        var value = Value(name);
        return Close(() => value.Length > 0 ? value : standIn.ToString());
    }

    private string? ReadSlice(string name, int depth)
    {
        _at++;
        if (ReadParameter(":}", depth, false) is not { } from) return null;
        string? length = null;
        if (Current == ':')
        {
            _at++;
            length = ReadParameter("}", depth, false);
            if (length is null) return null;
        }
        return Close(() => EnvironmentFunctions.Slice(Value(name), from, length));
    }

    private string? ReadCasing(string name)
    {
        var function = Current;
        _at++;
        var isAll = Current is ',' or '^';
        if (isAll) _at++;
        return Close(() => EnvironmentFunctions.Case(Value(name), function == '^', isAll));
    }

    private string? ReadTrim(string name, int depth)
    {
        var mark = Current;
        _at++;
        var isLongest = Current == mark;
        if (isLongest) _at++;
        if (ReadParameter("}", depth, false) is not { Length: <= ShellPattern.LengthMax } pattern) return null;
        return Close(() => EnvironmentFunctions.Trim(Value(name), pattern, mark == '%', isLongest));
    }

    private string? ReadReplacement(string name, int depth)
    {
        _at++;
        var mode = Current is '/' or '#' or '%' ? Current : '\0';
        if (mode != '\0') _at++;
        if (ReadParameter("/", depth, true) is not { } pattern || Current != '/') return null;
        _at++;
        var replacement = "";
        if (Current != '}')
        {
            if (ReadParameter("}", depth, true) is not { } written) return null;
            replacement = written;
        }
        // Each character of the value may be replaced by as much.
        if ((long)Value(name).Length * replacement.Length > YamlDocument.LengthMax) return null;
        return Close(() => EnvironmentFunctions.Replace(Value(name), mode, pattern, replacement));
    }

    // A parameter is one expansion, or text up to one of the ends or the next expansion.
    private string? ReadParameter(string ends, int depth, bool withEscapes)
    {
        if (Current == '$' && Next == '{') return ReadExpansion(depth + 1);
        var text = new StringBuilder();
        while (_at < _source.Length && !ends.Contains(Current, StringComparison.Ordinal)
            && !(Current == '$' && Next == '{'))
        {
            if (withEscapes && ((Current == '$' && Next == '$') || (Current == '\\' && Next is '\\' or '/'))) _at++;
            text.Append(_source[_at++]);
        }
        return _at < _source.Length ? text.ToString() : null;
    }

    private void WarnOfUnset(string name, SourcePlace place) =>
        _diagnostics.Warning(place, $"the environment variable {name} is not set, so that nothing stands here",
            name.All(char.IsAsciiDigit)
                ? $"if a group of a regular expression is meant, write ${name} or $${{{name}}}"
                : $"set it, or give a default: ${{{name}:-default}}");

    private void WarnOfBareName()
    {
        var end = _at + 1;
        while (end < _source.Length && (char.IsAsciiLetterOrDigit(_source[end]) || _source[end] == '_')) end++;
        var name = _source[(_at + 1)..end];
        if (_environment(name) is null) return;
        _diagnostics.Warning(new SourcePlace(_file, _at, end - _at), $"${name} is not expanded, only ${{{name}}} is",
            $"write ${{{name}}} if the variable is meant");
    }
}
