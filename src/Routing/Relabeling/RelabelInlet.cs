using System.Buffers;
using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Metrics;

namespace Weir.Routing.Relabeling;

/// <summary>One source's way through a <c>loki.relabel</c>.</summary>
/// <param name="setting">Read once a batch; a changed one begins with an empty cache.</param>
internal sealed class RelabelInlet(
    Func<LokiRelabelComponent.Setting> setting, IComponentHost host, ILogsInlet next) : ILogsInlet
{
    private readonly Metric _processed = host.Events.RelabelProcessed.With(host.Id);
    private readonly Metric _written = host.Events.RelabelWritten.With(host.Id);
    private readonly Metric _hits = host.Events.RelabelCacheHits.With(host.Id);
    private readonly Metric _misses = host.Events.RelabelCacheMisses.With(host.Id);
    private readonly Metric _size = host.Events.RelabelCacheSize.With(host.Id);
    private LokiRelabelComponent.Setting? _followed;
    private RelabelCache? _cache;

    public bool HoldsLines => next.HoldsLines;

    public ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
    {
        Relabel(batch);
        return next.SendAsync(batch, cancel);
    }

    public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => next.ReleaseAsync(ending, cancel);

    public void Dispose()
    {
        _size.Add(-(long)(_cache?.Count ?? 0));
        _cache = null;
        _followed = null;
        next.Dispose();
    }

    private RelabelCache Follow()
    {
        var current = setting();
        if (_cache != null && ReferenceEquals(current, _followed)) return _cache;
        _size.Add(-(long)(_cache?.Count ?? 0));
        _followed = current;
        return _cache = new RelabelCache(current.Rules, host.Labels, current.CacheSizeMax);
    }

    /// <summary>Entries that a rule drops or that are left without labels do not go on.</summary>
    private void Relabel(LogBatch batch)
    {
        var cache = Follow();
        var (hits, misses, size) = (cache.Hits, cache.Misses, cache.Count);
        var count = batch.Count;
        var live = ArrayPool<int>.Shared.Rent(Math.Max(count, 1));
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (cache.Apply(batch[i].Labels) is not { Count: > 0 } labels) continue;
            batch[i].Labels = labels;
            live[kept++] = i;
        }

        if (kept < count) batch.Keep(live.AsSpan(0, kept));
        ArrayPool<int>.Shared.Return(live);
        _processed.Add((long)count);
        _written.Add((long)kept);
        _hits.Add(cache.Hits - hits);
        _misses.Add(cache.Misses - misses);
        _size.Add((long)(cache.Count - size));
    }
}
