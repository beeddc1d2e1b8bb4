using System.Net.Sockets;
using Weir.Node.Sources.Files.Globbing;
using Weir.Routing.Ports;

namespace Weir.Node.Agent;

/// <summary>Looks at this host for the config doctor.</summary>
internal sealed class HostInspection : IHostInspection
{
    private const string JournalFiles = "*.journal";

    private static readonly string[] JournalFolders = ["/var/log/journal", "/run/log/journal"];

    public string? SocketProblem(string path)
    {
        if (!Path.Exists(path)) return $"there is no {path}";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return null;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.AccessDenied)
        {
            return $"user {Environment.UserName} may not open {path}";
        }
        catch (SocketException refused)
        {
            return $"{path}: {refused.Message}";
        }
        catch (ArgumentException tooLong)
        {
            return $"{path}: {tooLong.Message}";
        }
    }

    public string? JournalProblem(string folder)
    {
        string[] folders = folder.Length > 0 ? [folder] : JournalFolders;
        var there = folders.Where(Directory.Exists).ToList();
        if (there.Count == 0) return $"there is no {string.Join(" and no ", folders)}";
        var problem = $"there is no journal in {string.Join(" or ", there)}";
        foreach (var one in there)
        {
            try
            {
                foreach (var file in Directory.EnumerateFiles(one, JournalFiles, SearchOption.AllDirectories))
                {
                    using var opened = File.OpenHandle(file, options: FileOptions.None, share: FileShare.ReadWrite);
                    return null;
                }
            }
            catch (UnauthorizedAccessException)
            {
                problem = $"user {Environment.UserName} may not read {one}";
            }
            catch (IOException failed)
            {
                problem = $"{one}: {failed.Message}";
            }
        }

        return problem;
    }

    public int? CountFiles(string glob)
    {
        try
        {
            return GlobWalker.Find(GlobPattern.Parse(glob)).Files.Count;
        }
        catch (GlobException)
        {
            return null;
        }
    }
}
