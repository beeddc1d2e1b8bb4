namespace Weir.Node.Sources.Files;

/// <summary>How patient a file source is; only tests choose other times.</summary>
public sealed record FileTimings
{
    /// <summary>Names and sizes of watched files are looked at this often all the same: a notice may be
    /// missed.</summary>
    public TimeSpan Recheck { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A renamed file stays open until nothing was written to it for so long: writers reopen late.</summary>
    public TimeSpan RenamedQuiet { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>An unlinked file stays open for so long after the last write; it takes disk space meanwhile.</summary>
    public TimeSpan UnlinkedQuiet { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A last line without a line feed is sent when its file was replaced and not written for so
    /// long.</summary>
    public TimeSpan PartialQuiet { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Stages that hold lines are asked to release them this often while nothing is read.</summary>
    public TimeSpan Release { get; init; } = TimeSpan.FromMilliseconds(500);
}
