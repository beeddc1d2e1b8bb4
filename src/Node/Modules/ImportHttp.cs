using Weir.Node.Http;
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
public sealed class ImportHttp(IComponentHost host) : RemoteComponent<ImportHttpOptions>(host)
{
    private ImportedModule _module = ImportedModule.None;

    /// <inheritdoc/>
    public override object? Status => Volatile.Read(ref _module).Status;

    /// <inheritdoc/>
    protected override RemoteOptions RequestOf(ImportHttpOptions options) => options.Request;

    /// <inheritdoc/>
    protected override void Take(ImportHttpOptions options, string answer)
    {
        var name = new Uri(options.Request.Url).GetComponents(
            UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        Volatile.Write(ref _module, _module.Take([new SourceFile(name, answer)], Host));
    }
}
