using Weir.Protocol.Batches;

namespace Weir.Routing.Components;

/// <summary>An inlet to every receiver of a <c>forward_to</c>, as the list stands at each batch.</summary>
/// <param name="receivers">Read once a batch; a changed list (by reference) opens and closes inlets
/// accordingly.</param>
public sealed class FanOut(Func<IReadOnlyList<ILogsReceiver>> receivers) : ILogsInlet
{
    private IReadOnlyList<ILogsReceiver> _receivers = [];
    private ILogsInlet[] _inlets = [];

    public bool HoldsLines
    {
        get
        {
            foreach (var inlet in _inlets)
                if (inlet.HoldsLines) return true;
            return false;
        }
    }

    public async ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
    {
        await FollowAsync(batch, cancel);
        if (_inlets.Length == 0)
        {
            batch.Dispose();
            return;
        }

        // Copies are made before the first hand-over: the batch is not ours after it.
        var batches = new LogBatch[_inlets.Length];
        batches[0] = batch;
        for (var i = 1; i < batches.Length; i++) batches[i] = batch.Copy();
        var sent = 0;
        try
        {
            for (; sent < batches.Length; sent++) await _inlets[sent].SendAsync(batches[sent], cancel);
        }
        finally
        {
            for (var i = sent + 1; i < batches.Length; i++) Abandon(batches[i]);
        }
    }

    public async ValueTask ReleaseAsync(bool ending, CancellationToken cancel)
    {
        foreach (var inlet in _inlets) await inlet.ReleaseAsync(ending, cancel);
    }

    public void Dispose()
    {
        foreach (var inlet in _inlets) inlet.Dispose();
        _inlets = [];
        _receivers = [];
    }

    /// <summary>Gives up a batch that cannot be delivered: its lines will be read again, so its checkpoint must never
    /// complete.</summary>
    public static void Abandon(LogBatch batch)
    {
        batch.Checkpoint?.Abandon();
        batch.Checkpoint = null; // not released: an unreleased checkpoint stays incomplete
        batch.Dispose();
    }

    private async ValueTask FollowAsync(LogBatch batch, CancellationToken cancel)
    {
        var current = receivers();
        if (ReferenceEquals(current, _receivers)) return;
        var before = _inlets;
        var inlets = new ILogsInlet[current.Count];
        var kept = new bool[before.Length];
        for (var i = 0; i < inlets.Length; i++)
        {
            var at = IndexOf(_receivers, current[i], kept);
            if (at >= 0) kept[at] = true;
            inlets[i] = at >= 0 ? before[at] : current[i].Open();
        }

        _inlets = inlets;
        _receivers = current;
        var closed = 0;
        try
        {
            for (; closed < before.Length; closed++)
                if (!kept[closed]) await before[closed].ReleaseAsync(ending: true, cancel);
        }
        finally
        {
            if (closed < before.Length) Abandon(batch);
            for (var i = 0; i < before.Length; i++)
                if (!kept[i]) before[i].Dispose();
        }
    }

    private static int IndexOf(IReadOnlyList<ILogsReceiver> receivers, ILogsReceiver receiver, bool[] taken)
    {
        for (var i = 0; i < receivers.Count; i++)
            if (!taken[i] && ReferenceEquals(receivers[i], receiver)) return i;
        return -1;
    }
}
