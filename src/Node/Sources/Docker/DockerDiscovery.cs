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
    private volatile Arguments _arguments = new(new DockerDiscoveryOptions(), new CancellationTokenSource());

    /// <inheritdoc/>
    public override object? Status => _running?.Status;

    /// <inheritdoc/>
    public override async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var arguments = _arguments;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, arguments.Replaced.Token);
            using var engine = open(arguments.Options);
            var running = new DiscoveryRun(Host, arguments.Options, engine, _running);
            _running = running;
            try
            {
                await running.RunAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Other arguments: begin again with them; the targets stay until the first listing.
            }
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask ApplyAsync(DockerDiscoveryOptions options, CancellationToken cancel)
    {
        var before = _arguments;
        // Until the first list there is nothing: what refers to the targets can be evaluated at once.
        if (_running is null) Host.Export(new DockerDiscoveryExports([]));
        _arguments = new Arguments(options, new CancellationTokenSource());
        await before.Replaced.CancelAsync();
    }

    /// <summary>One set of arguments, and the signal that others have taken its place.</summary>
    private sealed record Arguments(DockerDiscoveryOptions Options, CancellationTokenSource Replaced);
}
