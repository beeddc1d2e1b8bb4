using Weir.Node.Polling;
using Weir.Node.Sources.Files.Watching;
using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Modules;

/// <summary>Block <c>import.file "namespace"</c>: declarations from a file or a folder.</summary>
[Component("import.file", Exports = typeof(ModuleExports))]
public sealed record ImportFileOptions
{
    /// <summary>A file, or a folder whose <c>*.alloy</c> files are one module.</summary>
    [Inline]
    public PolledFileOptions File { get; init; } = new();
}

/// <summary>Reads a module, and again when it changes. What the module means is the configuration's business.</summary>
public sealed class ImportFile : PolledComponent<ImportFileOptions>
{
    private readonly PathWatch _watch;
    private ImportedModule _module = ImportedModule.None;

    public ImportFile(IComponentHost host, FileWatches watches)
        : base(host) => _watch = new PathWatch(watches, Wake);

    /// <inheritdoc/>
    public override object? Status => Volatile.Read(ref _module).Status;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _watch.Dispose();
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override TimeSpan PeriodOf(ImportFileOptions options) => options.File.PollFrequency;

    /// <inheritdoc/>
    protected override ValueTask LookAsync(ImportFileOptions options, CancellationToken cancel)
    {
        Watch(options.File); // before it is read: what changes meanwhile is noticed
        try
        {
            var module = Volatile.Read(ref _module).Take(ModuleFiles.Read(options.File.Filename), Host);
            Volatile.Write(ref _module, module);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException($"the module {options.File.Filename} cannot be read: {unreadable.Message}");
        }

        return ValueTask.CompletedTask;
    }

    private void Watch(PolledFileOptions options)
    {
        if (options.Detector == ChangeDetector.Poll) _watch.Follow([], []);
        else if (Directory.Exists(options.Filename))
            _watch.Follow(Directory.GetFiles(options.Filename), [options.Filename]);
        else _watch.FollowFile(options.Filename);
    }
}
