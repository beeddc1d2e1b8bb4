using System.Threading.Channels;
using Weir.Protocol.Batches;
using Weir.Routing.Cardinality;
using Weir.Routing.Components;
using Weir.Routing.Metrics;
using Weir.Routing.Tailing;

namespace Weir.Routing.Lanes;

/// <summary>One source's way to the builders: adds external labels and parts a batch by tenant and partition.</summary>
/// <remarks>Runs on the source's loop. What becomes of a label set is looked up once and kept.</remarks>
internal sealed class DestinationInlet(Destination destination) : ILogsInlet
{
    private const int RoutesMax = 10_000;

    private readonly Dictionary<LabelSet, Route> _routes = [];
    private readonly List<LaneBuilder> _targets = [];
    private DestinationSettings? _settings;
    private CardinalityGuard? _guard;
    private int _guardVersion;
    private LabelSet? _lastLabels;
    private int _lastShared = -1;
    private Metric? _changed;
    private int _changedCount;
    private Route _lastRoute;
    private int[] _targetOf = new int[1024];

    public bool HoldsLines => false;

    /// <exception cref="ChannelClosedException">The destination is gone; the batch was given up.</exception>
    public async ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
    {
        var isSent = false;
        try
        {
            await destination.Committer.PassAsync(batch.Checkpoint, cancel);
            var unlabelled = Assign(batch);
            if (destination.Taps.Open is { } taps)
                LineTaps.Show(taps, batch, destination.Id, _targetOf, i => _targets[i].Tenant);
            if (destination.Limits.Endpoints.Count == 0) Drop(batch, DropReason.NoEndpoint);
            else if (_targets.Count == 0) batch.Dispose();
            else if (_targets.Count == 1)
            {
                if (unlabelled > 0) KeepTarget(batch, 0);
                await PostAsync(batch, _targets[0], cancel);
            }
            else await PostPartsAsync(batch, cancel);
            isSent = true;
        }
        finally
        {
            if (!isSent) FanOut.Abandon(batch);
        }
    }

    public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => ValueTask.CompletedTask;

    public void Dispose()
    {
        _routes.Clear();
        _targets.Clear();
    }

    /// <summary>Gives each entry its final labels and its builder.</summary>
    /// <returns>Entries that no builder takes.</returns>
    private int Assign(LogBatch batch)
    {
        FollowSettings();
        _targets.Clear();
        _lastShared = -1;
        if (_targetOf.Length < batch.Count) _targetOf = new int[batch.Count + batch.Count / 2];
        var unlabelled = 0;
        var unlabelledBytes = 0L;
        var entries = batch.Entries;
        for (var i = 0; i < entries.Length; i++)
        {
            ref var entry = ref entries[i];
            if (!ReferenceEquals(entry.Labels, _lastLabels)) Look(entry.Labels);
            if (_lastRoute.Changed is not null) Demote(batch, ref entry);
            if (_lastRoute.Builder is null)
            {
                _targetOf[i] = -1;
                unlabelled++;
                unlabelledBytes += entry.LineLength;
                continue;
            }

            entry.Labels = _lastRoute.Labels;
            _targetOf[i] = TargetOf(_lastRoute.Builder);
        }

        CountChanged();
        if (unlabelled > 0) destination.Dropped("", DropReason.NoLabels, unlabelled, unlabelledBytes);
        return unlabelled;
    }

    private void FollowSettings()
    {
        var guard = destination.Guard;
        var version = guard?.Version ?? 0;
        if (ReferenceEquals(_settings, destination.Settings) && ReferenceEquals(_guard, guard)
            && version == _guardVersion) return;
        _settings = destination.Settings;
        (_guard, _guardVersion) = (guard, version);
        _routes.Clear();
        _lastLabels = null;
    }

    /// <summary>Gives an entry the labels that its stream lost, as metadata. Behind its own, so that of two with the
    /// same name the label counts, as before.</summary>
    private void Demote(LogBatch batch, ref Entry entry)
    {
        if (!ReferenceEquals(_changed, _lastRoute.Changed)) CountChanged();
        _changed = _lastRoute.Changed;
        _changedCount++;
        var metadata = _lastRoute.Metadata;
        if (metadata.Length == 0) return;
        if (entry.MetadataLength == 0)
        {
            // Entries of one stream share the bytes.
            if (_lastShared < 0) _lastShared = batch.Append(metadata);
            (entry.MetadataStart, entry.MetadataLength) = (_lastShared, metadata.Length);
            return;
        }

        batch.Reserve(entry.MetadataLength + metadata.Length);
        entry.MetadataStart = batch.Append(batch.Metadata(entry));
        batch.Append(metadata);
        entry.MetadataLength += metadata.Length;
    }

