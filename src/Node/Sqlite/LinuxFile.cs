using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Node.Sqlite;

/// <summary>What the runtime does not offer of Linux's files.</summary>
internal static partial class LinuxFile
{
    private const int OpenReadOnly = 0;
    private const int OpenCloseOnExec = 0x80000;
    private const int Interrupted = 4;

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

    private static IOException Failure(string call, int error) =>
        new($"{call}: {Marshal.GetPInvokeErrorMessage(error)}");

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
