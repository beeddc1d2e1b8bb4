using System.Security.Cryptography;

namespace Weir.Node.Cluster;

/// <summary>The id of a node: made once and kept inside the spool, for the numbers of fragments begin anew with a new
/// spool.</summary>
internal static class NodeIdentity
{
    private const string FileName = "node-id";
    private const int Bytes = 8;

    /// <param name="spool">The spool's folder.</param>
    /// <exception cref="IOException">It cannot be read or kept.</exception>
    public static string ReadOrMake(string spool)
    {
        var path = Path.Combine(spool, FileName);
        if (File.Exists(path))
        {
            var kept = File.ReadAllText(path).Trim();
            if (kept.Length == Bytes * 2 && kept.All(char.IsAsciiHexDigitLower)) return kept;
            throw new IOException($"{path} holds no id of a node: remove it, and the spool with it if it was copied");
        }

        Directory.CreateDirectory(spool);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
        // Whole or not at all: half an id would refuse the next start.
        var temporary = path + ".new";
        using (var file = File.Create(temporary))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(id + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        return id;
    }
}
