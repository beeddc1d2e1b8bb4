using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Reading;
using Weir.Node.Sources.Files.Watching;
using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Files;

/// <summary>Which file the path names now, and which it named before.</summary>
internal sealed partial class FileTail
{
    private const string NoRegularFile = "it is a pipe, a socket or a device; name a file that the program writes";

    private StartAt _startAt;
    private FilePlace _newest;

    private Generation? Current => _generations.Count > 0 && !_generations[^1].Replaced ? _generations[^1] : null;

    private string Folder => System.IO.Path.GetDirectoryName(Path) ?? "/";

    /// <summary>Opens what the path names now, if that is another file than before.</summary>
    private void FollowName()
    {
        if (_directoryWatch is null || IsDue(_checkedAt, _setting.Timings.Recheck)) RenewDirectoryWatch();
        Volatile.Write(ref _nameChanged, false);
        _checkedAt = _setting.Time.GetTimestamp();
        if (!FileFacts.TryRead(Path, out var now, out var error))
        {
            if (error is LibC.ErrorNotFound or LibC.ErrorNotDirectory) ReplaceCurrent();
            Report(FileErrors.Text(error));
            return;
        }

        if (Current is { } current && current.Identity == now.Identity)
        {
            Report(null);
            return;
        }

        ReplaceCurrent();
        if (now.Kind == FileKind.Directory) Report(FileErrors.Text(LibC.ErrorIsDirectory));
        else if (now.Kind == FileKind.Other) Report(NoRegularFile);
        else if (!Volatile.Read(ref _retiring)) OpenCurrent(now);
    }

    private void ReplaceCurrent()
    {
        if (Current is not { } current) return;
        current.Replaced = true;
        current.LastReadAt = _setting.Time.GetTimestamp();
        current.Facts = FileFacts.Of(current.Handle);
        _newest = current.Place;
        _counters.Rotations.Increment();
    }

    private void OpenCurrent(FileFacts now)
    {
        Report(null);
        var known = _generations.FindIndex(file => file.Identity == now.Identity);
        if (known >= 0)
        {
            // Renamed back: it goes on as the newest.
            var again = _generations[known];
            _generations.RemoveAt(known);
            _generations.Add(again);
            again.Replaced = false;
            return;
        }

        if (_setting.Owners.FindRotatedFrom(now.Identity, Path) is not null)
        {
            var waiting = new FileOwners.Waiting(Path, _slot, () => OnChange(FileChange.Name));
            _setting.Owners.Await(now.Identity, waiting);
            return;
        }

        if (TryOpen(Path, out var error) is not { } file)
        {
            Report(FileErrors.Text(error));
            return;
        }

        if (_newest != default) OpenMissed(now, file.Content);
        SetStart(file);
        _generations.Add(file);
        _newest = file.Place;
    }

    /// <summary>Decides where a newly opened file is read from.</summary>
    private void SetStart(Generation file)
    {
        var position = _setting.Positions.Find(file.Key);
        if (position is null && _setting.FindMoved(file.Identity) is { } moved)
        {
            position = moved;
            file.Supersedes = moved.Source;
        }

        if (position is not null) TrySeek(file, position); // or from the start, if it is another file's by now
        else if (_startAt.Offset is { } offset && offset <= file.Content.Length(file.Facts.Size))
        {
            file.Seek(offset);
            file.Supersedes = _startAt.Supersedes;
        }
        else if (_startAt.FromEnd) file.Seek(_setting.Format.LastLineStart(file.Content, file.Facts.Size));

        _startAt = default; // only what was there at first
    }

    /// <summary>Opens a file under whatever name, watched, its position's key by its identity.</summary>
    private Generation? TryOpen(string path, out int error)
    {
        var handle = NativeFile.TryOpen(path, out error);
        if (handle is null) return null;
        var facts = FileFacts.Of(handle);
        if (facts.Kind != FileKind.Regular)
        {
            handle.Dispose();
            error = LibC.ErrorIsDirectory;
            return null;
        }

        IFileContent content = _setting.Decompression is { } compressed
            ? new CompressedContent(handle, compressed.Format, _counters)
            : new PlainContent(handle);
        var key = FileKeys.Of(_setting.Component, Path, _slot, facts.Identity);
        _setting.Owners.Claim(facts.Identity, Path);
        var now = _setting.Time.GetTimestamp();
        return new Generation(key, handle, facts, content, _setting.OpenInlet())
        {
            Watch = _setting.Watches.TryWatch(handle, OnChange),
            OpenedAt = now,
            LastReadAt = now,
        };
    }

    /// <summary>Opens a file that was listed; null when its name is another file's by now.</summary>
    private Generation? TryOpen(Sibling sibling)
    {
        if (TryOpen(sibling.Path, out _) is not { } file) return null;
        if (file.Identity == sibling.Facts.Identity) return file;
        Close(file);
        return null;
    }

    /// <summary>Opens files that the path named between two looks at it.</summary>
    private void OpenMissed(FileFacts? now, IFileContent? current)
    {
        var siblings = SiblingsNow();
        Settled(ref siblings, files => TryOpenMissed(files, now, current));
    }

    /// <returns>False when a name is another file's by now.</returns>
    private bool TryOpenMissed(List<Sibling> siblings, FileFacts? now, IFileContent? current)
    {
        foreach (var missed in Siblings.Missed(siblings, Path, _newest, now))
        {
            if (_setting.IsTarget(missed.Path) || IsOpen(missed.Facts.Identity)) continue;
            if (current is not null && Siblings.BeginAlike(missed, current)) continue;
            if (TryOpen(missed) is not { } file) return false;
            if (IsCopy(file))
            {
                Close(file);
                continue;
            }

            file.Replaced = true;
            _generations.Add(file);
            _counters.Rotations.Increment();
        }

        return true;
    }

    private bool IsOpen(FileIdentity identity) => _generations.Exists(file => file.Identity == identity);

    /// <summary>Whether the file has what one of the open ones has been read for: enough of it to be no
    /// accident.</summary>
    private bool IsCopy(Generation file) => _generations.Exists(other =>
        other.Place.Head.Length >= FilePlace.TailBytesMax && file.Has(other.Position, other.Place));

    private List<Sibling> SiblingsNow() => _setting.Decompression is null ? Siblings.Of(Path) : [];

    private void RenewDirectoryWatch()
    {
        // The folder may be another one by now. The new watch goes first: it is the same one where nothing changed.
        var before = _directoryWatch;
        _directoryWatch = _setting.Watches.TryWatch(Folder, System.IO.Path.GetFileName(Path), OnChange);
        before?.Dispose();
    }

    private void Report(string? problem)
    {
        if (Volatile.Read(ref _retiring)) problem = null; // a file that went with its target is no problem
        var before = State.Problem;
        State = State with { Problem = problem };
        if (problem == before) return;
        _setting.ProblemChanged();
        if (problem is not null)
            _setting.Events.Log.Write(LogSeverity.Warn, _setting.Component, "a file cannot be read now",
                new("path", Path), new("reason", problem));
    }
}
