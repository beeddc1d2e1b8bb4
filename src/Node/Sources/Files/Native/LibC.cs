using System.Runtime.InteropServices;

namespace Weir.Node.Sources.Files.Native;

/// <summary>The calls of the C library that the framework does not offer: identity of files, inotify, where data
/// begins.</summary>
internal static unsafe partial class LibC
{
    public const int OpenReadOnly = 0;
    public const int OpenNonBlocking = 0x800; // a FIFO without a writer would hang an open that blocks
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenNoTerminal = 0x100;

    public const int AtCurrentDirectory = -100;
    public const int AtEmptyPath = 0x1000;
    public const uint StatxBasicAndBirth = 0xfff;

    public const int SeekData = 3;

    public const int ErrorNotFound = 2;
    public const int ErrorInterrupted = 4;
    public const int ErrorNoSuchDevice = 6;
    public const int ErrorAccess = 13;
    public const int ErrorNotDirectory = 20;
    public const int ErrorIsDirectory = 21;
    public const int ErrorFilesOpenByProcess = 24;
    public const int ErrorNoSpace = 28;

    public const uint InotifyModify = 0x2;
    public const uint InotifyAttributes = 0x4;
    public const uint InotifyMovedTo = 0x80;
    public const uint InotifyCreate = 0x100;
    public const uint InotifyDeleteSelf = 0x400;
    public const uint InotifyMoveSelf = 0x800;
    public const uint InotifyOverflow = 0x4000;
    public const uint InotifyIgnored = 0x8000;
    public const int InotifyNonBlockingCloseOnExec = 0x80800;

    public const short PollIn = 1;

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int descriptor, long offset, int whence);

    /// <summary>The struct differs between machines, its first field, the file system's magic number, does
    /// not.</summary>
    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int FileSystemOf(int descriptor, long* buffer);

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    public static partial int InotifyOpen(int flags);

    [LibraryImport(
        "libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int InotifyAdd(int inotify, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    public static partial int InotifyRemove(int inotify, int watch);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventOpen(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);
}

[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Descriptor;
    public short Wanted;
    public short Got;
}

/// <summary>The kernel's <c>struct statx</c>: the same on every machine, which is why it is used and not <c>struct
/// stat</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatxBuffer
{
    [FieldOffset(0)] public uint Mask;
    [FieldOffset(16)] public uint Links;
    [FieldOffset(28)] public ushort Mode;
    [FieldOffset(32)] public ulong Inode;
    [FieldOffset(40)] public long Size;
    [FieldOffset(80)] public long BirthSeconds;
    [FieldOffset(88)] public uint BirthNanoseconds;
    [FieldOffset(96)] public long ChangedSeconds;
    [FieldOffset(104)] public uint ChangedNanoseconds;
    [FieldOffset(112)] public long ModifiedSeconds;
    [FieldOffset(120)] public uint ModifiedNanoseconds;
    [FieldOffset(136)] public uint DeviceMajor;
    [FieldOffset(140)] public uint DeviceMinor;
}