    private void CountChanged()
    {
        if (_changedCount > 0) _changed!.Add((long)_changedCount);
        _changedCount = 0;
    }

    private int TargetOf(LaneBuilder builder)
    {
        // Few: one a tenant in a batch of one source, nearly always one.
        for (var i = 0; i < _targets.Count; i++)
            if (ReferenceEquals(_targets[i], builder)) return i;
        _targets.Add(builder);
        return _targets.Count - 1;
    }

    private void Look(LabelSet labels)
    {
        if (!_routes.TryGetValue(labels, out _lastRoute))
        {
            if (_routes.Count >= RoutesMax) _routes.Clear();
            _routes[labels] = _lastRoute = RouteOf(labels);
        }

        _lastLabels = labels;
        _lastShared = -1;
    }

    private Route RouteOf(LabelSet labels)
    {
        var settings = destination.Settings;
        var (visible, tenant) = FinalLabels.Of(labels, settings.ExternalLabels, destination.Labels);
        if (visible.Count == 0) return default;
        var guarded = _guard?.Judge(visible, tenant, destination.Labels) ?? new GuardedStream(visible, []);
        var changed = ReferenceEquals(guarded.Labels, visible) ? null
            : destination.Changed(tenant, _guard!.Options.Action);
        var partition = (int)(guarded.Labels.Hash % (ulong)Math.Max(settings.Partitions, 1));
        return new Route(guarded.Labels, destination.BuilderOf(tenant, partition), guarded.Metadata, changed);
    }

    private async ValueTask PostPartsAsync(LogBatch batch, CancellationToken cancel)
    {
        var targets = _targets.ToArray();
        var parts = new LogBatch[targets.Length];
        for (var i = 0; i < parts.Length; i++) parts[i] = PartOf(batch, i);
        batch.Dispose();
        var sent = 0;
        try
        {
            for (; sent < parts.Length; sent++) await PostAsync(parts[sent], targets[sent], cancel);
        }
        finally
        {
            for (var i = sent; i < parts.Length; i++) FanOut.Abandon(parts[i]);
        }
    }

    private async ValueTask PostAsync(LogBatch batch, LaneBuilder builder, CancellationToken cancel)
    {
        var charge = Destination.ChargeOf(batch);
        if (_settings!.BlockOnOverflow) await destination.Gate.EnterAsync(charge, cancel);
        else if (!destination.Gate.TryEnter(charge))
        {
            Drop(batch, DropReason.QueueIsFull);
            return;
        }

        await builder.PostAsync(batch, charge);
    }

    private void Drop(LogBatch batch, string reason)
    {
        var bytes = 0L;
        foreach (ref var entry in batch.Entries) bytes += entry.LineLength;
        destination.Dropped("", reason, batch.Count, bytes);
        batch.Dispose();
    }

    private LogBatch PartOf(LogBatch batch, int target)
    {
        var bytes = 0;
        var count = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            if (_targetOf[i] != target) continue;
            bytes += batch[i].LineLength + batch[i].MetadataLength;
            count++;
        }

        var part = new LogBatch(Math.Max(bytes, 1), Math.Max(count, 1));
        for (var i = 0; i < batch.Count; i++)
        {
            if (_targetOf[i] != target) continue;
            ref var entry = ref batch[i];
            var metadata = part.Append(batch.Metadata(entry));
            ref var copy = ref part.Add(entry.Timestamp, entry.Labels, batch.Line(entry), entry.Resume);
            copy.MetadataStart = metadata;
            copy.MetadataLength = entry.MetadataLength;
        }

        batch.Checkpoint?.Retain();
        part.Checkpoint = batch.Checkpoint;
        return part;
    }

    private void KeepTarget(LogBatch batch, int target)
    {
        var kept = new List<int>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
            if (_targetOf[i] == target) kept.Add(i);
        batch.Keep(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(kept));
    }

    /// <param name="Metadata">Added to every entry; empty for nothing.</param>
    /// <param name="Changed">Counts entries that lose a label; null where they lose none.</param>
    private readonly record struct Route(LabelSet Labels, LaneBuilder? Builder, byte[] Metadata, Metric? Changed);
}
