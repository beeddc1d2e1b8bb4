using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>Positions in memory: durable as soon as nothing holds the lines before them.</summary>
public sealed class MemoryPositions : ISourcePositions, ICheckpointLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SourceKey, SourcePosition> _committed = [];
    private readonly Dictionary<SourceKey, List<Checkpoint>> _open = [];
    private readonly HashSet<SourceKey> _lost = [];
    private long _sequence;

    public ValueTask<SourcePosition?> ResumeAsync(SourceKey source, CancellationToken cancel)
    {
        lock (_lock)
        {
            _lost.Remove(source);
            _open.Remove(source);
        }

        return ValueTask.FromResult(Find(source));
    }

    public SourcePosition? Find(SourceKey source)
    {
        lock (_lock) return _committed.GetValueOrDefault(source);
    }

    public IReadOnlyList<SourcePosition> List(string component)
    {
        lock (_lock) return [.. _committed.Values.Where(position => position.Source.Component == component)];
    }

    public Checkpoint Begin(SourcePosition position)
    {
        lock (_lock)
        {
            if (_lost.Contains(position.Source)) throw new PositionLostException(position.Source);
            if (!_open.TryGetValue(position.Source, out var open)) _open[position.Source] = open = [];
            var checkpoint = new Checkpoint(position, ++_sequence, this);
            open.Add(checkpoint);
            return checkpoint;
        }
    }

    public void Forget(SourceKey source)
    {
        lock (_lock) _committed.Remove(source);
    }

    public void Complete(Checkpoint checkpoint)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(checkpoint.Source, out var open) || !open.Contains(checkpoint)) return;
            while (open.Count > 0 && open[0].IsComplete)
            {
                _committed[checkpoint.Source] = open[0].Position;
                open.RemoveAt(0);
            }
        }
    }

    public void Abandon(Checkpoint checkpoint)
    {
        lock (_lock) _lost.Add(checkpoint.Source);
    }

    /// <summary>Puts a position there, as an earlier run left it.</summary>
    public void Put(SourcePosition position)
    {
        lock (_lock) _committed[position.Source] = position;
    }
}
