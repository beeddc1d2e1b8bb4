using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Weir.Node.Sources.Files.Native;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Files.Watching;

/// <summary>What inotify told: bytes were added, or a name, a link count or a permission changed.</summary>
internal enum FileChange : byte { Content, Name }

/// <summary>The process's one inotify instance and the thread that reads it.</summary>
/// <remarks>
/// A file is watched by its inode (through its open descriptor), so it stays watched when it is renamed; a directory is
/// watched for names that appear in it. Where a watch cannot be had (none left, or none possible) the caller polls.
/// </remarks>
public sealed unsafe class FileWatches : IDisposable
{
    private const uint FileMask =
        LibC.InotifyModify | LibC.InotifyAttributes | LibC.InotifyMoveSelf | LibC.InotifyDeleteSelf;

    private const uint DirectoryMask = LibC.InotifyCreate | LibC.InotifyMovedTo;

    // Between two reads of the queue: the kernel merges equal events meanwhile, so that a writer of 100,000 lines/s
    // costs 500 wakes/s at the most.
    private const int MergeMilliseconds = 2;

    private const int EventsBytes = 64 * 1024;
    private const int EventHeaderBytes = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<Watch>> _watches = [];
    private readonly IProcessLog _log;
    private readonly int _inotify;
    private readonly int _stop;
    private readonly Thread? _reader;
    private bool _complained;
    private bool _disposed;

    /// <param name="enabled">False polls everything, as where inotify is not to be had.</param>
    public FileWatches(IProcessLog log, bool enabled = true)
    {
        _log = log;
        _inotify = enabled ? LibC.InotifyOpen(LibC.InotifyNonBlockingCloseOnExec) : -1;
        _stop = _inotify < 0 ? -1 : LibC.EventOpen(0, LibC.OpenCloseOnExec);
        if (_inotify < 0)
        {
            if (enabled) Complain("inotify_init1", Marshal.GetLastPInvokeError());
            return;
        }

        _reader = new Thread(ReadEvents) { IsBackground = true, Name = "inotify" };
        _reader.Start();
    }

    /// <summary>Watches what the descriptor is open on, under whatever name.</summary>
    /// <returns>Null: it must be polled.</returns>
    internal IDisposable? TryWatch(SafeFileHandle file, Action<FileChange> changed)
    {
        if (_inotify < 0 || NativeFile.IsRemote(file)) return null;
        var descriptor = file.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);
        return TryAdd($"/proc/self/fd/{descriptor}", FileMask, null, changed);
    }

    /// <summary>Watches for a name that appears in a directory.</summary>
    /// <param name="name">Null: any name.</param>
    /// <returns>Null: it must be polled.</returns>
    internal IDisposable? TryWatch(string directory, string? name, Action<FileChange> changed) =>
        _inotify < 0 ? null : TryAdd(directory, DirectoryMask, name ?? "", changed);

    public void Dispose()
    {
        if (_inotify < 0 || _disposed) return;
        _disposed = true;
        var one = 1L;
        _ = LibC.Write(_stop, (byte*)&one, sizeof(long));
        _reader!.Join();
        _ = LibC.Close(_inotify);
        _ = LibC.Close(_stop);
    }

    private Watch? TryAdd(string path, uint mask, string? name, Action<FileChange> changed)
    {
        lock (_lock)
        {
            if (_disposed) return null;
            var descriptor = LibC.InotifyAdd(_inotify, path, mask);
            if (descriptor < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == LibC.ErrorNoSpace) Complain("inotify_add_watch", error);
                return null;
            }

            var watch = new Watch(this, descriptor, name, changed);
            if (!_watches.TryGetValue(descriptor, out var sharing)) _watches[descriptor] = sharing = [];
            sharing.Add(watch);
            return watch;
        }
    }

    private void Remove(Watch watch)
    {
        lock (_lock)
        {
            if (!_watches.TryGetValue(watch.Descriptor, out var sharing) || !sharing.Remove(watch)) return;
            if (sharing.Count > 0) return;
            _watches.Remove(watch.Descriptor);
            if (!_disposed) _ = LibC.InotifyRemove(_inotify, watch.Descriptor);
        }
    }

    private void Complain(string call, int error)
    {
        if (_complained) return;
        _complained = true;
        _log.Write(LogSeverity.Warn, "files",
            "inotify has no watch left: files without one are polled; raise fs.inotify.max_user_watches",
            new("call", call), new("error", Marshal.GetPInvokeErrorMessage(error)));
    }

    private void ReadEvents()
    {
        var buffer = new byte[EventsBytes];
        var entries = stackalloc PollEntry[2];
        for (;;)
        {
            entries[0] = new PollEntry { Descriptor = _stop, Wanted = LibC.PollIn };
            entries[1] = new PollEntry { Descriptor = _inotify, Wanted = LibC.PollIn };
            _ = LibC.Poll(entries, 2, -1);
            if (entries[0].Got != 0) return;
            fixed (byte* start = buffer)
            {
                var length = (int)LibC.Read(_inotify, start, EventsBytes);
                if (length > 0) Dispatch(buffer.AsSpan(0, length));
            }

            if (LibC.Poll(entries, 1, MergeMilliseconds) > 0) return;
        }
    }

    private void Dispatch(ReadOnlySpan<byte> events)
    {
        while (events.Length >= EventHeaderBytes)
        {
            var descriptor = BinaryPrimitives.ReadInt32LittleEndian(events);
            var mask = BinaryPrimitives.ReadUInt32LittleEndian(events[4..]);
            var nameLength = BinaryPrimitives.ReadInt32LittleEndian(events[12..]);
            var name = events.Slice(EventHeaderBytes, nameLength);
            events = events[(EventHeaderBytes + nameLength)..];
            lock (_lock) // the callbacks only set a flag and pulse
            {
                if ((mask & LibC.InotifyOverflow) != 0) TellAll();
                else if (_watches.TryGetValue(descriptor, out var sharing)) Tell(sharing, mask, name);
                if ((mask & LibC.InotifyIgnored) != 0) _watches.Remove(descriptor);
            }
        }
    }

    /// <summary>The queue overflowed: anything may have happened.</summary>
    private void TellAll()
    {
        foreach (var sharing in _watches.Values)
            foreach (var watch in sharing) watch.Changed(FileChange.Name);
    }

    private static void Tell(List<Watch> sharing, uint mask, ReadOnlySpan<byte> paddedName)
    {
        var change = mask == LibC.InotifyModify ? FileChange.Content : FileChange.Name;
        string? name = null;
        foreach (var watch in sharing)
        {
            if (!string.IsNullOrEmpty(watch.Name))
            {
                name ??= Encoding.UTF8.GetString(paddedName.TrimEnd((byte)0));
                if (name.Length > 0 && watch.Name != name) continue;
            }

            watch.Changed(change);
        }
    }

    /// <param name="name">Null for a file; "" for any name in a directory.</param>
    private sealed class Watch(
        FileWatches watches, int descriptor, string? name, Action<FileChange> changed) : IDisposable
    {
        public int Descriptor { get; } = descriptor;

        public string? Name { get; } = name;

        public Action<FileChange> Changed { get; } = changed;

        public void Dispose() => watches.Remove(this);
    }
}
