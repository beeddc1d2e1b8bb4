using Microsoft.Win32.SafeHandles;
using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Reading;
using Weir.Node.Sources.Files.Watching;
using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Files;

/// <summary>Which file the path names now, and where what it named before is.</summary>
internal sealed partial class FileTail
{
    private const string NoRegularFile = "it is a pipe, a socket or a device; name a file that the program writes";

    /// <summary>Nanoseconds. A copy that keeps the original's time may keep it in whole seconds.</summary>
    private const long TimesRounding = 1_000_000_000;

    private StartAt _startAt;
    private SourcePosition? _handed;
    private bool _isSurveyed;

    private Generation? Current => _generations.Count > 0 && !_generations[^1].Replaced ? _generations[^1] : null;

    private string Folder => System.IO.Path.GetDirectoryName(Path) ?? "/";

    /// <summary>Opens what the path names now, if that is another file than before.</summary>
    private void FollowName()
    {
        if (_directoryWatch is null || IsDue(_checkedAt, _setting.Timings.Recheck)) RenewDirectoryWatch();
        var isTold = Interlocked.Exchange(ref _nameChanged, false);
        _checkedAt = _setting.Time.GetTimestamp();
        if (!FileFacts.TryRead(Path, out var now, out var error))
        {
            var isGone = error is LibC.ErrorNotFound or LibC.ErrorNotDirectory;
            // Told of, and gone again: it may have been here.
            if (isGone && (isTold || Current is not null || !_isSurveyed)) Survey();
            Report(FileErrors.Text(error));
            return;
        }

        if (_generations is [.., { IsGone: false } newest] && newest.Identity == now.Identity)
        {
            newest.Replaced = false;
            Report(null);
        }
        else if (now.Kind != FileKind.Regular || Volatile.Read(ref _retiring))
        {
            ReplaceCurrent();
            Report(now.Kind switch
            {
                FileKind.Directory => FileErrors.Text(LibC.ErrorIsDirectory),
                FileKind.Other => NoRegularFile,
                _ => null,
            });
        }
        else Survey();
    }

    private void ReplaceCurrent()
    {
        if (Current is not { } current) return;
        current.Replaced = true;
        current.LastReadAt = _setting.Time.GetTimestamp();
        _counters.Rotations.Increment();
    }

    /// <summary>Decides where the file that the path came to name is read from.</summary>
    private void SetStart(Generation file)
    {
        var (first, handed) = (_startAt, Interlocked.Exchange(ref _handed, null));
        _startAt = default; // only what was there at first
        var settled = _settled.Where(one => one.IsOf(file.Facts)).Select(one => _setting.Positions.Find(one.Key));
        var known = settled.Append(handed).Append(_setting.FindMoved(file.Identity));
        if (known.Any(position => TryGoOn(file, position)))
        {
            // Under a key of its own all the same: of two in one file, the later key is what it holds.
        }
        else if (first.Offset is { } offset && offset <= file.Content.Length(file.Facts.Size)) file.Seek(offset);
        else if (first.FromEnd) file.Seek(_setting.Format.LastLineStart(file.Content, file.Facts.Size));
        file.IsBegun = file.Offset > 0;
    }

    private static bool TryGoOn(Generation file, SourcePosition? position)
    {
        if (position is not { Offset: > 0 } || !FilePlace.TryParse(position.Context, out var place)) return false;
        if (!file.TrySeek(position, place))
        {
            file.Rewind();
            return false;
        }

        file.Superseded.Add(position.Source);
        return true;
    }

