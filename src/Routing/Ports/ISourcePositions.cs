using Weir.Protocol.Batches;

namespace Weir.Routing.Ports;

/// <summary>Where sources resume: durable positions, moved only together with the lines they cover.</summary>
public interface ISourcePositions
{
    /// <returns>The last committed position, or null: never read.</returns>
    SourcePosition? Find(SourceKey source);

    /// <summary>All committed positions of a component.</summary>
    IReadOnlyList<SourcePosition> List(string component);

    /// <summary>Makes the checkpoint that a batch carries; the position is committed with, or after, the batch's last
    /// line.</summary>
    Checkpoint Begin(SourcePosition position);

    /// <summary>Removes the position of a source that is gone for good, with the next commit.</summary>
    void Forget(SourceKey source);
}
