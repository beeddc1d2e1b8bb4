using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Files;

/// <summary>Where a tail begins.</summary>
/// <param name="Known">Positions of files that the path has named.</param>
/// <param name="FromEnd">At the end of what it names now, where that has no position.</param>
/// <param name="Offset">Here in what it names now, where that has no position; null: from its start.</param>
/// <param name="Supersedes">The position that <paramref name="Offset"/> comes from.</param>
internal readonly record struct StartAt(
    IReadOnlyList<SourcePosition>? Known, bool FromEnd, long? Offset, SourceKey? Supersedes = null);
