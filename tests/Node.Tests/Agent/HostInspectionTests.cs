using System.Net.Sockets;
using Weir.Node.Agent;

namespace Weir.Node.Tests.Agent;

public sealed class HostInspectionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-host-");
    private readonly HostInspection _host = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_socket_is_fine_only_while_something_listens_on_it()
    {
        var path = Path.Combine(_folder.FullName, "engine.sock");
        var absent = _host.SocketProblem(path);
        string? listening;
        using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            listening = _host.SocketProblem(path);
        }

        File.WriteAllText(path, "");
        var plainFile = _host.SocketProblem(path);

        Assert.Equal($"there is no {path}", absent);
        Assert.Null(listening);
        Assert.Contains(path, plainFile, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_needs_a_folder_with_a_file_that_opens()
    {
        var absent = _host.JournalProblem(Path.Combine(_folder.FullName, "none"));
        var empty = _host.JournalProblem(_folder.FullName);
        _folder.CreateSubdirectory("machine");
        File.WriteAllText(Path.Combine(_folder.FullName, "machine", "system.journal"), "");

        var there = _host.JournalProblem(_folder.FullName);

        Assert.StartsWith("there is no", absent, StringComparison.Ordinal);
        Assert.Equal($"{_folder.FullName}: no journal file yet", empty);
        Assert.Null(there);
    }

    [Fact]
    public void Files_of_a_glob_are_counted()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "a.log"), "");
        File.WriteAllText(Path.Combine(_folder.FullName, "b.log"), "");

        Assert.Equal(2, _host.CountFiles($"{_folder.FullName}/*.log"));
        Assert.Equal(0, _host.CountFiles($"{_folder.FullName}/*.txt"));
        Assert.Null(_host.CountFiles("relative/*.log"));
    }
}
