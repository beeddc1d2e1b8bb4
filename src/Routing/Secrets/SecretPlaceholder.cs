using System.Security.Cryptography;
using System.Text;

namespace Weir.Routing.Secrets;

/// <summary>What takes a secret's place.</summary>
/// <param name="template">With <c>$SECRET_NAME</c> and <c>$SECRET_HASH</c>; "": the beginning of the secret
/// stays.</param>
/// <param name="percent">How much of the secret goes, 1 to 100.</param>
internal sealed class SecretPlaceholder(string template, int percent)
{
    private const string Name = "$SECRET_NAME";
    private const string Hash = "$SECRET_HASH";

    public byte[] For(string rule, ReadOnlySpan<byte> secret)
    {
        if (template.Length == 0) return percent >= 100 ? "REDACTED"u8.ToArray() : [.. Beginning(secret), .. "..."u8];
        var text = template.Replace(Name, rule, StringComparison.Ordinal);
        if (text.Contains(Hash, StringComparison.Ordinal))
            text = text.Replace(Hash, HashOf(secret), StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text);
    }

    private ReadOnlySpan<byte> Beginning(ReadOnlySpan<byte> secret)
    {
        var length = (int)Math.Round(secret.Length * (100 - percent) / 100.0, MidpointRounding.ToEven);
        // No character is cut in two.
        while (length > 0 && length < secret.Length && (secret[length] & 0xc0) == 0x80) length--;
        return secret[..length];
    }

#pragma warning disable CA5350 // It tells equal secrets apart from others, as those who read such lines expect.
    private static string HashOf(ReadOnlySpan<byte> secret) => Convert.ToHexStringLower(SHA1.HashData(secret));
#pragma warning restore CA5350
}
