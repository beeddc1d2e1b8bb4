using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>Decides which sealed fragments may be committed now.</summary>
/// <remarks>
/// A fragment is ready when its positions can be committed with it: else a crash in between would read its lines
/// again. It waits while another builder still has open lines of one of its checkpoints or of an earlier one of the
/// same source; and those that follow it in its lane wait with it, so that the order stays.
/// </remarks>
internal sealed class CommitCut(PositionLedger ledger)
{
    private readonly Dictionary<Checkpoint, int> _held = [];
    private readonly Dictionary<SourceKey, long> _completeUpTo = [];
    private readonly HashSet<FragmentKey> _blocked = [];

    /// <summary>Moves what is ready from <paramref name="sealedFragments"/> to <paramref name="ready"/>; the rest
    /// stays,
    /// in order.</summary>
    public void Split(List<PendingFragment> sealedFragments, List<PendingFragment> ready)
    {
        _held.Clear();
        _blocked.Clear();
        foreach (var pending in sealedFragments)
            foreach (var checkpoint in pending.Checkpoints)
                _held[checkpoint] = _held.GetValueOrDefault(checkpoint) + 1;

        // What waits holds its checkpoints back, which may make others wait: repeat until nothing changes.
        var waiting = new bool[sealedFragments.Count];
        while (MarkWaiting(sealedFragments, waiting)) { }

        var kept = 0;
        for (var i = 0; i < waiting.Length; i++)
        {
            if (waiting[i]) sealedFragments[kept++] = sealedFragments[i];
            else ready.Add(sealedFragments[i]);
        }

        sealedFragments.RemoveRange(kept, sealedFragments.Count - kept);
    }

    private bool MarkWaiting(List<PendingFragment> fragments, bool[] waiting)
    {
        _completeUpTo.Clear();
        var changed = false;
        for (var i = 0; i < waiting.Length; i++)
        {
            if (waiting[i] || (!_blocked.Contains(fragments[i].Fragment.Key) && IsReady(fragments[i]))) continue;
            waiting[i] = changed = true;
            _blocked.Add(fragments[i].Fragment.Key);
            foreach (var checkpoint in fragments[i].Checkpoints) _held[checkpoint]--;
        }

        return changed;
    }

    private bool IsReady(PendingFragment pending)
    {
        foreach (var checkpoint in pending.Checkpoints)
        {
            if (!_completeUpTo.TryGetValue(checkpoint.Source, out var sequence))
                _completeUpTo[checkpoint.Source] = sequence = ledger.CompleteUpTo(checkpoint.Source, _held);
            if (checkpoint.Sequence > sequence) return false;
        }

        return true;
    }
}
