using Microsoft.Win32.SafeHandles;
using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Reading;

namespace Weir.Node.Sources.Files;

/// <summary>A descriptor, which stays with the file whatever becomes of its name.</summary>
internal sealed class OpenedFile(SafeFileHandle handle, FileFacts facts, IFileContent content, IDisposable? watch)
    : IDisposable
{
    /// <summary>What the file system last said.</summary>
    public FileFacts Facts { get; private set; } = facts;

    public FileIdentity Identity => Facts.Identity;

    public IFileContent Content { get; private set; } = content;

    /// <summary>False: inotify does not watch it, it is polled.</summary>
    public bool IsWatched => watch is not null;

    public FileFacts Refresh() => Facts = FileFacts.Of(handle);

    /// <summary>The file was emptied: what is known of its bytes is void.</summary>
    public void Renew(Func<SafeFileHandle, IFileContent> content)
    {
        Content.Dispose();
        Content = content(handle);
    }

    /// <summary>Whether it holds the first bytes of another and nothing else: a copy of it, or the beginning of
    /// one.</summary>
    /// <remarks>Compared at both ends; that suffices, for in between are lines of the same moments.</remarks>
    public bool IsCopyOf(OpenedFile other)
    {
        var size = Refresh().Size;
        if (size == 0 || other.Refresh().Size < size) return false;
        var head = (int)Math.Min(size, FilePlace.HeadBytesMax);
        var tail = (int)Math.Min(size, FilePlace.TailBytesMax);
        return Same(other, 0, head) && Same(other, size - tail, tail);
    }

    public void Dispose()
    {
        watch?.Dispose();
        Content.Dispose();
        handle.Dispose();
    }

    private bool Same(OpenedFile other, long offset, int length)
    {
        Span<byte> mine = stackalloc byte[FilePlace.HeadBytesMax];
        Span<byte> others = stackalloc byte[FilePlace.HeadBytesMax];
        return Content.Read(mine[..length], offset) == length && other.Content.Read(others[..length], offset) == length
            && mine[..length].SequenceEqual(others[..length]);
    }
}
