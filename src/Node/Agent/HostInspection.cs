using System.Net.Sockets;
using Weir.Node.Sources.Files.Globbing;
using Weir.Node.Sources.Journal;
using Weir.Routing.Ports;

namespace Weir.Node.Agent;

/// <summary>Looks at this host for the config doctor.</summary>
internal sealed class HostInspection : IHostInspection
{
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

    public string? JournalProblem(string folder) =>
        JournalAccess.Of(folder).Problem is { Length: > 0 } problem ? problem : null;

    public bool HasVariable(string name) => Environment.GetEnvironmentVariable(name) is not null;

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
