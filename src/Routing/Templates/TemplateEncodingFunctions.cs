using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Routing.Templates;

/// <summary>Functions of Go and Sprig that encode, sum up and encrypt.</summary>
internal static class TemplateEncodingFunctions
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int AesKeyBytes = 32;
    private const int AesBlockBytes = 16;

    private static readonly SearchValues<char> Base32Digits = SearchValues.Create(Base32);

    public static TemplateFunction[] All =>
    [
        new("js", 1, TemplateFunctions.Any, call => JavaScript(TemplateFormat.PrintAll(call.Values, isLine: false))),
        new("toDecimal", 1, 1, call => Octal(call.AnyText(0))),
        new("adler32sum", 1, 1, call => Adler32(Encoding.UTF8.GetBytes(call.Text(0)))),
        new("b32enc", 1, 1, call => ToBase32(Encoding.UTF8.GetBytes(call.Text(0)))),
        new("b32dec", 1, 1, call => FromBase32(call.Text(0))),
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
