using Weir.Protocol.Batches;

namespace Weir.Routing.Ports;

/// <summary>Where sources resume: durable positions, moved only together with the lines they cover.</summary>
public interface ISourcePositions
{
    /// <summary>Where a source starts: each run of its loop begins with this call, also after a fault.</summary>
    /// <remarks>
    /// What earlier runs of the source sent is made durable first, so that a restarted source reads nothing twice.
    /// Checkpoints of earlier runs that are still incomplete then (their lines were given up) are forgotten.
    /// </remarks>
    /// <returns>The committed position, or null: never read.</returns>
    ValueTask<SourcePosition?> ResumeAsync(SourceKey source, CancellationToken cancel);

    /// <summary>To look at; a source starts from <see cref="ResumeAsync"/>.</summary>
    /// <returns>The last committed position, or null: never read.</returns>
    SourcePosition? Find(SourceKey source);

    /// <summary>All committed positions of a component.</summary>
    IReadOnlyList<SourcePosition> List(string component);

    /// <summary>Makes the checkpoint that a batch carries; the position is committed with, or after, the batch's last
    /// line.</summary>
    /// <exception cref="PositionLostException">Lines sent earlier were given up: the run ends, the next resumes before
    /// them.</exception>
    Checkpoint Begin(SourcePosition position);

    /// <summary>Removes the position of a source that is gone for good, with the next commit.</summary>
    void Forget(SourceKey source);
}

/// <summary>Lines that a source had sent were given up behind it, so it must read them again: it restarts.</summary>
public sealed class PositionLostException(SourceKey source)
    : Exception($"lines of {source.Key} were given up by what follows {source.Component}; it reads them again");
