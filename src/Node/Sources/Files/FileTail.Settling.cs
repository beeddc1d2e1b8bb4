using Weir.Node.Sources.Files.Native;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Files;

/// <summary>Lets files go once all of theirs is durable, and remembers them as long as they could be taken for
/// unseen.</summary>
internal sealed partial class FileTail
{
    private readonly List<Settled> _settled = [];

    private bool IsSettled(FileFacts file) => _settled.Exists(one => one.IsOf(file));

    /// <summary>Makes the file's position durable without lines.</summary>
    private void Keep(Generation file)
    {
        file.KeptAt = file.BegunTo;
        _setting.Positions.Begin(file.Position).Release();
    }

    /// <summary>Closes replaced files that are read to their end, quiet, and whose last line is durable.</summary>
    private async ValueTask LetGoAsync(CancellationToken cancel)
    {
        for (var i = _generations.Count - 1; i >= 0; i--)
        {
            var file = _generations[i];
            ForgetSuperseded(file);
            if (!file.Replaced || !file.IsResumed || !IsQuiet(file)) continue;
            if (file.Inlet.HoldsLines) await file.Inlet.ReleaseAsync(ending: true, cancel);
            else if (IsDurable(file) && IsHandedOver(file) && TrySettle(file))
            {
                _generations.RemoveAt(i);
                Close(file);
                if (file.HandedTo is var (next, position)) next.Freed(position);
            }
        }

        Prune();
    }

    private void ForgetSuperseded(Generation file)
    {
        if (file.Superseded.Count == 0 || _setting.Positions.Find(file.Key) is null) return;
        foreach (var old in file.Superseded) _setting.Positions.Forget(old);
        file.Superseded.Clear();
    }

    private bool IsQuiet(Generation file) => file.IsGone || IsDue(
        file.LastReadAt, file.Facts.Links == 0 ? _setting.Timings.UnlinkedQuiet : _setting.Timings.RenamedQuiet);

    private bool IsDurable(Generation file)
    {
        if (file.KeptAt != file.BegunTo) Keep(file); // bytes may have been skipped behind the last line
        return file.Superseded.Count == 0 && _setting.Positions.Find(file.Key)?.Offset == file.BegunTo;
    }

    /// <summary>Where the file's new name is a target of its own, that one goes on from here: its position goes
    /// first.</summary>
    private bool IsHandedOver(Generation file)
    {
        if (file.HandedTo is not { } next)
        {
            if (!_setting.Owners.TryTakeWaiting(file.Identity, out var tail)) return true;
            next = (tail, file.Position with { Source = tail.TakeKey() });
            file.HandedTo = next;
            _setting.Positions.Begin(next.Position).Release();
        }

        return _setting.Positions.Find(next.Position.Source) is not null;
    }

    private SourceKey TakeKey() =>
        FileKeys.Of(_setting.Component, Path, _slot, Interlocked.Increment(ref _sequence));

    private void TakeOver(SourcePosition position)
    {
        Volatile.Write(ref _handed, position);
        OnChange(Watching.FileChange.Name);
    }

    /// <returns>True when nothing of the file has to be kept, or is durably marked as done.</returns>
    private bool TrySettle(Generation file)
    {
        if (!file.IsDone)
        {
            file.IsDone = true;
            Keep(file);
        }

        if (_setting.Positions.Find(file.Key) is not { } position
            || !FilePlace.TryParse(position.Context, out var place) || !place.IsDone) return false;
        if (file.IsGone) SettleGone(file.Key, file.Sequence);
        else Settle(file.Key, file.Sequence, place);
        return true;
    }

    private void Settle(SourceKey key, long sequence, in FilePlace place) =>
        _settled.Add(new Settled(key, sequence, place.Identity, place.Born, place.Modified));

    /// <summary>Of what is in no file any more the position stays alone: the newest one of all tells what was
    /// seen.</summary>
    private void SettleGone(SourceKey key, long sequence) => _settled.Add(new Settled(key, sequence, default, 0, 0));

    /// <summary>Forgets what its time alone tells to be seen.</summary>
    private void Prune()
    {
        if (_settled.Count == 0 || Newest is not { } newest) return;
        foreach (var one in _settled)
            if (one.IsPast(newest)) _setting.Positions.Forget(one.Key);
        _settled.RemoveAll(one => one.IsPast(newest));
    }

    /// <summary>The newest generation that a restart would know of.</summary>
    private Generation? Newest => _generations.Where(file => _setting.Positions.Find(file.Key) is not null)
        .MaxBy(file => file.Sequence);

    /// <summary>A generation that is let go.</summary>
    /// <param name="Modified">When its last byte was written, ns since the epoch.</param>
    private readonly record struct Settled(
        SourceKey Key, long Sequence, FileIdentity Identity, long Born, long Modified)
    {
        public bool IsOf(in FileFacts file) => file.Identity == Identity && file.Born == Born;

        public bool IsPast(Generation newest) =>
            Sequence < newest.Sequence && Modified < newest.Started - TimesMargin;
    }
}
