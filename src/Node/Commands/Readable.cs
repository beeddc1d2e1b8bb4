using System.Globalization;
using System.Text;

namespace Weir.Node.Commands;

/// <summary>Numbers and texts for people at a terminal.</summary>
internal static class Readable
{
    private const string Units = "KMGTP";

    /// <returns><c>850ms</c>, <c>12s</c>, <c>3m12s</c>, <c>5h3m</c>, <c>2d4h</c>; <c>-</c> for none.</returns>
    public static string Duration(double seconds)
    {
        if (!(seconds > 0)) return "-";
        if (seconds < 1) return string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0}ms");
        var whole = (long)Math.Min(seconds, int.MaxValue);
        return whole switch
        {
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{whole}s"),
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{whole / 60}m{whole % 60}s"),
            < 86400 => string.Create(CultureInfo.InvariantCulture, $"{whole / 3600}h{whole % 3600 / 60}m"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{whole / 86400}d{whole % 86400 / 3600}h"),
        };
    }

    /// <returns><c>0B</c>, <c>912B</c>, <c>1.5KiB</c>, <c>12MiB</c>.</returns>
    public static string Bytes(double bytes)
    {
        if (!(bytes >= 1)) return "0B";
        var power = 0;
        for (; bytes >= 1024 && power < Units.Length; power++) bytes /= 1024;
        var number = bytes.ToString(bytes < 10 && power > 0 ? "0.#" : "0", CultureInfo.InvariantCulture);
        return power == 0 ? $"{number}B" : $"{number}{Units[power - 1]}iB";
    }

    public static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);

    /// <summary>One line without what would steer a terminal: who writes a log must not.</summary>
    public static string Line(string text)
    {
        if (!text.Any(IsControl)) return text;
        var safe = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            if (letter is '\n' or '\r') safe.Append(' ');
            else if (IsControl(letter)) safe.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}");
            else safe.Append(letter);
        }

        return safe.ToString();
    }

    private static bool IsControl(char letter) => char.IsControl(letter) && letter != '\t';
}
