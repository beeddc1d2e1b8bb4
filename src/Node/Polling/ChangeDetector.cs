using Weir.Routing.Language;

namespace Weir.Node.Polling;

/// <summary>How changes of a file are noticed.</summary>
public enum ChangeDetector : byte
{
    /// <summary>At once, where inotify watches; and every <c>poll_frequency</c>.</summary>
    [Spelling("fsnotify")]
    Watch,

    /// <summary>Every <c>poll_frequency</c>.</summary>
    [Spelling("poll")]
    Poll,
}
