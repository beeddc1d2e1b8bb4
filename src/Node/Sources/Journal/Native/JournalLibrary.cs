using System.Runtime.InteropServices;

namespace Weir.Node.Sources.Journal.Native;

/// <summary>systemd's own library, loaded when a journal is first read: nothing else needs it.</summary>
/// <remarks>Every call returns a negative error number when it fails.</remarks>
internal sealed unsafe class JournalLibrary
{
    private const string Name = "libsystemd.so.0";

    public readonly delegate* unmanaged<nint*, int, int> Open;
    public readonly delegate* unmanaged<nint*, byte*, int, int> OpenDirectory;
    public readonly delegate* unmanaged<nint, void> Close;
    public readonly delegate* unmanaged<nint, nuint, int> SetDataThreshold;
    public readonly delegate* unmanaged<nint, byte*, nuint, int> AddMatch;
    public readonly delegate* unmanaged<nint, int> Next;
    public readonly delegate* unmanaged<nint, ulong, int> PreviousSkip;
    public readonly delegate* unmanaged<nint, ulong, int> SeekRealtime;
    public readonly delegate* unmanaged<nint, byte*, int> SeekCursor;
    public readonly delegate* unmanaged<nint, byte*, int> TestCursor;
    public readonly delegate* unmanaged<nint, nint*, int> GetCursor;
    public readonly delegate* unmanaged<nint, ulong*, int> GetRealtime;
    public readonly delegate* unmanaged<nint, void> RestartData;
    public readonly delegate* unmanaged<nint, byte**, nuint*, int> EnumerateData;
    public readonly delegate* unmanaged<nint, int> GetDescriptor;
    public readonly delegate* unmanaged<nint, int> Process;

    private static JournalLibrary? _loaded;

    private JournalLibrary(nint library)
    {
        nint Function(string name) => NativeLibrary.GetExport(library, "sd_journal_" + name);

        Open = (delegate* unmanaged<nint*, int, int>)Function("open");
        OpenDirectory = (delegate* unmanaged<nint*, byte*, int, int>)Function("open_directory");
        Close = (delegate* unmanaged<nint, void>)Function("close");
        SetDataThreshold = (delegate* unmanaged<nint, nuint, int>)Function("set_data_threshold");
        AddMatch = (delegate* unmanaged<nint, byte*, nuint, int>)Function("add_match");
        Next = (delegate* unmanaged<nint, int>)Function("next");
        PreviousSkip = (delegate* unmanaged<nint, ulong, int>)Function("previous_skip");
        SeekRealtime = (delegate* unmanaged<nint, ulong, int>)Function("seek_realtime_usec");
        SeekCursor = (delegate* unmanaged<nint, byte*, int>)Function("seek_cursor");
        TestCursor = (delegate* unmanaged<nint, byte*, int>)Function("test_cursor");
        GetCursor = (delegate* unmanaged<nint, nint*, int>)Function("get_cursor");
        GetRealtime = (delegate* unmanaged<nint, ulong*, int>)Function("get_realtime_usec");
        RestartData = (delegate* unmanaged<nint, void>)Function("restart_data");
        GetDescriptor = (delegate* unmanaged<nint, int>)Function("get_fd");
        Process = (delegate* unmanaged<nint, int>)Function("process");
        // Since version 246: passes over fields in a compression that the library was built without.
        EnumerateData = (delegate* unmanaged<nint, byte**, nuint*, int>)(
            NativeLibrary.TryGetExport(library, "sd_journal_enumerate_available_data", out var available)
                ? available : Function("enumerate_data"));
    }

    /// <exception cref="JournalException">It is not there.</exception>
    public static JournalLibrary Load()
    {
        if (Volatile.Read(ref _loaded) is { } loaded) return loaded;
        if (!NativeLibrary.TryLoad(Name, out var library))
            throw new JournalException(
                $"{Name} is not installed, without which no journal can be read: install the package libsystemd0 "
                + "(Debian, Ubuntu) or systemd-libs (Fedora, Arch); Alpine has none: use an image based on Debian");
        try
        {
            loaded = new JournalLibrary(library);
        }
        catch (EntryPointNotFoundException missing)
        {
            throw new JournalException($"{Name} is too old: {missing.Message}; install systemd 230 or newer");
        }

        Volatile.Write(ref _loaded, loaded);
        return loaded;
    }
}
