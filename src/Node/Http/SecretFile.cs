using Weir.Routing.Language;

namespace Weir.Node.Http;

/// <summary>A secret could not be had: nothing was sent.</summary>
public sealed class CredentialException(string message) : HttpRequestException(message);

/// <summary>A secret from the configuration, or from a file that is read anew each time, since it may rotate.</summary>
internal sealed class SecretFile(string argument, Secret? inline, string path)
{
    /// <exception cref="CredentialException">The file cannot be read.</exception>
    public async ValueTask<string> ReadAsync(CancellationToken cancel)
    {
        if (path.Length == 0) return inline?.Reveal() ?? "";
        try
        {
            return (await File.ReadAllTextAsync(path, cancel)).Trim();
        }
        catch (IOException fault)
        {
            throw new CredentialException($"{argument}: {fault.Message}");
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new CredentialException($"{argument}: {fault.Message}");
        }
    }
}
