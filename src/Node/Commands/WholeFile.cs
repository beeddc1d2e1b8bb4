using System.Text;

namespace Weir.Node.Commands;

/// <summary>Writes files so that a crash leaves the old one or the new one, never half of one.</summary>
internal static class WholeFile
{
    /// <param name="path">The file, which may exist.</param>
    /// <param name="text">Its new content.</param>
    /// <param name="mode">Who may read it.</param>
    /// <param name="cancel">Leaves the file as it was.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static async Task ReplaceAsync(string path, string text, UnixFileMode mode, CancellationToken cancel)
    {
        if (new FileInfo(path).LinkTarget is not null) // a link stays a link
            path = File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        var temporary = $"{path}.weir-new";
        try
        {
            await using (var stream = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode,
            }))
            {
                // The mode of a file that a crash left behind may be wider.
                File.SetUnixFileMode(stream.SafeFileHandle, mode);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary); // there is none after the move
        }
    }
}
