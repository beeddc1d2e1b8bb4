using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Node.Admin;

/// <summary>The bearer token of the admin endpoint: from a file, read again at a reload, or from the
/// environment.</summary>
public sealed class AdminToken
{
    /// <summary>The environment variable, for nodes and for the commands that ask them.</summary>
    public const string Variable = "WEIR_TOKEN";

    /// <summary>Characters of a token: what guessing would take too long for, if it is random.</summary>
    public const int LengthMin = 16;

    private readonly string? _file;
    private volatile byte[]? _hash;

    private AdminToken(string? file, string? text)
    {
        _file = file;
        _hash = text is null ? null : HashOf(text);
        // What the process itself needs to push to its own store; nobody else ever learns it.
        Own = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    }

    /// <summary>Whether an operator has set one.</summary>
    public bool IsSet => _hash is not null;

    /// <summary>A second one that this process alone knows.</summary>
    public string Own { get; }

    /// <param name="file">Null: none was named.</param>
    /// <param name="environment">The variable's value; null or "" where unset.</param>
    /// <exception cref="IOException">The file cannot be read, or holds no token.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read the file.</exception>
    public static AdminToken Read(string? file, string? environment)
    {
        if (file is not null) return new AdminToken(file, ReadFile(file));
        return new AdminToken(null, string.IsNullOrEmpty(environment) ? null : Checked(environment.Trim(), Variable));
    }

    /// <summary>None: who listens on loopback alone needs none.</summary>
    public static AdminToken None() => new(null, null);

    /// <summary>Reads the file again.</summary>
    /// <exception cref="IOException">It cannot be read, or holds no token: the former one stays.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it: the former one stays.</exception>
    public void Reload()
    {
        if (_file is not null) _hash = HashOf(ReadFile(_file));
    }

    /// <summary>Whether a request has one of the tokens, in a time that tells nothing of them.</summary>
    public bool IsCarriedBy(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var given)
            || !"Bearer".Equals(given.Scheme, StringComparison.OrdinalIgnoreCase) || given.Parameter is null)
            return false;
        // Hashes are of one length, so the comparison's time tells nothing of the token's.
        var hash = HashOf(given.Parameter);
        var isOwn = CryptographicOperations.FixedTimeEquals(hash, HashOf(Own));
        return (_hash is { } wanted && CryptographicOperations.FixedTimeEquals(hash, wanted)) | isOwn;
    }

    private static string ReadFile(string file) => Checked(File.ReadAllText(file).Trim(), file);

    private static string Checked(string token, string place)
    {
        if (token.Length < LengthMin)
            throw new IOException(
                $"{place}: a token has at least {LengthMin} characters: `openssl rand -hex 32` makes one");
        foreach (var letter in token)
        {
            if (letter is <= ' ' or > '~')
                throw new IOException($"{place}: a token is one word of ASCII letters, digits and signs");
        }

        return token;
    }

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
