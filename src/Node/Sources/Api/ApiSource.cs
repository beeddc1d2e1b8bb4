using System.Net.Sockets;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Api;

/// <summary>What the admin endpoint shows of a <c>loki.source.api</c>.</summary>
/// <param name="Address">Where it listens, with its port; null: it does not.</param>
public sealed record ApiStatus(Uri? Address);

/// <summary><c>loki.source.api</c>: takes pushes as Loki does, and answers when the spool has them.</summary>
/// <remarks>Other labels or rules leave the listener alone.</remarks>
internal sealed class ApiSource(IComponentHost host, ISourcePositions positions)
    : Component<ApiSourceOptions>(host)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly ApiMetrics _metrics = new(host.Events.Metrics, host.Id);
    private readonly RunningArguments<ApiSourceOptions> _arguments = new();
    private volatile ApiServer? _server;

    /// <summary>An <see cref="ApiStatus"/>.</summary>
    public override object? Status => new ApiStatus(_server?.Address);

    /// <inheritdoc/>
    public override async Task RunAsync(CancellationToken cancel)
    {
        var intake = new PushIntake(Host, positions, () => _arguments.Current!.ForwardTo);
        using var stop = new CancellationTokenSource();
        var feeding = intake.RunAsync(stop.Token);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var serving = ServeAsync(intake, either.Token);
        try
        {
            // The listener ends first: requests in hand still get their answer.
            await Task.WhenAny(feeding, serving);
        }
        finally
        {
            await either.CancelAsync();
            await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await stop.CancelAsync();
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancel.ThrowIfCancellationRequested();
        await (feeding.IsFaulted ? feeding : serving);
    }

    /// <inheritdoc/>
    protected override ValueTask ApplyAsync(ApiSourceOptions options, CancellationToken cancel) =>
        _arguments.ReplaceAsync(options, goesOn: _arguments.Current is { } before
            && OptionEquality.AreEqual(before.Http, options.Http) && before.MessageSizeMax == options.MessageSizeMax);

    private Task ServeAsync(PushIntake intake, CancellationToken cancel) => _arguments.RunAsync(
        async (options, either) =>
        {
            try
            {
                await ListenAsync(options, intake, either);
            }
            catch (Exception failed)
                when (failed is IOException or SocketException or UnauthorizedAccessException)
            {
                Host.Report(HealthState.Unhealthy, $"cannot listen: {failed.Message}; it is tried again");
                await Task.Delay(RetryDelay, Time, either);
            }
        }, cancel);

    private async Task ListenAsync(ApiSourceOptions options, PushIntake intake, CancellationToken cancel)
    {
        var endpoint = await new ListenAddress(options.Http.Address, options.Http.Port).ResolveAsync(cancel);
        var routes = new PushRoutes(Host, intake, _metrics, () => _arguments.Current!);
        await using var server = new ApiServer(endpoint, options, routes);
        await server.StartAsync(cancel);
        _server = server;
        Host.Report(HealthState.Healthy, $"listens on {server.Address}");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, Time, cancel);
        }
        finally
        {
            _server = null;
        }
    }
}
