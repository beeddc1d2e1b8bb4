using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Node.Sqlite;

/// <summary>What the runtime does not offer of Linux's files.</summary>
internal static partial class LinuxFile
{
    private const int OpenReadOnly = 0;
    private const int OpenCloseOnExec = 0x80000;
    private const int Interrupted = 4;
    private const int NoSuchCall = 38; // ENOSYS
    private const int NotSupported = 95; // EOPNOTSUPP
    private const int PunchKeepingSize = 0x02 | 0x01; // FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE

    /// <summary>Makes the file's bytes and length durable, but not its times: one journal write less than
    /// fsync.</summary>
    /// <exception cref="IOException">The disk failed; what of the bytes is durable is unknown.</exception>
    public static void SyncData(SafeFileHandle file)
    {
        while (DataSync(file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) throw Failure("fdatasync", error);
        }
    }

    /// <summary>Makes creations, renames and deletions in a directory durable.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void SyncDirectory(string path)
    {
        using var directory = Open(path, OpenReadOnly | OpenCloseOnExec);
        if (directory.IsInvalid) throw Failure($"open {path}", Marshal.GetLastPInvokeError());
        if (FileSync(directory) != 0) throw Failure($"fsync {path}", Marshal.GetLastPInvokeError());
    }

    /// <summary>Gives the whole blocks of a range back to the file system and writes zeros over the parts of blocks
    /// at its ends. Lengths stay; nothing is synced.</summary>
    /// <returns>False when the file system has no holes.</returns>
    /// <exception cref="IOException">The disk failed.</exception>
    public static bool TryPunch(SafeFileHandle file, long offset, long length)
    {
        while (Allocate(file, PunchKeepingSize, offset, length) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is NotSupported or NoSuchCall) return false;
            if (error != Interrupted) throw Failure("fallocate", error);
        }

        return true;
    }

    private static IOException Failure(string call, int error) =>
        new($"{call}: {Marshal.GetPInvokeErrorMessage(error)}");

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
