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

/// <summary>A position on its way to the spool: it may become durable with, or after, the last fragment that holds its
/// lines.</summary>
/// <remarks>
/// Held once by each batch (and copy of it) and each open fragment that carries its lines; the last release completes
/// it.
/// Positions of one source complete in the order in which they were made, for the committer stores the highest
/// sequence.
/// </remarks>
public sealed class Checkpoint(SourcePosition position, long sequence, Action<Checkpoint> completed)
{
    private int _holders = 1;

    public SourcePosition Position { get; } = position;

    /// <summary>Grows with each checkpoint of the same source.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>No batch and no open fragment holds its lines any more.</summary>
    public bool IsComplete => Volatile.Read(ref _holders) == 0;

    public void Retain() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0) completed(this);
    }

    /// <summary>The same source, held back to <paramref name="offset"/>: lines from there on are still held by a
    /// stage.</summary>
    public Checkpoint HeldBackTo(long offset) => new(Position with { Offset = offset }, Sequence, completed);
}
