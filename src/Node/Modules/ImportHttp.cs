using Weir.Node.Http;
using Weir.Node.Polling;
using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Modules;

/// <summary>Block <c>import.http "namespace"</c>: declarations from a server.</summary>
[Component("import.http", Exports = typeof(ModuleExports))]
public sealed record ImportHttpOptions
{
    [Inline]
    public RemoteOptions Request { get; init; } = new();
}

/// <summary>Asks for a module, and takes over what has changed.</summary>
public sealed class ImportHttp(IComponentHost host) : PolledComponent<ImportHttpOptions>(host)
{
    private readonly RemoteText _text = new(host.Time);
    private ImportedModule _module = ImportedModule.None;

    /// <inheritdoc/>
    public override object? Status => Volatile.Read(ref _module).Status;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _text.Dispose();
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override TimeSpan PeriodOf(ImportHttpOptions options) => options.Request.PollFrequency;

    /// <inheritdoc/>
    protected override async ValueTask LookAsync(ImportHttpOptions options, CancellationToken cancel)
    {
        var text = await _text.AskAsync(options.Request, null, cancel);
        var name = new Uri(options.Request.Url).GetComponents(
            UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        Volatile.Write(ref _module, _module.Take([new SourceFile(name, text)], Host));
    }
}
