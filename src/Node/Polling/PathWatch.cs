using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Watching;

namespace Weir.Node.Polling;

/// <summary>Tells of changes in files, also of those that are put in their place: by inotify, where it is to be
/// had.</summary>
internal sealed class PathWatch(FileWatches watches, Action changed) : IDisposable
{
    private List<IDisposable> _watched = [];

    /// <summary>Watches these files and their folders from now on, and no others.</summary>
    public void Follow(IEnumerable<string> files, IEnumerable<string> folders)
    {
        var before = _watched;
        var now = new List<IDisposable>();
        foreach (var folder in folders.Distinct(StringComparer.Ordinal))
            if (watches.TryWatch(folder, null, _ => changed()) is { } watch) now.Add(watch);
        foreach (var file in files)
        {
            // The watch stays with the file when it is closed here.
            using var handle = NativeFile.TryOpen(file, out _);
            if (handle is not null && watches.TryWatch(handle, _ => changed()) is { } watch) now.Add(watch);
        }

        _watched = now;
        foreach (var watch in before) watch.Dispose();
    }

    /// <summary>Watches a file, and its folder for any name: a mounted secret is a link to a link that is
    /// replaced.</summary>
    public void FollowFile(string path) =>
        Follow([path], [Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/"]);

    public void Dispose() => Follow([], []);
}
