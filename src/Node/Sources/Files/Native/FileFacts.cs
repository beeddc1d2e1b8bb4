using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Node.Sources.Files.Native;

/// <summary>What tells one file from another on this host, whatever its name.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode);

internal enum FileKind : byte { Regular, Directory, Other }

/// <summary>What the file system says about a file now.</summary>
/// <param name="Links">0: unlinked, alive only through open descriptors.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When its bytes were last changed, nanoseconds since the epoch.</param>
/// <param name="Changed">When its bytes, its name or its rights were last changed, likewise.</param>
/// <param name="Born">Nanoseconds since the epoch; 0 where the file system does not record it.</param>
internal readonly record struct FileFacts(
    FileIdentity Identity, FileKind Kind, uint Links, long Size, long Modified, long Changed, long Born)
{
    private const uint BirthKnown = 0x800;

    /// <summary>Follows symbolic links.</summary>
    /// <returns>False with the error number when there is nothing or it may not be looked at.</returns>
    public static unsafe bool TryRead(string path, out FileFacts facts, out int error)
    {
        StatxBuffer buffer;
        if (LibC.Statx(LibC.AtCurrentDirectory, path, 0, LibC.StatxBasicAndBirth, &buffer) == 0)
        {
            error = 0;
            facts = From(buffer);
            return true;
        }

        error = Marshal.GetLastPInvokeError();
        facts = default;
        return false;
    }

    public static unsafe FileFacts Of(SafeFileHandle handle)
    {
        StatxBuffer buffer;
        if (LibC.Statx((int)handle.DangerousGetHandle(), "", LibC.AtEmptyPath, LibC.StatxBasicAndBirth, &buffer) == 0)
            return From(buffer);
        var reason = FileErrors.Text(Marshal.GetLastPInvokeError());
        throw new IOException($"the state of an open file cannot be read: {reason}");
    }

    private static FileFacts From(in StatxBuffer buffer) => new(
        new FileIdentity(((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor, buffer.Inode),
        (buffer.Mode & 0xf000) switch { 0x8000 => FileKind.Regular, 0x4000 => FileKind.Directory, _ => FileKind.Other },
        buffer.Links,
        buffer.Size,
        buffer.ModifiedSeconds * 1_000_000_000 + buffer.ModifiedNanoseconds,
        buffer.ChangedSeconds * 1_000_000_000 + buffer.ChangedNanoseconds,
        (buffer.Mask & BirthKnown) == 0 ? 0 : buffer.BirthSeconds * 1_000_000_000 + buffer.BirthNanoseconds);
}

/// <summary>Error numbers as sentences with a remedy.</summary>
internal static class FileErrors
{
    public static string Text(int error) => error switch
    {
        LibC.ErrorNotFound or LibC.ErrorNotDirectory => "there is no such file; it is read as soon as it appears",
        LibC.ErrorAccess => "permission denied; let the user that runs weir read the file and enter its directories",
        LibC.ErrorFilesOpenByProcess =>
            "the process has no descriptors left; raise its limit of open files (ulimit -n)",
        LibC.ErrorIsDirectory => "it is a directory; name the files in it with a glob in local.file_match",
        _ => Marshal.GetPInvokeErrorMessage(error),
    };
}

/// <summary>Opens files for reading without ever waiting, and asks what the framework does not.</summary>
internal static class NativeFile
{
    private static readonly HashSet<long> RemoteFileSystems =
    [
        0x6969, // NFS
        0x517b, 0xff534d42, 0xfe534d42, // SMB
        0x65735546, // FUSE
        0x01021997, // 9P
        0x00c36400, // Ceph
        0x5346414f, // AFS
        0x0bd00bd0, // Lustre
        0x01161970, // GFS2
        0x7461636f, // OCFS2
        0x786f4256, // VirtualBox shared folders
    ];

    /// <returns>Null with the error number.</returns>
    public static SafeFileHandle? TryOpen(string path, out int error)
    {
        const int flags = LibC.OpenReadOnly | LibC.OpenNonBlocking | LibC.OpenCloseOnExec | LibC.OpenNoTerminal;
        for (;;)
        {
            var descriptor = LibC.Open(path, flags, 0);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
            if (error != LibC.ErrorInterrupted) return null;
        }
    }

    /// <summary>Another host may change the file without this kernel's notice: inotify says nothing there.</summary>
    public static unsafe bool IsRemote(SafeFileHandle handle)
    {
        var buffer = stackalloc long[64]; // struct statfs is 120 bytes at the most
        return LibC.FileSystemOf((int)handle.DangerousGetHandle(), buffer) != 0
            || RemoteFileSystems.Contains(buffer[0] & 0xffff_ffff);
    }

    /// <returns>Where the next byte that is no hole lies, at or after <paramref name="offset"/>; -1: there is
    /// none.</returns>
    public static long NextData(SafeFileHandle handle, long offset)
    {
        var at = LibC.Seek((int)handle.DangerousGetHandle(), offset, LibC.SeekData);
        if (at >= 0) return at;
        return Marshal.GetLastPInvokeError() == LibC.ErrorNoSuchDevice ? -1 : offset;
    }
}
