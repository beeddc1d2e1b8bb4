using System.Runtime.InteropServices;
using System.Text;
using Weir.Node.Sources.Files.Watching;

namespace Weir.Node.Sources.Journal.Native;

/// <summary>A journal read by libsystemd, which maps its files into memory: fields are spans over them.</summary>
internal sealed class SystemdJournal : IJournal
{
    private const int LocalOnly = 1;
    private const int ErrorInvalid = -22;

    private readonly JournalLibrary _library;
    private readonly WakeSignal _wake;
    private readonly DescriptorWatch _watch;
    private readonly string _path;
    private readonly string _name;
    private nint _journal;
    private bool _enumerates;

    private unsafe SystemdJournal(JournalLibrary library, nint journal, string path, string name, TimeProvider time)
    {
        (_library, _journal, _path, _name) = (library, journal, path, name);
        _wake = new WakeSignal(time);
        _watch = new DescriptorWatch(_library.GetDescriptor(_journal), _wake);
    }

    public bool IsDamaged { get; private set; }

    /// <exception cref="JournalException">It cannot be read, by this user or at all.</exception>
    public static unsafe SystemdJournal Open(JournalSourceOptions options, TimeProvider time)
    {
        var library = JournalLibrary.Load();
        CheckAccess(options.Path);
        var name = options.Path.Length > 0 ? $"the journal in {options.Path}" : "this host's journal";
        nint journal;
        int error;
        if (options.Path.Length == 0) error = library.Open(&journal, LocalOnly);
        else
        {
            fixed (byte* path = Terminated(options.Path)) error = library.OpenDirectory(&journal, path, 0);
        }

        if (error < 0) throw new JournalException($"{name} cannot be opened: {Text(error)}");
        try
        {
            Prepare(library, journal, options, name);
            return new SystemdJournal(library, journal, options.Path, name, time);
        }
        catch (JournalException)
        {
            library.Close(journal);
            throw;
        }
    }

    public unsafe bool TryNext()
    {
        (_enumerates, IsDamaged) = (false, false);
        return Check(_library.Next(_journal), "it cannot be read on") > 0;
    }

    public unsafe int Back(int entries)
    {
        _enumerates = false;
        return Check(_library.PreviousSkip(_journal, (ulong)entries), "it cannot be read backwards");
    }

    public unsafe void SeekTime(long microseconds) =>
        Check(_library.SeekRealtime(_journal, (ulong)Math.Max(0, microseconds)), "a time cannot be found in it");

    public unsafe bool TrySeek(string cursor)
    {
        fixed (byte* text = Terminated(cursor))
        {
            var result = _library.SeekCursor(_journal, text);
            return result != ErrorInvalid && Check(result, "a cursor cannot be found in it") >= 0;
        }
    }

    public unsafe bool IsAt(string cursor)
    {
        fixed (byte* text = Terminated(cursor))
            return Check(_library.TestCursor(_journal, text), "the place in it cannot be told") > 0;
    }

    public unsafe bool TryCursor(out string cursor)
    {
        nint text;
        var result = _library.GetCursor(_journal, &text);
        cursor = result < 0 ? "" : Marshal.PtrToStringUTF8(text)!;
        if (result >= 0) NativeMemory.Free((void*)text);
        return result >= 0;
    }

    public unsafe bool TryTimestamp(out long microseconds)
    {
        ulong time;
        var result = _library.GetRealtime(_journal, &time);
        microseconds = (long)time;
        return result >= 0;
    }

    public unsafe bool TryField(out ReadOnlySpan<byte> field)
    {
        if (!_enumerates) _library.RestartData(_journal);
        _enumerates = true;
        byte* data;
        nuint length;
        var result = _library.EnumerateData(_journal, &data, &length);
        IsDamaged |= result < 0;
        field = result > 0 ? new ReadOnlySpan<byte>(data, (int)Math.Min(length, JournalLines.FieldBytesMax)) : default;
        return result > 0;
    }

    public string CheckAccess() => CheckAccess(_path);

    public async ValueTask WaitAsync(TimeSpan limit, CancellationToken cancel)
    {
        await using var stopped = cancel.Register(_wake.Pulse);
        _watch.Arm();
        await _wake.WaitAsync(limit);
        cancel.ThrowIfCancellationRequested();
        Process();
    }

    public unsafe void Dispose()
    {
        if (_journal == 0) return;
        _watch.Dispose();
        _wake.Dispose();
        _library.Close(_journal);
        _journal = 0;
    }

    private static string CheckAccess(string path)
    {
        var access = JournalAccess.Of(path);
        return access.CanRead ? access.Text : throw new JournalException(access.Text);
    }

    private static unsafe void Prepare(JournalLibrary library, nint journal, JournalSourceOptions options, string name)
    {
        // Longer fields are cut, and their memory with them.
        library.SetDataThreshold(journal, JournalLines.FieldBytesMax);
        foreach (var match in JournalMatches.Split(options.Matches))
        {
            fixed (byte* text = Terminated(match))
            {
                var result = library.AddMatch(journal, text, 0);
                if (result < 0) throw new JournalException($"matches: \"{match}\": {Text(result)}");
            }
        }

        // From here on no change goes unnoticed.
        var descriptor = library.GetDescriptor(journal);
        if (descriptor < 0)
            throw new JournalException($"{name} cannot be watched: {Text(descriptor)}; "
                + "raise fs.inotify.max_user_instances and fs.inotify.max_user_watches");
    }

    private unsafe void Process() => Check(_library.Process(_journal), "its changes cannot be followed");

    private int Check(int result, string what) =>
        result >= 0 ? result : throw new JournalException($"{_name}: {what}: {Text(result)}");

    private static string Text(int error) => Marshal.GetPInvokeErrorMessage(-error);

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + '\0');
}
