namespace Weir.Protocol.Docker;

/// <summary>Where a container wrote a line.</summary>
public enum DockerStream : byte
{
    /// <summary>Never written by a daemon today, but valid in a frame.</summary>
    Stdin = 0,

    /// <summary>Also all that a container with a terminal writes.</summary>
    Stdout = 1,

    Stderr = 2,

    /// <summary>The daemon itself reports that it cannot read the log.</summary>
    SystemError = 3,
}

/// <summary>What is special about a line.</summary>
[Flags]
public enum DockerLineFlags : byte
{
    None = 0,

    /// <summary>Longer than the limit: more of the same line follows, under the same timestamp.</summary>
    Split = 1,

    /// <summary>Ended without a line break: the container ended in mid-line.</summary>
    Unterminated = 2,

    /// <summary>It came without a readable timestamp; <see cref="DockerLine.Timestamp"/> is 0.</summary>
    Untimed = 4,
}

/// <summary>A line of a container's log, valid until the reader is used again.</summary>
public readonly ref struct DockerLine
{
    public DockerStream Stream { get; init; }

    public DockerLineFlags Flags { get; init; }

    /// <summary>Nanoseconds since the Unix epoch, as the daemon noted the line's first piece.</summary>
    public long Timestamp { get; init; }

    /// <summary>Without its line break (<c>\n</c> or <c>\r\n</c>) and without the timestamp.</summary>
    public ReadOnlySpan<byte> Line { get; init; }
}
