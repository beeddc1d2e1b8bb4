using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Weir.Cluster.Tests.Support;

/// <summary>A real Weir node in a process of its own.</summary>
public sealed class WeirProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly List<(string Text, TaskCompletionSource Said)> _awaited = [];
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WeirProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public string Log
    {
        get { lock (_log) return _log.ToString(); }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts <c>weir run</c> on a port of its own.</summary>
    /// <param name="configuration">Path of the configuration; null for the built-in one.</param>
    public static WeirProcess Start(string? configuration, string storage, params string[] more) =>
        Start(configuration, storage, [], more);

    /// <param name="environment">Added to the tests' own.</param>
    public static WeirProcess Start(
        string? configuration, string storage, IEnumerable<KeyValuePair<string, string>> environment,
        params string[] more)
    {
        var arguments = new List<string> { "run" };
        if (configuration is not null) arguments.Add(configuration);
        arguments.AddRange(["--storage.path", storage, "--server.http.listen-addr", "127.0.0.1:0", .. more]);
        var start = new ProcessStartInfo(Binary, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var weir = new WeirProcess(new Process { StartInfo = start });
        weir._process.OutputDataReceived += (_, line) => weir.Note(line.Data);
        weir._process.ErrorDataReceived += (_, line) => weir.Note(line.Data);
        weir._process.Start();
        weir._process.BeginOutputReadLine();
        weir._process.BeginErrorReadLine();
        return weir;
    }

    /// <summary>The binary beside the tests, built with them.</summary>
    public static string Binary => Path.Combine(AppContext.BaseDirectory, "weir");

    /// <summary>Waits until the node listens.</summary>
    public async Task<Uri> AddressAsync()
    {
        var exited = _process.WaitForExitAsync();
        var first = await Task.WhenAny(_listening.Task, exited).WaitAsync(Patience);
        Assert.True(first == _listening.Task, $"weir ended before it listened:\n{Log}");
        return await _listening.Task;
    }

    /// <summary>Where a component listens, once it does.</summary>
    public async Task<Uri> ListenerAsync(string component)
    {
        using var client = new HttpClient { BaseAddress = await AddressAsync() };
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            using var json = JsonDocument.Parse(
                await client.GetStringAsync($"/api/v1/components/{component}", limit.Token));
            var message = json.RootElement.GetProperty("health").GetProperty("message").GetString() ?? "";
            if (message.StartsWith("listens on ", StringComparison.Ordinal))
            {
                var address = message["listens on ".Length..];
                return new Uri(address.Contains("://", StringComparison.Ordinal) ? address : $"tcp://{address}");
            }

            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Waits until its log says so.</summary>
    public async Task SaidAsync(string text)
    {
        TaskCompletionSource said = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_log)
        {
            if (_log.ToString().Contains(text, StringComparison.Ordinal)) return;
            _awaited.Add((text, said));
        }

        var exited = _process.WaitForExitAsync();
        var first = await Task.WhenAny(said.Task, exited, Task.Delay(Patience));
        Assert.True(first == said.Task, $"weir did not say \"{text}\":\n{Log}");
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public Task ExitedAsync() => _process.WaitForExitAsync().WaitAsync(Patience);

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>SIGTERM, and waits for the end. A node that has just begun does not handle it yet, and ends with 143:
    /// where nothing else was awaited of it, <see cref="AddressAsync"/> is.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>SIGSTOP: it stands still, and its connections stay.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Of all its processors, since its start.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The most memory that was ever resident, bytes.</summary>
    public long PeakResidentBytes()
    {
        const string Mark = "VmHWM:";
        var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith(Mark, StringComparison.Ordinal));
        return long.Parse(line[Mark.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(),
            CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>The sum of a metric's series, by its own account.</summary>
    /// <param name="name">With or without the first of its labels.</param>
    public async Task<double> MetricAsync(string name)
    {
        return (await MetricsAsync()).Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{' or ',')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>All of them, as text.</summary>
    public async Task<string> MetricsAsync()
    {
        using var client = new HttpClient { BaseAddress = await AddressAsync(), Timeout = Patience };
        return await client.GetStringAsync("metrics");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_log)
        {
            _log.AppendLine(line);
            foreach (var (text, said) in _awaited)
                if (line.Contains(text, StringComparison.Ordinal)) said.TrySetResult();
        }

        const string Mark = "address=";
        var at = line.IndexOf(Mark, StringComparison.Ordinal);
        if (at >= 0 && line.Contains("msg=listening", StringComparison.Ordinal))
            _listening.TrySetResult(new Uri(line[(at + Mark.Length)..].Split(' ')[0].Trim('"')));
    }
}
