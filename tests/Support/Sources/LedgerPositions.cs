using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Support.Sources;

/// <summary>Source positions in memory: a position becomes durable when all made before it for its source are
/// complete.</summary>
public sealed class LedgerPositions : ISourcePositions, ICheckpointLedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SourceKey, SourcePosition> _durable = [];
    private readonly Dictionary<SourceKey, Pending> _pending = [];
    private long _sequence;

    public LedgerPositions(params IEnumerable<SourcePosition> durable)
    {
        foreach (var position in durable) _durable[position.Source] = position;
    }

    /// <summary>Called when a checkpoint completed.</summary>
    public Action? Completed { get; set; }

    /// <summary>What a node that is killed now would find at its next start.</summary>
    public IReadOnlyList<SourcePosition> Durable
    {
        get
        {
            lock (_lock) return [.. _durable.Values];
        }
    }

    public async ValueTask<SourcePosition?> ResumeAsync(SourceKey source, CancellationToken cancel)
    {
        for (;;)
        {
            Task changed;
            lock (_lock)
            {
                if (!_pending.TryGetValue(source, out var pending)
                    || pending.Open.TrueForAll(checkpoint => checkpoint.IsComplete || pending.Lost))
                {
                    _pending.Remove(source);
                    return _durable.GetValueOrDefault(source);
                }

                changed = pending.Changed.Task;
            }

            await changed.WaitAsync(cancel);
        }
    }

    public SourcePosition? Find(SourceKey source)
    {
        lock (_lock) return _durable.GetValueOrDefault(source);
    }

    public IReadOnlyList<SourcePosition> List(string component)
    {
        lock (_lock) return [.. _durable.Values.Where(position => position.Source.Component == component)];
    }

    public Checkpoint Begin(SourcePosition position)
    {
        lock (_lock)
        {
            if (!_pending.TryGetValue(position.Source, out var pending))
                _pending[position.Source] = pending = new Pending();
            if (pending.Lost) throw new PositionLostException(position.Source);
            var checkpoint = new Checkpoint(position, ++_sequence, this);
            pending.Open.Add(checkpoint);
            return checkpoint;
        }
    }

    public void Forget(SourceKey source)
    {
        lock (_lock) _durable.Remove(source);
    }

    public void Complete(Checkpoint checkpoint)
    {
        lock (_lock)
        {
            if (!_pending.TryGetValue(checkpoint.Source, out var pending)) return;
            while (pending.Open is [{ IsComplete: true } first, ..])
            {
                pending.Open.RemoveAt(0);
                _durable[first.Source] = first.Position;
            }

            pending.Signal();
        }

        Completed?.Invoke();
    }

    public void Abandon(Checkpoint checkpoint)
    {
        lock (_lock)
        {
            if (!_pending.TryGetValue(checkpoint.Source, out var pending)) return;
            pending.Lost = true;
            pending.Signal();
        }
    }

    private sealed class Pending
    {
        public List<Checkpoint> Open { get; } = [];

        public bool Lost { get; set; }

        public TaskCompletionSource Changed { get; private set; } = New();

        public void Signal()
        {
            Changed.TrySetResult();
            Changed = New();
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
