using System.Collections.Concurrent;
using Weir.Protocol.Cluster;
using Weir.Routing.Membership;

namespace Weir.Routing.Tailing;

/// <summary>The tails that this node was asked for: orders lines of all nodes, and hands out what they send.</summary>
public sealed class TailFeeds(NodeLink link, RoutingEvents events, TimeProvider time, Random random)
{
    private readonly ConcurrentDictionary<ulong, TailFeed> _open = new();
    private long _lastId = random.NextInt64();
    private int _count;

    /// <summary>Tails a query of selector and line filters until cancelled; <paramref name="read"/> takes the
    /// pieces.</summary>
    /// <returns>False when too many tail already.</returns>
    public async Task<bool> TailAsync(
        string query, Func<TailFeed, CancellationToken, Task> read, CancellationToken cancel)
    {
        try
        {
            if (Interlocked.Increment(ref _count) > TailLimits.FeedsMax) return false;
            await TailAsync(new TailFeed((ulong)Interlocked.Increment(ref _lastId), query), read, cancel);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Takes what a node sends; what nobody reads any more is skipped.</summary>
    public void Take(string from, TailLines lines, int bytes)
    {
        if (_open.TryGetValue(lines.Id, out var feed)) feed.Offer(from, lines, bytes);
        else events.NodeMessageSkipped("late_tail", $"from {from}");
    }

    private async Task TailAsync(TailFeed feed, Func<TailFeed, CancellationToken, Task> read, CancellationToken cancel)
    {
        _open[feed.Id] = feed;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var renewing = RenewAsync(feed, ended.Token);
        try
        {
            await read(feed, ended.Token);
        }
        finally
        {
            ended.Cancel();
            // Not the suppression alone: that leaves the caller's scheduling context.
            await renewing.ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            _open.TryRemove(feed.Id, out _);
            await EndAsync(feed);
        }
    }

    /// <summary>Best effort: without it the order ends with its life.</summary>
    private async ValueTask EndAsync(TailFeed feed)
    {
        using var late = new CancellationTokenSource(TailLimits.RenewEvery, time);
        try
        {
            await link.SendAsync(null, new NodeMessage { TailEnd = new TailEnd { Id = feed.Id } }, late.Token);
        }
        catch (OperationCanceledException)
        {
            // There is no way to the others now.
        }
    }

    /// <summary>Beside the reader: one that is slow still tails.</summary>
    private async Task RenewAsync(TailFeed feed, CancellationToken cancel)
    {
        while (true)
        {
            await link.SendAsync(null, new NodeMessage
            {
                TailOrder = new TailOrder
                {
                    Id = feed.Id,
                    Query = feed.Query,
                    ExpiresAfterMs = (long)TailLimits.OrderLife.TotalMilliseconds,
                },
            }, cancel);
            await Task.Delay(TailLimits.RenewEvery, time, cancel);
        }
    }
}
