using Weir.Protocol.Batches;
using Weir.Protocol.Cluster;
using Weir.Routing.Actors;
using Weir.Routing.LogQl;
using Weir.Routing.Membership;

namespace Weir.Routing.Tailing;

/// <summary>The orders for lines of this node: kept while they are renewed, and served beside the delivery
/// path.</summary>
public sealed class LineTaps(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Signal _opened = new();
    private readonly List<(string Asker, TailLines Message)> _refusals = [];
    private LineTap[]? _open;

    /// <summary>Null while nobody tails: all that a batch costs then is this read.</summary>
    internal LineTap[]? Open => Volatile.Read(ref _open);

    /// <summary>Takes or renews an order; a refusal is sent to its asker.</summary>
    public void Take(string asker, TailOrder order)
    {
        var life = TimeSpan.FromMilliseconds(Math.Clamp(
            order.ExpiresAfterMs, 0, (long)TailLimits.OrderLife.TotalMilliseconds));
        var expiresAt = time.GetTimestamp() + (long)(life.TotalSeconds * time.TimestampFrequency);
        lock (_gate)
        {
            if (Array.Find(_open ?? [], tap => tap.Asker == asker && tap.Id == order.Id) is { } known)
            {
                known.ExpiresAt = expiresAt;
                return;
            }

            var refused = TryOpen(asker, order, expiresAt);
            if (refused.Length > 0 && _refusals.Count < TailLimits.OrdersMax)
                _refusals.Add((asker, new TailLines { Id = order.Id, Refused = refused }));
        }

        _opened.Set();
    }

    public void Close(string asker, ulong id)
    {
        lock (_gate) Keep(tap => tap.Asker != asker || tap.Id != id);
    }

    /// <summary>Sends what matched to whoever ordered it, until cancelled.</summary>
    public async Task RunAsync(NodeLink link, CancellationToken cancel)
    {
        while (true)
        {
            if (Open is null) await _opened.WaitAsync(cancel);
            await RefuseAsync(link, cancel);
            await Task.Delay(TailLimits.SendEvery, time, cancel);
            foreach (var tap in Open ?? [])
            {
                if (tap.Take() is not { } taken) continue;
                var lost = taken.Lost + taken.Lines.Count;
                if (!await link.SendAsync(tap.Asker, new NodeMessage { TailLines = taken }, cancel)) tap.Lost(lost);
            }

            var now = time.GetTimestamp();
            lock (_gate) Keep(tap => tap.ExpiresAt > now);
        }
    }

    /// <summary>Shows a batch to those who tail. Its entries have their final labels.</summary>
    /// <param name="tenants">The tenant of each target.</param>
    /// <param name="targetOf">The target of each entry; -1: it is dropped.</param>
    internal static void Show(
        LineTap[] taps, LogBatch batch, string destination, ReadOnlySpan<int> targetOf, Func<int, string> tenants)
    {
        foreach (var tap in taps)
        {
            LabelSet? last = null;
            var isSelected = false;
            for (var i = 0; i < batch.Count; i++)
            {
                if (targetOf[i] < 0) continue;
                ref var entry = ref batch[i];
                if (!ReferenceEquals(entry.Labels, last))
                {
                    last = entry.Labels;
                    isSelected = tap.Selects(last);
                }

                if (!isSelected) continue;
                var line = batch.Line(entry);
                if (tap.Matches(line)) tap.Offer(destination, tenants(targetOf[i]), entry, line);
            }
        }
    }

    private async ValueTask RefuseAsync(NodeLink link, CancellationToken cancel)
    {
        (string Asker, TailLines Message)[] refusals;
        lock (_gate)
        {
            refusals = [.. _refusals];
            _refusals.Clear();
        }

        foreach (var (asker, message) in refusals)
            await link.SendAsync(asker, new NodeMessage { TailLines = message }, cancel);
    }

    /// <summary>Under the gate.</summary>
    /// <returns>Why not; "" when it is open.</returns>
    private string TryOpen(string asker, TailOrder order, long expiresAt)
    {
        var open = _open ?? [];
        if (open.Length >= TailLimits.OrdersMax) return $"{TailLimits.OrdersMax} tails are followed here already";
        if (order.Query.Length > TailLimits.QueryLengthMax)
            return $"the query has more than {TailLimits.QueryLengthMax} characters";
        try
        {
            var parsed = LogQlParser.ParseMatcher(order.Query);
            var tap = new LineTap(asker, order.Id, parsed) { ExpiresAt = expiresAt };
            Volatile.Write(ref _open, [.. open, tap]);
            return "";
        }
        catch (LogQlException malformed)
        {
            return malformed.Message;
        }
    }

    private void Keep(Predicate<LineTap> which)
    {
        if (_open is null || Array.TrueForAll(_open, which)) return;
        var kept = Array.FindAll(_open, which);
        Volatile.Write(ref _open, kept.Length > 0 ? kept : null);
    }
}
