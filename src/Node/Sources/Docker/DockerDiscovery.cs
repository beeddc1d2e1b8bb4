using Weir.Routing.Components;

namespace Weir.Node.Sources.Docker;

/// <summary><c>discovery.docker</c>: the containers of an engine as targets, current within milliseconds.</summary>
/// <remarks>
/// The engine's events say which containers to ask about; all are listed when the event stream opens and every
/// <c>refresh_interval</c>. While the engine does not answer, the last targets are kept and the health says why.
/// See <see cref="DiscoveredContainers"/> for the time a container is a target.
/// </remarks>
/// <param name="open">Opens the engine that the options name.</param>
public sealed class DockerDiscovery(IComponentHost host, Func<DockerDiscoveryOptions, DockerEngine> open)
    : Component<DockerDiscoveryOptions>(host)
{
    private volatile DiscoveryRun? _running;
    private readonly RunningArguments<DockerDiscoveryOptions> _arguments = new();

    /// <inheritdoc/>
    public override object? Status => _running?.Status;

    /// <inheritdoc/>
    public override Task RunAsync(CancellationToken cancel) => _arguments.RunAsync(
        async (options, either) =>
        {
            using var engine = open(options);
            // The targets of the one before stay until the first listing.
            var running = new DiscoveryRun(Host, options, engine, _running);
            _running = running;
            await running.RunAsync(either);
        }, cancel);

    /// <inheritdoc/>
    protected override ValueTask ApplyAsync(DockerDiscoveryOptions options, CancellationToken cancel)
    {
        // Until the first list there is nothing: what refers to the targets can be evaluated at once.
        if (_running is null) Host.Export(new DockerDiscoveryExports([]));
        return _arguments.ReplaceAsync(options, goesOn: false);
    }
}
