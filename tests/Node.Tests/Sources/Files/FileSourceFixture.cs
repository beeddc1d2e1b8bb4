using System.Globalization;
using Weir.Node.Sources.Files;
using Weir.Node.Sources.Files.Watching;
using Weir.Support.Sources;

namespace Weir.Node.Tests.Sources.Files;

/// <summary>A temporary folder and a file source over it, which can be killed and started again.</summary>
public sealed class FileSourceFixture : IAsyncDisposable
{
    private readonly FileWatches _watches;
    private CancellationTokenSource _stop = new();
    private FileSource? _source;
    private Task _run = Task.CompletedTask;

    public FileSourceFixture(bool inotify = true)
    {
        Folder = Directory.CreateTempSubdirectory("weir-files-").FullName;
        _watches = new FileWatches(Host.Events.Log, inotify);
    }

    public string Folder { get; }

    public SourceHost Host { get; } = new("loki.source.file.test");

    public LinesReceiver Receiver { get; private set; } = new();

    public LedgerPositions Positions { get; private set; } = new();

    /// <summary>Looks of their own are rare, so that a test that passes shows that inotify was heard.</summary>
    public FileTimings Timings { get; set; } = new()
    {
        Recheck = TimeSpan.FromMinutes(5),
        RenamedQuiet = TimeSpan.FromMinutes(5),
        UnlinkedQuiet = TimeSpan.FromMinutes(5),
        PartialQuiet = TimeSpan.FromMilliseconds(100),
    };

    public FileSourceOptions Options { get; set; } = new()
    {
        FileWatch = new FileWatchOptions
        {
            MinPollFrequency = TimeSpan.FromMilliseconds(10), MaxPollFrequency = TimeSpan.FromMilliseconds(20),
        },
    };

    public IReadOnlyList<FileTailState> States => (IReadOnlyList<FileTailState>)_source!.Status;

    public string PathOf(string name) => Path.Combine(Folder, name);

    public static IReadOnlyDictionary<string, string> Target(string path, params (string Name, string Value)[] labels)
    {
        var target = new Dictionary<string, string> { ["__path__"] = path };
        foreach (var (name, value) in labels) target[name] = value;
        return target;
    }

    public void Write(string name, string text) => File.AppendAllText(PathOf(name), text);

    public async Task StartAsync(params string[] names) =>
        await StartAsync([.. names.Select(name => Target(PathOf(name), ("job", "test")))]);

    public async Task StartAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> targets)
    {
        Positions.Completed = Receiver.Notify;
        _source = new FileSource(Host, Positions, _watches, Timings);
        await ApplyAsync(targets);
        _stop = new CancellationTokenSource();
        _run = Task.Run(() => _source.RunAsync(_stop.Token));
    }

    public async Task ApplyAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> targets)
    {
        Options = Options with { Targets = targets, ForwardTo = [Receiver] };
        await _source!.ApplyAsync((object)Options, default);
    }

    /// <summary>Ends the source where it is; only what is durable remains, as after a kill.</summary>
    /// <returns>The lines that were durable.</returns>
    public async Task<IReadOnlyList<ReceivedLine>> KillAsync()
    {
        var (durable, lines) = (Positions.Durable, Receiver.Lines);
        await StopAsync();
        (Positions, Receiver) = (new LedgerPositions(durable), new LinesReceiver());
        return lines;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _run;
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        if (_source is not null) await _source.DisposeAsync();
        _source = null;
    }

    /// <summary>Everything that arrived is durable, up to this byte of the path's current file.</summary>
    public Task UntilDurableAsync(string name, long offset) => Receiver.UntilAsync(
        () => Positions.Durable.Any(position =>
            position.Source.Key.StartsWith(PathOf(name) + "@", StringComparison.Ordinal) && position.Offset == offset),
        string.Create(CultureInfo.InvariantCulture, $"the durable position {offset} of {name}"));

    public double Counter(string name, string file) =>
        Host.Events.Metrics.Counter(name, "", "component_id", "path").With(Host.Id, PathOf(file)).Value;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _watches.Dispose();
        _stop.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
