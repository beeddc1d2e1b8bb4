using Weir.Node.Sources.Files.Reading;
using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Sources.Files;

/// <summary>Arguments of <c>loki.source.file</c>.</summary>
[Component("loki.source.file")]
public sealed record FileSourceOptions : IValidated
{
    /// <summary>Each has <c>__path__</c> and the labels of its lines.</summary>
    [Argument("targets", Required = true)]
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Targets { get; init; } = [];

    [Argument("forward_to", Required = true)]
    public IReadOnlyList<ILogsReceiver> ForwardTo { get; init; } = [];

    /// <summary>An IANA name of the files' encoding; "" is UTF-8. A byte order mark goes before it.</summary>
    [Argument("encoding")]
    public string Encoding { get; init; } = "";

    /// <summary>A positions file of Promtail or Alloy, taken over for files that have no position here; "" for
    /// none.</summary>
    [Argument("legacy_positions_file")]
    public string LegacyPositionsFile { get; init; } = "";

    /// <summary>What to do with files whose entry in a damaged legacy positions file cannot be read.</summary>
    [Argument("on_positions_file_error")]
    public PositionsFileError OnPositionsFileError { get; init; } = PositionsFileError.RestartFromBeginning;

    /// <summary>Files that are there at the start and have no position are read from their end.</summary>
    [Argument("tail_from_end")]
    public bool TailFromEnd { get; init; }

    [Block("decompression")]
    public DecompressionOptions? Decompression { get; init; }

    [Block("file_watch")]
    public FileWatchOptions FileWatch { get; init; } = new();

    [Block("file_match")]
    public FileMatchOptions FileMatch { get; init; } = new();

    public void Validate(OptionProblems problems)
    {
        if (TextFormat.Find(Encoding) is null)
            problems.Add("encoding", $"\"{Encoding}\" is no known encoding",
                "use an IANA name, such as utf-16le or windows-1252");
        if (TailFromEnd && Decompression is { Enabled: true })
            problems.Add("tail_from_end", "a compressed file cannot be read from its end", "remove one of the two");
    }
}

public enum PositionsFileError : byte { RestartFromBeginning, RestartFromEnd, Skip }

public enum CompressionFormat : byte
{
    [Spelling("gz")] Gzip,
    [Spelling("z")] Zlib,
    [Spelling("bz2")] Bzip2,
}

/// <summary>Block <c>decompression</c>: files are read once, from their start to their end.</summary>
public sealed record DecompressionOptions
{
    [Argument("enabled", Required = true)]
    public bool Enabled { get; init; }

    [Argument("format", Required = true)]
    public CompressionFormat Format { get; init; }

    /// <summary>Wait before a file is first read, so that it can be written whole. Default 0.</summary>
    [Argument("initial_delay")]
    public TimeSpan InitialDelay { get; init; }
}

/// <summary>Block <c>file_watch</c>: how often files are looked at that inotify cannot watch.</summary>
public sealed record FileWatchOptions : IValidated
{
    /// <summary>While a file changes. Default 250 ms.</summary>
    [Range(Min = "1ms", Max = "1h")]
    [Argument("min_poll_frequency")]
    public TimeSpan MinPollFrequency { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>When it has not changed for long. Default 250 ms.</summary>
    [Range(Min = "1ms", Max = "1h")]
    [Argument("max_poll_frequency")]
    public TimeSpan MaxPollFrequency { get; init; } = TimeSpan.FromMilliseconds(250);

    public void Validate(OptionProblems problems)
    {
        if (MaxPollFrequency < MinPollFrequency)
            problems.Add("max_poll_frequency", "it is shorter than min_poll_frequency", "raise it, or lower the other");
    }
}

/// <summary>Block <c>file_match</c>: targets' paths are globs.</summary>
public sealed record FileMatchOptions
{
    [Argument("enabled")]
    public bool Enabled { get; init; }

    /// <summary>How often files are looked for. Default 10 s.</summary>
    [Range(Min = "10ms", Max = "24h")]
    [Argument("sync_period")]
    public TimeSpan SyncPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Leave out files that were last written longer ago; 0 takes all.</summary>
    [Argument("ignore_older_than")]
    public TimeSpan IgnoreOlderThan { get; init; }
}
