using System.Globalization;
using System.Text;

namespace Weir.Routing.Promtail;

/// <summary>What a parameter expansion does to a variable's value. Positions count UTF-8 bytes.</summary>
internal static class EnvironmentFunctions
{
    /// <summary><c>${NAME:from:length}</c>; from the end when negative, the whole value when no number.</summary>
    public static string Slice(string value, string from, string? length)
    {
        if (!TryNumber(from, out var start)) return value;
        var bytes = Encoding.UTF8.GetBytes(value);
        if (start < 0) start = Math.Max(0, bytes.Length + start);
        var count = long.MaxValue;
        if (length is not null && !TryNumber(length, out count)) return value;
        if (start >= bytes.Length || count <= 0) return "";
        return Encoding.UTF8.GetString(bytes, (int)start, (int)Math.Min(count, bytes.Length - start));
    }

    /// <summary><c>${NAME^}</c>, <c>${NAME^^}</c>, <c>${NAME,}</c>, <c>${NAME,,}</c>.</summary>
    public static string Case(string value, bool toUpper, bool isAll)
    {
        if (value.Length == 0) return value;
        var first = isAll ? value.Length : Rune.GetRuneAt(value, 0).Utf16SequenceLength;
        var changed = toUpper ? value[..first].ToUpperInvariant() : value[..first].ToLowerInvariant();
        return changed + value[first..];
    }

    /// <summary><c>${NAME#pattern}</c>, <c>##</c>, <c>%</c> and <c>%%</c>: without what matches at its beginning or
    /// end.</summary>
    public static string Trim(string value, string pattern, bool atEnd, bool isLongest)
    {
        var glob = ShellPattern.Parse(pattern);
        if (glob is null) return value;
        var length = glob.MatchLength(value, atEnd, isLongest);
        return atEnd ? value[..^length] : value[length..];
    }

    /// <summary><c>${NAME/old/new}</c>, <c>//</c> for all, <c>/#</c> at the beginning, <c>/%</c> at the end.</summary>
    public static string Replace(string value, char mode, string old, string replacement)
    {
        if (old.Length == 0) return value;
        switch (mode)
        {
            case '/':
                return value.Replace(old, replacement, StringComparison.Ordinal);
            case '#':
                return value.StartsWith(old, StringComparison.Ordinal) ? replacement + value[old.Length..] : value;
            case '%':
                return value.EndsWith(old, StringComparison.Ordinal) ? value[..^old.Length] + replacement : value;
            default:
                var at = value.IndexOf(old, StringComparison.Ordinal);
                return at < 0 ? value : value[..at] + replacement + value[(at + old.Length)..];
        }
    }

    private static bool TryNumber(string text, out long number)
    {
        var isInt = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value);
        number = value;
        return isInt;
    }
}
