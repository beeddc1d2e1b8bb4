using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Routing.Templates;

/// <summary>Functions of Go and Sprig that break lines, encode, encrypt and compare versions.</summary>
internal static class TemplateMoreFunctions
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int AesKeyBytes = 32;
    private const int AesBlockBytes = 16;

    private static readonly SearchValues<char> Base32Digits = SearchValues.Create(Base32);

    public static TemplateFunction[] All =>
    [
        new("hello", 0, 0, _ => "Hello!"),
        new("call", 1, TemplateFunctions.Any, call => throw new TemplateException(
            $"error calling call: a {TemplateValues.KindOf(call[0])} is no function")),
        new("js", 1, TemplateFunctions.Any, call => JavaScript(TemplateFormat.PrintAll(call.Values, isLine: false))),
        new("wrap", 2, 2, call => Wrap(call, call.Text(1), "\n", breaksWords: false)),
        new("wrapWith", 3, 3, call => Wrap(call, call.Text(2), call.Text(1), breaksWords: true)),
        new("abbrevboth", 3, 3, AbbreviateBoth),
        new("seq", 0, 3, Sequence),
        new("toDecimal", 1, 1, call => Octal(call.AnyText(0))),
        new("adler32sum", 1, 1, call => Adler32(Encoding.UTF8.GetBytes(call.Text(0)))),
        new("b32enc", 1, 1, call => ToBase32(Encoding.UTF8.GetBytes(call.Text(0)))),
        new("b32dec", 1, 1, call => FromBase32(call.Text(0))),
        new("semver", 1, 1, call => SemanticVersion.Parse(call, call.Text(0))),
        new("semverCompare", 2, 2, call =>
            SemanticRange.Parse(call, call.Text(0)).Holds(SemanticVersion.Parse(call, call.Text(1)))),
        new("encryptAES", 2, 2, Encrypt),
        new("decryptAES", 2, 2, Decrypt),
    ];

    private static string JavaScript(string text)
    {
        var escaped = new StringBuilder();
        foreach (var unit in text)
        {
            if (unit is '\\' or '\'' or '"') escaped.Append('\\').Append(unit);
            else if (unit < ' ' || unit is '<' or '>' or '&' or '=' or '\u007f' or '\u2028' or '\u2029')
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
            else escaped.Append(unit);
        }

        return escaped.ToString();
    }

    // Counted in bytes, as Go counts.
    private static string Wrap(TemplateCall call, string text, string newLine, bool breaksWords)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var width = (int)Math.Clamp(call.Whole(0), 1, int.MaxValue / 2);
        var wrapped = new List<byte>(bytes.Length);
        var line = Encoding.UTF8.GetBytes(newLine.Length > 0 ? newLine : "\n");
        var at = 0;
        while (bytes.Length - at > width)
        {
            if (bytes[at] == ' ')
            {
                at++;
                continue;
            }

            var space = bytes.AsSpan(at, width + 1).LastIndexOf((byte)' ');
            var length = space >= 0 ? space : width;
            if (space < 0 && !breaksWords)
            {
                var next = bytes.AsSpan(at + width).IndexOf((byte)' ');
                if (next < 0) break;
                (space, length) = (width + next, width + next);
            }

            call.Run.SpendCharacters(line.Length);
            wrapped.AddRange(bytes.AsSpan(at, length));
            wrapped.AddRange(line);
            at += space >= 0 ? length + 1 : length;
        }

        wrapped.AddRange(bytes.AsSpan(at));
        return Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(wrapped));
    }

    // The middle of a text, dots on one or both sides.
    private static string AbbreviateBoth(TemplateCall call)
    {
        var (left, width, text) = (call.Whole(0), call.Whole(1), call.Text(2));
        if (width < 4 || (left > 0 && width < 7) || text.Length <= width) return text;
        const string Dots = "...";
        var from = (int)Math.Min(Math.Min(Math.Max(left, 0), text.Length), text.Length - (width - 3));
        if (from <= 4) return text[..((int)width - 3)] + Dots;
        // What was moved from the left edge needs room for dots as well.
        if (width < 7) return "";
        return from + width - 3 < text.Length ? Dots + text.AsSpan(from, (int)width - 6).ToString() + Dots
            : Dots + text[(text.Length - ((int)width - 3))..];
    }

    // As the command seq: the last, first and last, or first, step and last.
    private static string Sequence(TemplateCall call)
    {
        if (call.Count == 0) return "";
        var first = call.Count == 1 ? 1 : call.Whole(0);
        var last = call.Whole(call.Count - 1);
        var step = call.Count == 3 ? call.Whole(1) : last < first ? -1 : 1;
        var text = new StringBuilder();
        for (var at = (Int128)first; step > 0 ? at <= last : step < 0 && at >= last; at += step)
        {
            call.Run.Spend(1);
            if (text.Length > 0) text.Append(' ');
            text.Append(CultureInfo.InvariantCulture, $"{at}");
        }

        return text.ToString();
    }

    private static object Octal(string text)
    {
        var digits = text.TrimStart('-');
        Int128 number = 0;
        if (digits.Length == 0 || text.Length - digits.Length > 1) return 0L;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7') return 0L;
            number = number * 8 + (digit - '0');
            if (number > long.MaxValue) return text[0] == '-' ? long.MinValue : long.MaxValue;
        }

        return (long)(text[0] == '-' ? -number : number);
    }

    private static string Adler32(byte[] bytes)
    {
        const uint Modulus = 65_521;
        var (low, high) = (1u, 0u);
        foreach (var unit in bytes)
        {
            low = (low + unit) % Modulus;
            high = (high + low) % Modulus;
        }

        return ((high << 16) | low).ToString(CultureInfo.InvariantCulture);
    }

    private static string ToBase32(byte[] bytes)
    {
        var text = new StringBuilder();
        for (var bit = 0; bit < bytes.Length * 8; bit += 5)
        {
            var pair = (bytes[bit / 8] << 8) | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
            text.Append(Base32[(pair >> (11 - bit % 8)) & 31]);
        }

        return text.Append('=', (8 - text.Length % 8) % 8).ToString();
    }

    // What cannot be decoded gives Go's message instead.
    private static string FromBase32(string text)
    {
        var plain = text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        var digits = plain.TrimEnd('=');
        var wrong = digits.AsSpan().IndexOfAnyExcept(Base32Digits);
        var isCut = plain.Length % 8 != 0 || plain.Length - digits.Length > 6 || digits.Length % 8 is 1 or 3 or 6;
        if (wrong < 0 && isCut) wrong = digits.Length;
        if (wrong >= 0)
            return string.Create(CultureInfo.InvariantCulture, $"illegal base32 data at input byte {wrong}");
        var bytes = new byte[digits.Length * 5 / 8];
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var digit = Base32.IndexOf(digits[bit / 5], StringComparison.Ordinal);
            if (((digit >> (4 - bit % 5)) & 1) != 0) bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return Encoding.UTF8.GetString(bytes);
    }

    // AES-256 in CBC, the password's first bytes as key, the start vector before what was encrypted.
    private static string Encrypt(TemplateCall call)
    {
        if (call.Text(1).Length == 0) return "";
        using var aes = Cipher(call);
        var start = new byte[AesBlockBytes];
        call.Run.Surroundings.Chance.Fill(start);
        return Convert.ToBase64String([.. start, .. aes.EncryptCbc(Encoding.UTF8.GetBytes(call.Text(1)), start)]);
    }

    private static string Decrypt(TemplateCall call)
    {
        var text = call.Text(1);
        if (text.Length == 0) return "";
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length < 2 * AesBlockBytes
            || length % AesBlockBytes != 0)
            throw new TemplateException("error calling decryptAES: the text is none that encryptAES made");
        using var aes = Cipher(call);
        try
        {
            return Encoding.UTF8.GetString(
                aes.DecryptCbc(bytes.AsSpan(AesBlockBytes, length - AesBlockBytes), bytes.AsSpan(0, AesBlockBytes)));
        }
        catch (CryptographicException)
        {
            throw new TemplateException("error calling decryptAES: another password, or the text was changed");
        }
    }

    private static Aes Cipher(TemplateCall call)
    {
        var key = new byte[AesKeyBytes];
        var password = Encoding.UTF8.GetBytes(call.Text(0));
        password.AsSpan(0, Math.Min(password.Length, key.Length)).CopyTo(key);
        var aes = Aes.Create();
        aes.Key = key;
        return aes;
    }
}
