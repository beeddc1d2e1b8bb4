using Weir.Routing.Actors;
using Weir.Routing.Components;

namespace Weir.Node.Sources.Syslog;

/// <summary>What the admin endpoint shows of a listener.</summary>
/// <param name="Address">As it is configured.</param>
/// <param name="Bound">Where it listens, with its port; null: it does not.</param>
public sealed record ListenerStatus(string Address, string Protocol, string? Bound);

/// <summary>What the admin endpoint shows of a <c>loki.source.syslog</c>.</summary>
public sealed record SyslogStatus(IReadOnlyList<ListenerStatus> Listeners);

/// <summary><c>loki.source.syslog</c>: messages that others send over TCP and UDP.</summary>
/// <remarks>There is nothing to resume: a sender over TCP is read no faster than the pipeline takes, one over UDP is
/// not waited for, and what is refused is counted. Other labels or rules leave sockets and connections alone.</remarks>
internal sealed class SyslogSource : Component<SyslogSourceOptions>
{
    private readonly SyslogContext _context;
    private readonly ChangeSignal _changed = new();
    private readonly List<RunningListener> _running = [];
    private volatile SyslogSourceOptions _options = new();
    private SyslogSourceOptions? _applied;
    private volatile IReadOnlyList<SyslogListener> _shown = [];

    public SyslogSource(IComponentHost host, SyslogPeers peers)
        : base(host) =>
        _context = new SyslogContext(
            host, new SyslogMetrics(host.Events.Metrics, host.Id), peers, () => _options.ForwardTo);

    /// <summary>A <see cref="SyslogStatus"/>.</summary>
    public override object? Status => new SyslogStatus([.. _shown.Select(listener => new ListenerStatus(
        listener.Options.Address, listener.Options.Protocol == ListenerProtocol.Tcp ? "tcp" : "udp",
        listener.Bound?.ToString()))]);

    /// <inheritdoc/>
    public override async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var seen = _changed.Version;
                await ReconcileAsync(_options, cancel);
                Report();
                await _changed.WaitAsync(seen, cancel);
            }
        }
        finally
        {
            foreach (var running in _running) await running.Cancel.CancelAsync();
            foreach (var running in _running) await EndAsync(running);
            _running.Clear();
            _applied = null;
        }
    }

    /// <inheritdoc/>
    protected override ValueTask ApplyAsync(SyslogSourceOptions options, CancellationToken cancel)
    {
        _options = options;
        _changed.Set();
        return ValueTask.CompletedTask;
    }

    private async ValueTask ReconcileAsync(SyslogSourceOptions options, CancellationToken cancel)
    {
        if (ReferenceEquals(options, _applied)) return; // a listener's state has changed, the arguments have not
        _applied = options;
        var wanted = options.Listeners.Select(one => new SyslogForm(one, options.RelabelRules)).ToList();
        var kept = new List<RunningListener>();
        foreach (var form in wanted.ToList())
        {
            var at = _running.FindIndex(one => one.Listener.Options.ListensLike(form.Options));
            if (at < 0) continue;
            _running[at].Listener.Apply(form);
            kept.Add(_running[at]);
            _running.RemoveAt(at);
            wanted.Remove(form);
        }

        // Before others begin: they may want the same port.
        foreach (var gone in _running) await EndAsync(gone);
        _running.Clear();
        _running.AddRange(kept);
        foreach (var form in wanted)
        {
            var listener = new SyslogListener(_context, form, _changed.Set);
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            _running.Add(new RunningListener(listener, listener.RunAsync(stop.Token), stop));
        }

        _shown = [.. _running.Select(one => one.Listener)];
    }

    private static async ValueTask EndAsync(RunningListener running)
    {
        await running.Cancel.CancelAsync();
        await running.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        running.Cancel.Dispose();
    }

    private void Report()
    {
        var faults = _shown.Where(listener => listener.Fault is not null).Select(listener => listener.Fault).ToList();
        if (faults.Count > 0) Host.Report(HealthState.Unhealthy, string.Join("; ", faults));
        else if (_shown.All(listener => listener.Bound is not null))
            Host.Report(HealthState.Healthy, $"listens on {string.Join(", ", _shown.Select(one => one.Bound))}");
    }

    private sealed record RunningListener(SyslogListener Listener, Task Running, CancellationTokenSource Cancel);
}
