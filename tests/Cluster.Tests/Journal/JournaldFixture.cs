using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Weir.Cluster.Tests.Journal;

/// <summary>A systemd-journald of the tests' own: a namespace beside the host's journal, in memory.</summary>
public sealed class JournaldFixture : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int _count;

    private readonly string _name = $"weir{Environment.ProcessId}x{Interlocked.Increment(ref _count)}";
    private Process? _daemon;
    private Socket? _socket;
    private Socket? _client;

    /// <summary>Where the journal's files are.</summary>
    public string Folder => $"/run/log/journal/{File.ReadAllText("/etc/machine-id").Trim()}.{_name}";

    private string Settings => $"/etc/systemd/journald@{_name}.conf";

    private string Sockets => $"/run/systemd/journal.{_name}";

    public async Task InitializeAsync()
    {
        var program = new[] { "/lib/systemd/systemd-journald", "/usr/lib/systemd/systemd-journald" }
            .FirstOrDefault(File.Exists);
        Assert.True(program is not null && File.Exists("/etc/machine-id"),
            "these tests need systemd-journald and /etc/machine-id: install the package systemd");
        await File.WriteAllTextAsync(Settings, """
            [Journal]
            Storage=volatile
            RateLimitIntervalSec=0
            RuntimeMaxFileSize=8M

            """);
        _daemon = Process.Start(program, _name);
        await UntilAsync("journald's socket", () => File.Exists(Path.Combine(Sockets, "socket")));
        _socket = await ConnectAsync(SocketType.Dgram, "socket");
        // Without a client a journald of a namespace ends after 30 s.
        _client = await ConnectAsync(SocketType.Stream, "stdout");
        await _client.SendAsync("weir-tests\n\n6\n0\n0\n0\n0\n"u8.ToArray());
    }

    public async Task DisposeAsync()
    {
        _socket?.Dispose();
        _client?.Dispose();
        if (_daemon is not null)
        {
            _daemon.Kill();
            await _daemon.WaitForExitAsync();
            _daemon.Dispose();
        }

        File.Delete(Settings);
        foreach (var folder in new[] { Folder, Sockets })
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Stores an entry.</summary>
    /// <param name="fields">NAME=value, without line breaks in it.</param>
    public Task WriteAsync(params string[] fields) => WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', fields)));

    /// <summary>Stores an entry in journald's own form: values of any bytes are NAME, a line break, their length as
    /// eight bytes, and themselves.</summary>
    public async Task WriteAsync(byte[] entry) => await _socket!.SendAsync((byte[])[.. entry, (byte)'\n']);

    /// <summary>journald stores what was written, then closes its file and begins another one.</summary>
    public async Task RotateAsync()
    {
        using (var sync = Process.Start("journalctl", [$"--namespace={_name}", "--sync"]))
            await sync.WaitForExitAsync();
        var files = Count();
        using (var signal = Process.Start("kill", ["-USR2", $"{_daemon!.Id}"])) await signal.WaitForExitAsync();
        await UntilAsync("another journal file", () => Count() > files);
    }

    /// <summary>Removes all files but the one that is written to.</summary>
    public async Task VacuumAsync()
    {
        using var command = Process.Start(new ProcessStartInfo(
            "journalctl", [$"--directory={Folder}", "--vacuum-files=1"]) { RedirectStandardError = true })!;
        await command.WaitForExitAsync();
        await UntilAsync("the removal of old journal files", () => Count() == 1);
    }

    /// <summary>Cursors of the entries with this field, in order, as journalctl tells them.</summary>
    /// <param name="match">NAME=value.</param>
    public async Task<IReadOnlyList<string>> CursorsAsync(string match)
    {
        using (var sync = Process.Start("journalctl", [$"--namespace={_name}", "--sync"]))
            await sync.WaitForExitAsync();
        using var command = Process.Start(new ProcessStartInfo(
            "journalctl", [$"--directory={Folder}", "--output=json", match]) { RedirectStandardOutput = true })!;
        var lines = (await command.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await command.WaitForExitAsync();
        return [.. lines.Select(line =>
            JsonSerializer.Deserialize<JsonElement>(line).GetProperty("__CURSOR").GetString()!)];
    }

    private int Count() => Directory.GetFiles(Folder, "*.journal").Length;

    private async Task<Socket> ConnectAsync(SocketType type, string name)
    {
        var socket = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(Sockets, name)));
        return socket;
    }

    private static async Task UntilAsync(string what, Func<bool> holds)
    {
        var since = Stopwatch.StartNew();
        for (; !holds(); await Task.Delay(20))
            Assert.True(since.Elapsed < Patience, $"not seen within {Patience.TotalSeconds} s: {what}");
    }
}
