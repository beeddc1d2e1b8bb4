using Weir.Node.Sources.Files.Reading;
using Weir.Node.Sources.Files.Watching;
using Weir.Protocol.Batches;
using Weir.Routing.Actors;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Files;

/// <summary>Reads what a path names, and what it named before until that is read to its end.</summary>
/// <remarks>
/// One loop; it sleeps until inotify, or a poll's time, wakes it. While what follows takes no lines it holds its
/// descriptors and goes on noticing rotations, so that no file is missed.
/// </remarks>
internal sealed partial class FileTail : IAsyncDisposable
{
    private readonly FileTailSetting _setting;
    private readonly FileCounters _counters;
    private readonly LineReader _reader;
    private readonly WakeSignal _wake;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Generation> _generations = [];
    private readonly int _slot;
    private TimeSpan _poll;
    private IDisposable? _directoryWatch;
    private LabelSet _labels;
    private Task _run = Task.CompletedTask;
    private long _checkedAt;
    private bool _nameChanged = true;
    private bool _retiring;

    /// <param name="slot">0, or a number where one path is tailed several times, with other labels.</param>
    public FileTail(FileTailSetting setting, string path, int slot, LabelSet labels, StartAt startAt)
    {
        _setting = setting;
        _slot = slot;
        _labels = labels;
        _startAt = startAt;
        Path = path;
        _counters = setting.Metrics.For(path);
        _reader = new LineReader(setting.Format, _counters, setting.Time);
        _wake = new WakeSignal(setting.Time);
        _poll = setting.Polling.MinPollFrequency;
        State = new FileTailState(path, labels.ToString(), 0, 0, 0, 0, Problem: null);
    }

    public string Path { get; }

    /// <summary>For the admin endpoint; replaced whole.</summary>
    public FileTailState State { get; private set; }

    /// <summary>Ended by itself, after <see cref="Retire"/>.</summary>
    public bool IsDone => _run.IsCompleted;

    public LabelSet Labels
    {
        get => Volatile.Read(ref _labels);
        set => Volatile.Write(ref _labels, value); // from the next batch on
    }

    public void Start()
    {
        _setting.Metrics.FilesActive.Increment();
        _run = Supervision.RunAsync($"{_setting.Component} {Path}", RunOnceAsync, RestartPolicy.Forever,
            _setting.Events, _setting.Time, _stop.Token);
    }

    /// <summary>The path is no target any more: read what is open to its end, and end.</summary>
    public void Retire() => SetRetiring(true);

    /// <summary>It is a target again before that end came.</summary>
    public void Revive() => SetRetiring(false);

    public void Cancel() => _stop.Cancel();

