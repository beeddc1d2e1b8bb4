using System.Runtime.InteropServices;
using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Watching;

namespace Weir.Node.Sources.Journal.Native;

/// <summary>A thread that wakes a loop when there is something to read on a descriptor, once each time it is
/// asked.</summary>
internal sealed unsafe class DescriptorWatch : IDisposable
{
    // After a wake: journald writes several entries in a row, and one look serves all.
    private const int MergeMilliseconds = 5;

    private readonly int _descriptor;
    private readonly WakeSignal _wake;
    private readonly int _told = LibC.EventOpen(0, LibC.OpenCloseOnExec | LibC.OpenNonBlocking);
    private readonly Thread _thread;
    private volatile bool _armed;
    private volatile bool _stopping;

    /// <exception cref="JournalException">The process has no descriptors left.</exception>
    public DescriptorWatch(int descriptor, WakeSignal wake)
    {
        if (_told < 0)
            throw new JournalException(
                $"the journal cannot be watched: {FileErrors.Text(Marshal.GetLastPInvokeError())}");
        (_descriptor, _wake) = (descriptor, wake);
        _thread = new Thread(Work) { IsBackground = true, Name = "journal" };
        _thread.Start();
    }

    /// <summary>The next time there is something to read, the loop is woken.</summary>
    public void Arm()
    {
        if (_armed) return;
        _armed = true;
        Tell();
    }

    public void Dispose()
    {
        _stopping = true;
        Tell();
        _thread.Join();
        _ = LibC.Close(_told);
    }

    private void Tell()
    {
        var one = 1L;
        _ = LibC.Write(_told, (byte*)&one, sizeof(long));
    }

    private void Work()
    {
        var entries = stackalloc PollEntry[2];
        while (!_stopping)
        {
            entries[0] = new PollEntry { Descriptor = _told, Wanted = LibC.PollIn };
            entries[1] = new PollEntry { Descriptor = _descriptor, Wanted = LibC.PollIn };
            _ = LibC.Poll(entries, _armed ? 2u : 1u, -1);
            if (entries[0].Got != 0)
            {
                long count;
                _ = LibC.Read(_told, (byte*)&count, sizeof(long));
            }
            else if (_armed && entries[1].Got != 0)
            {
                _ = LibC.Poll(entries, 1, MergeMilliseconds);
                _armed = false;
                _wake.Pulse();
            }
        }
    }
}
