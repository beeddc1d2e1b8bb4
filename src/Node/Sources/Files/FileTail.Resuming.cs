using Weir.Node.Sources.Files.Native;
using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Files;

/// <summary>Finds files again at a start, and reads on where it is durable.</summary>
internal sealed partial class FileTail
{
    /// <summary>Inodes of files that were read before this start, whatever they hold by now.</summary>
    private readonly HashSet<(FileIdentity, long Born)> _inodes = [];

    private long _sequence;
    private long _started;

    /// <summary>Opens what the known positions were taken in, oldest first.</summary>
    /// <remarks>Before <see cref="Start"/>, once: a run after a fault has its descriptors still. They are held from
    /// here on, so a rotation from now on is one like any other.</remarks>
    public void FindAgain()
    {
        var known = new List<Known>();
        foreach (var position in _startAt.Known ?? [])
        {
            if (!FilePlace.TryParse(position.Context, out var place)
                || !FileKeys.TryParse(position.Source.Key, out _, out _, out var sequence)) continue;
            known.Add(new Known(position, place, sequence));
            _inodes.Add((place.Identity, place.Born));
            _sequence = Math.Max(_sequence, sequence);
            _started = Math.Max(_started, place.Started);
        }

        known.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        List<Sibling>? files = null;
        for (var i = 0; i < known.Count; i++)
        {
            var one = known[i];
            // Emptied since, if a later one is in the same file.
            var isLatest = known.FindLastIndex(other => other.IsInSameFile(one)) == i;
            if (one.Place.IsDone && isLatest) Settle(one.Position.Source, one.Sequence, one.Place);
            else if (one.Place.IsDone || (!isLatest && one.Position.Offset == 0))
                SettleGone(one.Position.Source, one.Sequence);
            else if (!TryFind(one, isLatest, ref files)) ReportLost(one);
        }
    }

    /// <summary>Tries what the path names, then any name, then copies; again as long as files are renamed
    /// meanwhile.</summary>
    private bool TryFind(Known known, bool isLatest, ref List<Sibling>? files)
    {
        if (isLatest && FileFacts.TryRead(Path, out var now, out _) && known.IsIn(now)
            && TryGoOn(new Sibling(Path, now), known)) return true;
        if (_setting.Decompression is not null) return false;
        for (var attempts = 0; attempts < AttemptsMax; attempts++)
        {
            files ??= Siblings.Of(Path, anyName: true);
            if (isLatest && files.Exists(file => known.IsIn(file.Facts) && TryGoOn(file, known))) return true;
            var strangers = files.FindAll(file => !_inodes.Contains((file.Facts.Identity, file.Facts.Born)));
            if (OpenCopy(strangers, known.Position, known.Place) is { } copy)
            {
                GoOn(copy, known);
                return true;
            }

            var again = Siblings.Of(Path, anyName: true);
            if (Siblings.AreSame(again, files)) return false;
            files = again;
        }

        return false;
    }

    /// <returns>False when the file does not have what was read, or its name is another's by now.</returns>
    private bool TryGoOn(Sibling file, Known known)
    {
        if (file.Path != Path && _setting.IsTarget(file.Path) && _setting.Knows(file.Path, file.Facts.Identity))
        {
            Settle(known.Position.Source, known.Sequence, known.Place); // that target goes on with it
            return true;
        }

        if (TryOpen(file, out _) is not { } opened) return false;
        if (known.Place.IsIn(opened.Content, opened.Facts.Size, known.Position.Offset))
        {
            GoOn(opened, known);
            return true;
        }

        Close(opened);
        return false;
    }

    private void GoOn(OpenedFile opened, Known known)
    {
        var file = Begin(opened);
        file.Enlist(known.Position.Source, known.Sequence);
        file.Seek(known.Position.Offset);
        file.Started = known.Place.Started;
        file.IsBegun = known.Position.Offset > 0;
        file.IsResumed = false;
        file.Surveyed = default;
        file.Replaced = true; // until the path is found to name it
        _generations.Add(file);
    }

    private void ReportLost(Known known)
    {
        SettleGone(known.Position.Source, known.Sequence);
        if (FileFacts.TryRead(Path, out var now, out _) && known.IsIn(now))
        {
            _counters.Truncations.Increment(); // emptied by who did not want it
            return;
        }

        _counters.FilesLost.Increment();
        _setting.Events.Log.Write(LogSeverity.Warn, _setting.Component,
            "a file that was read before is gone; what was written to it after that is not read",
            new("path", Path), new("read_to", known.Position.Offset));
    }

    /// <summary>Before the first read of a run: waits until what was sent before is durable, and goes on
    /// there.</summary>
    private async ValueTask<bool> IsReadyAsync(Generation file, CancellationToken cancel)
    {
        if (Delay(file) > TimeSpan.Zero) return false;
        if (file.IsResumed) return true;
        var position = await ResumeAsync(file, cancel);
        file.IsResumed = true;
        if (position is null || position.Offset == 0) file.Rewind();
        else if (file.IsGone) file.Lose(position.Offset);
        else if (!FilePlace.TryParse(position.Context, out var place) || !file.TrySeek(position, place))
            Truncate(file, position);
        return true;
    }

    private TimeSpan Delay(Generation file) => _setting.Decompression is { } compressed
        ? compressed.InitialDelay - _setting.Time.GetElapsedTime(file.OpenedAt)
        : TimeSpan.Zero;

    private async ValueTask<SourcePosition?> ResumeAsync(Generation file, CancellationToken cancel)
    {
        var resuming = _setting.Positions.ResumeAsync(file.Key, cancel);
        if (resuming.IsCompleted) return await resuming;
        var resumed = resuming.AsTask();
        await FollowNameWhileAsync(resumed);
        return await resumed;
    }

    /// <summary>A position from before this start.</summary>
    private readonly record struct Known(SourcePosition Position, FilePlace Place, long Sequence)
    {
        public bool IsIn(in FileFacts file) => file.Identity == Place.Identity && file.Born == Place.Born;

        public bool IsInSameFile(in Known other) =>
            other.Place.Identity == Place.Identity && other.Place.Born == Place.Born;
    }
}
