using Weir.Node.Sources.Files.Native;
using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Files;

/// <summary>Finds files again at a start, reads on where it is durable, and lets files go once all of theirs
/// is.</summary>
internal sealed partial class FileTail
{
    /// <summary>Renames that overtake the search for a file; a rotation renames each file once.</summary>
    private const int AttemptsMax = 50;

    /// <summary>Opens what the known positions were taken in, if the path names it no longer: oldest first.</summary>
    /// <remarks>Before <see cref="Start"/>, once: a run after a fault has its descriptors still.</remarks>
    public void FindAgain()
    {
        var known = new List<(SourcePosition Position, FilePlace Place)>();
        foreach (var position in _startAt.Known ?? [])
            if (FilePlace.TryParse(position.Context, out var place)) known.Add((position, place));
        if (known.Count == 0) return;
        known.Sort((a, b) => (a.Place.Modified, a.Place.Born).CompareTo((b.Place.Modified, b.Place.Born)));
        var exists = FileFacts.TryRead(Path, out var now, out _);
        List<Sibling>? siblings = null;
        foreach (var (position, place) in known)
        {
            if (exists && now.Identity == place.Identity) continue; // looked at when it is opened
            siblings ??= SiblingsNow();
            if (Settled(ref siblings, files => FindRotated(files, position, place))) continue;
            if (exists && position.Offset > 0 && Siblings.Has(new Sibling(Path, now), position, place))
                // put there by a copy
                _startAt = _startAt with { Offset = position.Offset, Supersedes = position.Source };
            else ReportLost(position);
        }

        _newest = known[^1].Place;
        if (!exists) OpenMissed(null, null);
        else if (known.Exists(one => one.Place.Identity == now.Identity)) _newest = default; // no rename since
    }

    /// <summary>Tries with the files beside the target, again as long as a rotation renames them meanwhile.</summary>
    /// <remarks>Between a listing and an open a name may have moved on: what was not found then is not yet
    /// gone.</remarks>
    private bool Settled(ref List<Sibling> siblings, Func<List<Sibling>, bool> attempt)
    {
        for (var attempts = 1; !attempt(siblings); attempts++)
        {
            var again = SiblingsNow();
            if (attempts == AttemptsMax || Siblings.AreSame(siblings, again)) return false;
            siblings = again;
        }

        return true;
    }

    private bool FindRotated(List<Sibling> siblings, SourcePosition position, FilePlace place)
    {
        // Emptied before copied: what it holds by now is read too, and its copies are found from there.
        var found = Siblings.Renamed(siblings, position, place) ?? Siblings.Emptied(siblings, place)
            ?? Siblings.Copied(siblings, Path, position, place);
        if (found is not { } file || IsOpen(file.Facts.Identity)) return false;
        var itsOwn = FileKeys.Of(_setting.Component, file.Path, _slot, file.Facts.Identity);
        if (_setting.IsTarget(file.Path) && _setting.Positions.Find(itsOwn) is not null)
        {
            _setting.Positions.Forget(position.Source); // that target goes on with it
            return true;
        }

        if (TryOpen(file) is not { } generation) return false;
        generation.Replaced = true;
        _generations.Add(generation);
        if (generation.Key != position.Source) generation.Supersedes = position.Source;
        if (!TrySeek(generation, position)) OpenUnread(generation, position);
        return true;
    }

    private void ReportLost(SourcePosition position)
    {
        _counters.FilesLost.Increment();
        _setting.Events.Log.Write(LogSeverity.Warn, _setting.Component,
            "a file that was read before is gone; what was written to it after that is not read",
            new("path", Path), new("read_to", position.Offset));
        _setting.Positions.Forget(position.Source);
    }

    /// <summary>Before the first read of a run: waits until what was sent before is durable, and goes on
    /// there.</summary>
    private async ValueTask<bool> IsReadyAsync(Generation file, CancellationToken cancel)
    {
        if (file.IsResumed) return true;
        if (Delay(file) > TimeSpan.Zero) return false;
        var position = await ResumeAsync(file, cancel);
        // Known from the start: a restart would else not look for it once a younger file is read.
        if (position is null)
        {
            Keep(file);
            file.Begun = file.Position;
        }
        else if (!TrySeek(file, position)) OpenCopy(file, position);
        else if (position.Offset == 0) file.Begun = position; // may have been emptied unnoticed since then

        file.IsResumed = true;
        return true;
    }

