namespace Weir.Protocol.Batches;

/// <summary>Whose position it is: a component's id and the source's own key in it (a path, a container id, a cursor's
/// name).</summary>
public readonly record struct SourceKey(string Component, string Key);

/// <summary>Where a source resumes.</summary>
/// <param name="Source">Whose position.</param>
/// <param name="Offset">The source's own measure: bytes of a file, nanoseconds of a container log.</param>
/// <param name="Context">What else the source needs to recognise the place, in its own form; "" where it needs
/// nothing.</param>
public sealed record SourcePosition(SourceKey Source, long Offset, string Context);

/// <summary>Who makes checkpoints and learns what became of them.</summary>
public interface ICheckpointLedger
{
    /// <summary>Makes the next checkpoint of the position's source.</summary>
    Checkpoint Begin(SourcePosition position);

    /// <summary>Nothing holds the checkpoint's lines any more. Called once, from any thread.</summary>
    void Complete(Checkpoint checkpoint);

    /// <summary>Lines of the checkpoint were given up unsent: its source has to read them again.</summary>
    void Abandon(Checkpoint checkpoint);
}

/// <summary>A position on its way to the spool: it may become durable with, or after, the last fragment that holds
/// its lines.</summary>
/// <remarks>
/// Held once by each batch (and copy of it), each open fragment that carries its lines and each stage that keeps some
/// back; the last release completes it. Positions of one source become durable in the order in which they were made.
/// </remarks>
public sealed class Checkpoint(SourcePosition position, long sequence, ICheckpointLedger ledger)
{
    private int _holders = 1;
    private int _sent;
    private int _keepers;
    private long _offset = position.Offset;

    public SourceKey Source => position.Source;

    /// <summary>Where the source resumes once this is durable: the end of the batch, or earlier if a stage held lines
    /// back.</summary>
    public SourcePosition Position
    {
        get
        {
            var offset = Volatile.Read(ref _offset);
            return offset == position.Offset ? position : position with { Offset = offset };
        }
    }

    /// <summary>Grows with each checkpoint of the same source.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>Batches, open fragments and stages that hold it.</summary>
    public int Holders => Volatile.Read(ref _holders);

    /// <summary>No batch and no open fragment holds its lines any more.</summary>
    public bool IsComplete => Holders == 0;

    /// <summary>Some of its lines have reached a destination; the rest must follow for it to become durable.</summary>
    public bool IsSent => Volatile.Read(ref _sent) != 0;

    public void MarkSent() => Volatile.Write(ref _sent, 1);

    public void Retain() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0) ledger.Complete(this);
    }

    /// <summary>Gives its lines up: it will never complete, and its source is told to start again from what is
    /// durable.</summary>
    public void Abandon() => ledger.Abandon(this);

    /// <summary>Holds the position back to <paramref name="offset"/>, for lines from there on are still held by a
    /// stage.</summary>
    /// <remarks>
    /// Once a stage and checkpoint, from the source's own loop. The lowest offset that any stage asked for counts. A
    /// later batch's checkpoint supersedes this one; where none comes, <see cref="NextReleased"/> moves on. A source
    /// whose offsets start anew (another file) first has held lines released.
    /// </remarks>
    /// <returns>This checkpoint.</returns>
    public Checkpoint HeldBackTo(long offset)
    {
        _keepers++;
        if (offset < _offset) Volatile.Write(ref _offset, offset);
        return this;
    }

    /// <summary>The source's next checkpoint, for a batch of lines that a stage lets go on its own while it keeps
    /// others: no further than this one.</summary>
    /// <remarks>Only from the source's own loop, as all that makes checkpoints.</remarks>
    public Checkpoint NextHeld() => ledger.Begin(Position);

    /// <summary>The source's next checkpoint, for a batch of all lines that a stage held: the end of this one, unless
    /// another receiver's stage still holds some.</summary>
    /// <remarks>Only from the source's own loop, as all that makes checkpoints.</remarks>
    public Checkpoint NextReleased() => ledger.Begin(--_keepers == 0 ? position : Position);
}
