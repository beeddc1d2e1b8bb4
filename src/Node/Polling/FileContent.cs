using System.Text;
using Weir.Routing.Components;

namespace Weir.Node.Polling;

/// <summary>Reads small files whole.</summary>
internal static class FileContent
{
    /// <summary>A larger file is no secret, list or module: it is refused.</summary>
    public const int BytesMax = 16 * 1024 * 1024;

    /// <exception cref="ComponentException">It cannot be read, or is too large.</exception>
    public static async ValueTask<string> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            await using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 4096, useAsync: true);
            return Encoding.UTF8.GetString(await ReadAsync(path, file, cancel));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException($"{path} cannot be read: {unreadable.Message}");
        }
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <exception cref="ComponentException">It is longer than <see cref="BytesMax"/>.</exception>
    public static async ValueTask<byte[]> ReadAsync(string name, Stream stream, CancellationToken cancel)
    {
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancel)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > BytesMax) throw new ComponentException($"{name} has more than {BytesMax} bytes");
        }

        return content.ToArray();
    }
}