    /// <returns>False, nothing changed, when the file no longer has what was read.</returns>
    private static bool TrySeek(Generation file, SourcePosition position)
    {
        if (!FilePlace.TryParse(position.Context, out var place) || !file.Has(position, place)) return false;
        file.Seek(position.Offset);
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

    /// <summary>The file no longer has what was read: it begins again, after what a copy of it holds.</summary>
    private async ValueTask BeginTruncatedAsync(Generation file, CancellationToken cancel)
    {
        await file.Inlet.ReleaseAsync(ending: true, cancel);
        // Durable before the copy gets a position: else a crash in between would skip what is still on its way.
        OpenCopy(file, await ResumeAsync(file, cancel));
    }

    private void OpenCopy(Generation file, SourcePosition? position)
    {
        _counters.Truncations.Increment();
        file.Restart();
        file.Begun = file.PositionNow();
        if (position is not null) OpenUnread(file, position);
    }

    /// <summary>Before its first line is read: it may have been copied and emptied again since it began.</summary>
    private bool OpenedCopies(Generation file)
    {
        if (file.Begun is not { } begun) return false;
        var before = _generations.Count;
        file.Begun = file.PositionNow();
        if (file.Offset == 0) OpenUnread(file, begun);
        if (_generations.Count > before) return true; // and look again when those are read
        file.Begun = null;
        return false;
    }

    /// <summary>Opens the copies that were made of the file since the position was taken.</summary>
    private void OpenUnread(Generation file, SourcePosition position)
    {
        if (!FilePlace.TryParse(position.Context, out var place)) return;
        var siblings = SiblingsNow();
        Settled(ref siblings, files => TryOpenCopies(file, files, position, place));
    }

    /// <returns>False when a copy is not there, or not there any more.</returns>
    private bool TryOpenCopies(Generation file, List<Sibling> siblings, SourcePosition position, FilePlace place)
    {
        file.Facts = FileFacts.Of(file.Handle);
        var last = place;
        if (position.Offset > 0)
        {
            if (Siblings.Copied(siblings, Path, position, place) is not { } copy) return false;
            if (copy.Facts.Size > position.Offset && !TryInsertBefore(file, copy, position.Offset)) return false;
            last = place with
            {
                Identity = copy.Facts.Identity, Born = copy.Facts.Born, Modified = copy.Facts.Modified,
            };
        }

        // And what the file held in between, if it was copied and emptied again before anyone looked.
        foreach (var later in Siblings.Missed(siblings, Path, last, null))
        {
            if (later.Facts.Identity == file.Identity || Siblings.BeginAlike(later, file.Content)) continue;
            if (later.Facts.Modified > file.Facts.Modified) continue; // what came after what it holds now
            if (!TryInsertBefore(file, later, 0)) return false;
        }

        return true;
    }

    /// <returns>False when its name is another file's by now.</returns>
    private bool TryInsertBefore(Generation file, Sibling copy, long offset)
    {
        if (IsOpen(copy.Facts.Identity) || _setting.IsTarget(copy.Path)) return true;
        if (TryOpen(copy) is not { } generation) return false;
        generation.Replaced = true;
        generation.Seek(offset);
        Keep(generation);
        _generations.Insert(_generations.IndexOf(file), generation);
        _counters.CopiesFound.Increment();
        return true;
    }

    /// <summary>Makes the file's position durable without lines.</summary>
    private void Keep(Generation file)
    {
        file.KeptAt = file.Offset;
        _setting.Positions.Begin(file.Position).Release();
    }

    /// <summary>Closes replaced files that are read to their end, quiet, and whose last line is durable.</summary>
    private async ValueTask LetGoAsync(CancellationToken cancel)
    {
        for (var i = _generations.Count - 1; i >= 0; i--)
        {
            var file = _generations[i];
            if (file.Supersedes is { } old && _setting.Positions.Find(file.Key) is not null)
            {
                _setting.Positions.Forget(old);
                file.Supersedes = null;
            }

            var quiet = file.Facts.Links == 0 ? _setting.Timings.UnlinkedQuiet : _setting.Timings.RenamedQuiet;
            if (!file.Replaced || !file.IsResumed || !IsDue(file.LastReadAt, quiet)) continue;
            if (file.Inlet.HoldsLines) await file.Inlet.ReleaseAsync(ending: true, cancel);
            else if (IsDurable(file) && IsHandedOver(file))
            {
                _generations.RemoveAt(i);
                _setting.Positions.Forget(file.Key);
                Close(file);
                file.HandedTo?.Freed();
            }
        }
    }

    private bool IsDurable(Generation file)
    {
        if (file.KeptAt != file.Offset) Keep(file); // bytes may have been skipped behind the last line
        return file.Supersedes is null && _setting.Positions.Find(file.Key)?.Offset == file.Offset;
    }

    /// <summary>Where the file's new name is a target of its own, that one goes on from here: its position goes
    /// first.</summary>
    private bool IsHandedOver(Generation file)
    {
        if (file.HandedTo is null)
        {
            if (!_setting.Owners.TryTakeWaiting(file.Identity, out var waiting)) return true;
            file.HandedTo = waiting;
            _setting.Positions.Begin(file.Position with { Source = KeyOf(file, waiting) }).Release();
        }

        return _setting.Positions.Find(KeyOf(file, file.HandedTo.Value)) is not null;
    }

    private SourceKey KeyOf(Generation file, FileOwners.Waiting next) =>
        FileKeys.Of(_setting.Component, next.Path, next.Slot, file.Identity);
}
