using Weir.Routing.Language;

namespace Weir.Node.Polling;

/// <summary>A file that is kept current.</summary>
public sealed record PolledFileOptions
{
    [Argument("filename", Required = true)]
    public string Filename { get; init; } = "";

    [Argument("detector")]
    public ChangeDetector Detector { get; init; }

    /// <summary>How often it is looked for changes. Default 1 min.</summary>
    [Argument("poll_frequency")]
    [Range(Min = "10ms")]
    public TimeSpan PollFrequency { get; init; } = TimeSpan.FromMinutes(1);
}