    /// <summary>The file no longer has what was read: that is read on in a copy, and what it holds now is another
    /// generation.</summary>
    private void Truncate(Generation file, SourcePosition read)
    {
        _counters.Truncations.Increment();
        var emptied = file.File;
        if (TryMoveToCopy(file, read))
        {
            _counters.CopiesFound.Increment();
            Keep(file);
        }
        else file.Lose(read.Offset);

        emptied.Renew(ContentOf);
        emptied.Refresh();
        var next = Begin(emptied);
        next.Surveyed = default; // there may be copies of what it held in between
        next.Replaced = file.Replaced;
        file.Replaced = true;
        file.LastReadAt = _setting.Time.GetTimestamp();
        _generations.Insert(_generations.Count - (next.Replaced && Current is not null ? 1 : 0), next);
        EnlistAll();
    }

    private bool TryMoveToCopy(Generation file, SourcePosition read)
    {
        if (!FilePlace.TryParse(read.Context, out var place)) return false;
        List<Sibling>? before = null;
        for (var attempts = 0; attempts < AttemptsMax; attempts++)
        {
            var files = FilesNow();
            if (OpenCopy(files, read, place) is { } copy)
            {
                if (file.TryMoveTo(copy, read, place)) return true;
                Close(copy);
            }

            if (before is not null && Siblings.AreSame(before, files)) return false;
            before = files;
        }

        return false;
    }

    /// <summary>Finds what was read by its bytes, in a file that was written no earlier and is nobody's yet.</summary>
    private OpenedFile? OpenCopy(List<Sibling> files, SourcePosition position, FilePlace place)
    {
        OpenedFile? best = null;
        files.Sort((a, b) => Siblings.CompareAge(a.Facts, b.Facts));
        foreach (var file in files)
        {
            if (!MayHold(file, position, place) || TryOpen(file, out _) is not { } opened) continue;
            // The earliest, unless a later one goes on where it ends: then it was copied twice.
            if (place.IsIn(opened.Content, opened.Facts.Size, position.Offset)
                && (best is null || best.IsCopyOf(opened)))
                (best, opened) = (opened, best);
            if (opened is not null) Close(opened);
        }

        return best;
    }

    private bool MayHold(Sibling file, SourcePosition position, FilePlace place)
    {
        if (position.Offset == 0 || !Siblings.BeginsAlike(file.Path, Path)) return false;
        // What was listed may have grown since.
        if (!FileFacts.TryRead(file.Path, out var facts, out _) || facts.Identity != file.Facts.Identity) return false;
        return facts.Size >= position.Offset && facts.Modified > place.Modified - TimesRounding
            && !IsOpen(facts.Identity) && !IsSettled(facts) && (file.Path == Path || !_setting.IsTarget(file.Path));
    }

    /// <summary>Opens a file under whatever name, watched.</summary>
    /// <param name="error">0: the name is another file's by now.</param>
    private OpenedFile? TryOpen(Sibling file, out int error)
    {
        var handle = NativeFile.TryOpen(file.Path, out error);
        if (handle is null) return null;
        var facts = FileFacts.Of(handle);
        if (facts.Kind != FileKind.Regular || facts.Identity != file.Facts.Identity)
        {
            handle.Dispose();
            return null;
        }

        _setting.Owners.Claim(facts.Identity, Path);
        return new OpenedFile(handle, facts, ContentOf(handle), _setting.Watches.TryWatch(handle, OnChange));
    }

    private IFileContent ContentOf(SafeFileHandle handle) => _setting.Decompression is { } compressed
        ? new CompressedContent(handle, compressed.Format, _counters)
        : new PlainContent(handle);

    /// <summary>What the path names, and what may have come of it; compressed files are looked for nowhere
    /// else.</summary>
    private List<Sibling> FilesNow()
    {
        if (_setting.Decompression is null) return Siblings.Of(Path);
        return FileFacts.TryRead(Path, out var facts, out _) && facts.Kind == FileKind.Regular
            ? [new Sibling(Path, facts)] : [];
    }

    private void Close(OpenedFile file)
    {
        _setting.Owners.Release(file.Identity, Path);
        file.Dispose();
    }

    private void Close(Generation file)
    {
        if (!file.IsGone) _setting.Owners.Release(file.Identity, Path);
        file.Dispose();
    }

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
