using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Journal;

/// <summary>What the admin endpoint shows of a journal.</summary>
/// <param name="Path">"": this host's.</param>
/// <param name="Position">When the last entry that was read was stored; null: none was.</param>
public sealed record JournalStatus(string Path, DateTimeOffset? Position);

/// <summary><c>loki.source.journal</c>: the entries of systemd's journal, each once, in the order of the journal.
/// </summary>
/// <remarks>One loop, from the last committed cursor on. Where the journal cannot be read (no library, no directory, no
/// right) the component is unhealthy, says what to do, and tries again.</remarks>
/// <param name="open">Opens the journal that the options name.</param>
internal sealed class JournalSource(
    IComponentHost host, ISourcePositions positions, Func<JournalSourceOptions, IJournal> open)
    : Component<JournalSourceOptions>(host)
{
    /// <summary>Key of the position of this host's journal; a directory's is its path.</summary>
    private const string HostJournal = "journal";

    private static readonly TimeSpan RetryDelayMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelayMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private readonly JournalMetrics _metrics = new(host.Events.Metrics, host.Id);
    private readonly RunningArguments<Arguments> _arguments = new();
    private volatile JournalPump? _pump;

    /// <summary>A <see cref="JournalStatus"/>.</summary>
    public override object? Status => _arguments.Current is { } arguments
        ? new JournalStatus(arguments.Options.Path, _pump?.Position) : null;

    /// <inheritdoc/>
    public override async Task RunAsync(CancellationToken cancel)
    {
        var delay = RetryDelayMin;
        await _arguments.RunAsync(async (arguments, either) =>
        {
            try
            {
                await FollowAsync(arguments.Options, () => delay = RetryDelayMin, either);
            }
            catch (JournalException failed)
            {
                Host.Report(HealthState.Unhealthy, $"{failed.Message}; it is tried again");
                var wait = delay;
                delay = delay * 2 < RetryDelayMax ? delay * 2 : RetryDelayMax;
                await Task.Delay(wait, Time, either);
            }
        }, cancel);
    }

    /// <inheritdoc/>
    protected override ValueTask ApplyAsync(JournalSourceOptions options, CancellationToken cancel)
    {
        var form = new JournalForm(new JournalLabels(options, Id, Labels), options.FormatAsJson);
        return _arguments.ReplaceAsync(
            new Arguments(options, form), goesOn: _arguments.Current?.Options.ReadsLike(options) == true);
    }

    private async Task FollowAsync(JournalSourceOptions options, Action opened, CancellationToken cancel)
    {
        var source = new SourceKey(Id, options.Path.Length > 0 ? options.Path : HostJournal);
        using var journal = open(options);
        opened();
        using var lines = new JournalLines(journal, options.Matches);
        Begin(options, journal, lines, await positions.ResumeAsync(source, cancel));
        ReportAccess(journal);
        using var inlet = new FanOut(() => _arguments.Current!.Options.ForwardTo);
        _pump = new JournalPump(
            Host, positions, source, journal, lines, inlet, _metrics, () => _arguments.Current!.Form);
        try
        {
            await _pump.RunAsync(() => ReportAccess(journal), cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // What stages still hold is let go, so that a normal restart repeats nothing.
            using var timeout = new CancellationTokenSource(EndTimeout, Time);
            await inlet.ReleaseAsync(ending: true, timeout.Token);
            throw;
        }
    }

    private void Begin(JournalSourceOptions options, IJournal journal, JournalLines lines, SourcePosition? position)
    {
        if (position is not null && JournalPlace.TryParse(position.Context, out var place)
            && lines.TryResume(place, position.Offset)) return;
        if (position is not null)
        {
            _metrics.CursorsLost.Increment();
            Log.Write(LogSeverity.Warn, Id, "the position is no cursor: entries up to max_age are read again",
                new LogField("position", position.Context));
        }
        else if (options.LegacyPosition is not null && TryResumeLegacy(options, lines)) return;
        journal.SeekTime((Time.GetUtcNow() - options.MaxAge - DateTimeOffset.UnixEpoch).Ticks / 10);
    }

    private bool TryResumeLegacy(JournalSourceOptions options, JournalLines lines)
    {
        var legacy = options.LegacyPosition!;
        var known = LegacyPositions.Read(legacy.File, Host);
        var cursor = known.FindCursor($"cursor-{legacy.Name}") ?? known.FindCursor($"journal-{legacy.Name}");
        if (cursor is null || !lines.TryResume(new JournalPlace(0, 0, cursor, options.Matches), 0)) return false;
        _metrics.LegacyPositions.Increment();
        Log.Write(LogSeverity.Info, Id, "goes on where Promtail left off",
            new("file", legacy.File), new("job", legacy.Name));
        return true;
    }

    /// <exception cref="JournalException">It cannot be read any more.</exception>
    private void ReportAccess(IJournal journal)
    {
        if (journal.CheckAccess() is { Length: > 0 } problem) Host.Report(HealthState.Unhealthy, problem);
        else Host.Report(HealthState.Healthy, "the journal is followed");
    }

    private sealed record Arguments(JournalSourceOptions Options, JournalForm Form);
}
