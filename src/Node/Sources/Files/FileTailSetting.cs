using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Reading;
using Weir.Node.Sources.Files.Watching;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Files;

/// <summary>What all tails of one component share.</summary>
internal sealed record FileTailSetting
{
    public required string Component { get; init; }
    public required ISourcePositions Positions { get; init; }
    public required FileWatches Watches { get; init; }
    public required RoutingEvents Events { get; init; }
    public required TimeProvider Time { get; init; }
    public required FileTimings Timings { get; init; }
    public required FileMetrics Metrics { get; init; }
    public required FileOwners Owners { get; init; }
    public required Func<ILogsInlet> OpenInlet { get; init; }

    /// <summary>Whether a path is a target of its own, so that its file is not taken for another's rotated
    /// one.</summary>
    public required Func<string, bool> IsTarget { get; init; }

    /// <summary>Whether there is a position of the file under a path.</summary>
    public required Func<string, FileIdentity, bool> Knows { get; init; }

    /// <summary>The position of a file that a path named which is no target any more.</summary>
    public required Func<FileIdentity, SourcePosition?> FindMoved { get; init; }

    /// <summary>Called when a tail's problem came, changed or went.</summary>
    public required Action ProblemChanged { get; init; }

    public required TextFormat Format { get; init; }
    public required FileWatchOptions Polling { get; init; }

    /// <summary>Null: files are read as they are.</summary>
    public required DecompressionOptions? Decompression { get; init; }
}