    /// <summary>Stops where it is; the next start goes on there.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _run;
        }
        catch (OperationCanceledException)
        {
            // What was asked for.
        }

        foreach (var file in _generations) Close(file);
        _generations.Clear();
        _directoryWatch?.Dispose();
        _wake.Dispose();
        _stop.Dispose();
        _setting.Metrics.FilesActive.Add(-1);
    }

    private void SetRetiring(bool retiring)
    {
        Volatile.Write(ref _retiring, retiring);
        _wake.Pulse();
    }

    private async Task RunOnceAsync(CancellationToken cancel)
    {
        await using var stopping = cancel.Register(_wake.Pulse);
        foreach (var file in _generations) file.BeginAgain(_setting.OpenInlet());
        for (;;)
        {
            cancel.ThrowIfCancellationRequested();
            if (Volatile.Read(ref _nameChanged) || IsDue(_checkedAt, CheckPeriod)) FollowName();
            var progressed = await DrainAllAsync(cancel);
            ShowState();
            if (progressed)
            {
                _poll = _setting.Polling.MinPollFrequency;
                continue;
            }

            await ReleaseHeldAsync(cancel);
            await LetGoAsync(cancel);
            if (Volatile.Read(ref _retiring) && _generations.TrueForAll(file => !file.Replaced))
            {
                await EndAsync(cancel);
                return;
            }

            await _wake.WaitAsync(NextWait());
        }
    }

    /// <summary>Oldest first, and again from there when anything was found.</summary>
    /// <returns>True when lines were read, or files were found.</returns>
    private async ValueTask<bool> DrainAllAsync(CancellationToken cancel)
    {
        foreach (var file in _generations.ToArray())
        {
            var count = _generations.Count;
            if (!await IsReadyAsync(file, cancel)) return false; // and nothing younger before it
            if (_generations.Count != count || await DrainAsync(file, cancel)) return true;
            if (_generations.Count != count) return true;
        }

        return false;
    }

    /// <returns>True when lines were read, or files were found that go before it.</returns>
    private async ValueTask<bool> DrainAsync(Generation file, CancellationToken cancel)
    {
        for (var progressed = false; !file.IsGone;)
        {
            var before = file.Facts;
            var facts = file.File.Refresh();
            if (facts.Size != before.Size || facts.Modified != before.Modified)
            {
                file.LastReadAt = _setting.Time.GetTimestamp();
                file.Content.FileChanged();
            }

            var flush = file.Content.IsComplete
                || (file.Replaced && IsDue(file.LastReadAt, _setting.Timings.PartialQuiet));
            switch (_reader.Read(file, Labels, flush, out var batch))
            {
                case ReadOutcome.Truncated when file.IsBegun:
                    Truncate(file, file.Position);
                    return true;
                case ReadOutcome.Truncated:
                    file.Rewind();
                    break;
                case ReadOutcome.Lines:
                    if (!file.IsBegun && !await TryBeginAsync(file, cancel))
                    {
                        batch!.Dispose();
                        file.Rewind();
                        return true;
                    }

                    await SendAsync(file, batch!, cancel);
                    progressed = true;
                    // late lines of the older files go first
                    if (_generations.Count > 1 && _generations[^1] == file) return true;
                    if (Volatile.Read(ref _nameChanged)) FollowName();
                    break;
                default:
                    if (file.Content.IsComplete && !flush) break; // its end was just found: now the last line
                    // Nothing now: what it held since the last survey may be in copies.
                    if (!file.IsBegun && file.Facts != file.Surveyed) return !Survey() || progressed;
                    return progressed;
            }
        }

        return false;
    }

    /// <summary>Looks once more for files that go before a file whose first lines were just read.</summary>
    /// <remarks>Now, not before the read: a file that was copied and emptied in between would be missed. A copy that is
    /// made from here on has these lines.</remarks>
    /// <returns>False: there are some, or may be; the lines have to wait.</returns>
    private async ValueTask<bool> TryBeginAsync(Generation file, CancellationToken cancel)
    {
        if (file.File.Refresh() != file.Surveyed)
        {
            var before = _generations.ToArray();
            if (!Survey() || !_generations.SequenceEqual(before)) return false;
        }

        foreach (var older in _generations)
        {
            if (older == file) break;
            if (older.Inlet.HoldsLines) await older.Inlet.ReleaseAsync(ending: true, cancel);
        }

        file.IsBegun = true;
        return true;
    }

    private async ValueTask SendAsync(Generation file, LogBatch batch, CancellationToken cancel)
    {
        _counters.Lines.Add(batch.Count);
        file.IsDone = false;
        try
        {
            batch.Checkpoint = _setting.Positions.Begin(file.Position);
        }
        catch (PositionLostException)
        {
            batch.Dispose();
            throw;
        }

        var sending = file.Inlet.SendAsync(batch, cancel);
        if (sending.IsCompleted)
        {
            await sending;
            return;
        }

        await FollowNameWhileAsync(sending.AsTask());
    }

    /// <summary>What follows is full, or the spool is. Rotations go on meanwhile: each new file is opened as it
    /// comes.</summary>
    private async ValueTask FollowNameWhileAsync(Task waiting)
    {
        _ = waiting.ContinueWith(_ => _wake.Pulse(), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (!waiting.IsCompleted)
        {
            await _wake.WaitAsync(CheckPeriod);
            if (Volatile.Read(ref _nameChanged) || IsDue(_checkedAt, CheckPeriod)) FollowName();
        }

        await waiting;
    }

    private async ValueTask ReleaseHeldAsync(CancellationToken cancel)
    {
        foreach (var file in _generations)
            if (file.Inlet.HoldsLines) await file.Inlet.ReleaseAsync(ending: false, cancel);
    }

    private async ValueTask EndAsync(CancellationToken cancel)
    {
        foreach (var file in _generations)
        {
            await file.Inlet.ReleaseAsync(ending: true, cancel);
            Close(file);
        }

        _generations.Clear();
        _setting.Metrics.Forget(Path);
    }

    private TimeSpan CheckPeriod => IsWatched ? _setting.Timings.Recheck : _poll;

    private bool IsWatched => _directoryWatch is not null && _generations.TrueForAll(file => file.File.IsWatched);

    private bool IsDue(long since, TimeSpan period) => _setting.Time.GetElapsedTime(since) >= period;

    private TimeSpan NextWait()
    {
        var wait = CheckPeriod;
        if (!IsWatched)
        {
            var slower = _poll * 2;
            _poll = slower < _setting.Polling.MaxPollFrequency ? slower : _setting.Polling.MaxPollFrequency;
        }

        foreach (var file in _generations)
        {
            if (file.Inlet.HoldsLines) wait = Shorter(wait, _setting.Timings.Release);
            if (file.Replaced) wait = Shorter(wait, _setting.Timings.PartialQuiet);
            if (Delay(file) is var delay && delay > TimeSpan.Zero) wait = Shorter(wait, delay);
        }

        return wait;

        static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
    }

    private void OnChange(FileChange change)
    {
        if (change == FileChange.Name) Volatile.Write(ref _nameChanged, true);
        _wake.Pulse();
    }

    private void ShowState()
    {
        if (_generations.Count == 0)
        {
            State = State with { Inode = 0, Position = 0, Size = 0, Pending = 0 };
            return;
        }

        var newest = _generations[^1];
        _counters.FileBytes.Set(newest.Facts.Size);
        State = State with
        {
            Inode = newest.Identity.Inode,
            Labels = Labels.ToString(),
            Position = newest.Offset,
            Size = newest.Facts.Size,
            Pending = _generations.Count - 1,
        };
    }
}

/// <summary>One file of a component, as the admin endpoint shows it.</summary>
/// <param name="Labels">Of the stream.</param>
/// <param name="Position">Byte after the last line handed on.</param>
/// <param name="Size">Bytes of the file.</param>
/// <param name="Pending">Older files of the path that are still open.</param>
/// <param name="Problem">Why it cannot be read and what to do about it; null when it can.</param>
public sealed record FileTailState(
    string Path, string Labels, ulong Inode, long Position, long Size, int Pending, string? Problem)
{
    /// <summary>Bytes not read yet.</summary>
    public long Lag => Math.Max(0, Size - Position);
}
