using Weir.Node.Sources.Files.Native;

namespace Weir.Node.Sources.Files;

/// <summary>Finds what the path has named unseen, and puts it in order.</summary>
/// <remarks>
/// A rotation may happen between any two calls. So a survey counts only if the folder is the same after it, with all
/// descriptors taken, as before; and a file's first lines are read before its predecessors are looked for a last time.
/// </remarks>
internal sealed partial class FileTail
{
    /// <summary>Renames that overtake a search; a rotation renames each file once.</summary>
    private const int AttemptsMax = 50;

    /// <summary>Nanoseconds by which the times of files may be wrong. Of files that ended this long before the newest
    /// one began, time tells that they were seen; of younger ones only their positions do.</summary>
    private const long TimesMargin = 60_000_000_000;

    /// <summary>Opens what the path names and has named since the newest generation began.</summary>
    /// <returns>False when names moved on and on: look again.</returns>
    private bool Survey()
    {
        for (var attempts = 0; attempts < AttemptsMax; attempts++)
        {
            var files = FilesNow();
            foreach (var file in _generations)
                if (!file.IsBegun) file.Surveyed = file.File.Refresh();
            var found = new List<OpenedFile>();
            if (TryOpenFound(files, found) && !TruncatedAny() && Siblings.AreSame(files, FilesNow()))
            {
                Arrange(files, found);
                return true;
            }

            foreach (var file in found) Close(file);
        }

        foreach (var file in _generations) file.Surveyed = default;
        Volatile.Write(ref _nameChanged, true);
        return false;
    }

    /// <returns>False when a name is another file's by now.</returns>
    private bool TryOpenFound(List<Sibling> files, List<OpenedFile> found)
    {
        OpenedFile? named = null;
        foreach (var file in files)
        {
            var isNamed = file.Path == Path;
            if (isNamed ? !IsToOpen(file.Facts) : !IsUnknown(file)) continue;
            var opened = TryOpen(file, out var error);
            if (opened is not null) found.Add(opened);
            else if (error is 0 or LibC.ErrorNotFound) return false;
            if (!isNamed) continue;
            named = opened;
            Report(opened is null ? FileErrors.Text(error) : null);
        }

        for (var i = found.Count - 1; i >= 0; i--)
        {
            var file = found[i];
            if (file == named || (file.Identity != named?.Identity && !IsCopy(file, named))) continue;
            found.RemoveAt(i); // of what is being read: it is emptied next
            Close(file);
        }

        return true;
    }

    private bool IsToOpen(FileFacts named)
    {
        if (Volatile.Read(ref _retiring) || IsOpen(named.Identity)) return false;
        if (_setting.Owners.FindRotatedFrom(named.Identity, Path) is null) return true;
        _setting.Owners.Await(named.Identity, new FileOwners.Waiting(TakeKey, TakeOver));
        return false;
    }

    /// <summary>Whether a file is of this path, and was never seen.</summary>
    private bool IsUnknown(Sibling file)
    {
        var (facts, since) = (file.Facts, _started - TimesMargin);
        if (_started == 0 || facts.Size == 0 || facts.Modified < since) return false;
        if (facts.Born != 0 && facts.Born < since && !_inodes.Contains((facts.Identity, facts.Born))) return false;
        return Siblings.LooksRotated(System.IO.Path.GetFileName(file.Path), System.IO.Path.GetFileName(Path))
            && !IsOpen(facts.Identity) && !IsSettled(facts)
            && !_setting.IsTarget(file.Path);
    }

    private bool IsOpen(FileIdentity identity) =>
        _generations.Exists(file => !file.IsGone && file.Identity == identity);

    private bool IsCopy(OpenedFile file, OpenedFile? named) =>
        (named is not null && file.IsCopyOf(named))
        || _generations.Exists(other => !other.IsGone && file.IsCopyOf(other.File));

    /// <summary>Whether a file that is being read was emptied unnoticed: then its copy is no file of its own.</summary>
    private bool TruncatedAny()
    {
        if (_setting.Decompression is not null) return false;
        var emptied = _generations.Find(file => file.IsBegun && !file.IsIntact());
        if (emptied is not null) Truncate(emptied, emptied.Position);
        return emptied is not null;
    }

    /// <summary>Puts what was found in its place: after all that lines were read of, by age, what the path names at
    /// the end.</summary>
    private void Arrange(List<Sibling> files, List<OpenedFile> found)
    {
        var named = files.Find(file => file.Path == Path).Facts.Identity;
        if (Current is { } before && before.Identity != named) ReplaceCurrent();
        var waiting = _generations.Where(file => !file.IsBegun && file.Identity != named).ToList();
        var current = _generations.FindLast(file => !file.IsGone && file.Identity == named);
        foreach (var file in found)
        {
            if (file.Identity == named) current = Begin(file);
            else waiting.Add(Begin(file));
        }

        waiting.Sort((a, b) => Siblings.CompareAge(a.Facts, b.Facts));
        _generations.RemoveAll(file => file == current || waiting.Contains(file));
        _generations.AddRange(waiting);
        if (current is not null) _generations.Add(current);
        foreach (var file in waiting.Where(file => !file.Replaced))
        {
            file.Replaced = true;
            _counters.Rotations.Increment();
        }

        if (current is not null && !Volatile.Read(ref _retiring)) current.Replaced = false;
        if (current is { Sequence: 0 }) SetStart(current);
        EnlistAll();
        _isSurveyed = true;
    }

    private Generation Begin(OpenedFile file)
    {
        var now = _setting.Time.GetTimestamp();
        return new Generation(file, _setting.OpenInlet())
        {
            Surveyed = file.Facts, IsResumed = true, OpenedAt = now, LastReadAt = now,
        };
    }

    /// <summary>Gives keys that rise in the order of the generations, and makes them durable; where lines were sent
    /// the key stays.</summary>
    /// <remarks>A restart would else not look for a file once a younger one is read.</remarks>
    private void EnlistAll()
    {
        var last = _generations.Where(file => file.IsBegun).Select(file => file.Sequence).DefaultIfEmpty().Max();
        foreach (var file in _generations)
        {
            if (file.Sequence == 0)
            {
                // At first sight what was rotated away before counts as seen, without any margin.
                _started = _started == 0 ? file.Facts.Modified + TimesMargin : Math.Max(_started, file.Facts.Modified);
                file.Started = _started;
            }
            else if (file.IsBegun || file.Sequence > last)
            {
                last = Math.Max(last, file.Sequence);
                continue;
            }

            last = Interlocked.Increment(ref _sequence);
            file.Enlist(FileKeys.Of(_setting.Component, Path, _slot, last), last);
            Keep(file);
        }
    }
}
