using Weir.Routing.Actors;

namespace Weir.Node.Sources.Syslog;

/// <summary>Datagrams between the socket and the pipeline: two buffers, one being filled while the other is
/// worked off.</summary>
/// <remarks>The socket's loop adds, the pipeline's takes. What does not fit is refused, for a socket that nobody reads
/// loses datagrams without saying how many.</remarks>
internal sealed class DatagramQueue
{
    /// <summary>Of datagrams that wait.</summary>
    public const int BytesMax = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Signal _came = new();
    private Datagrams _filling = new();
    private Datagrams _emptying = new();

    /// <returns>False: it is full.</returns>
    public bool TryAdd(ReadOnlySpan<byte> datagram, SenderAddress sender)
    {
        lock (_gate)
        {
            if (_filling.Used + datagram.Length > BytesMax) return false;
            _filling.Add(datagram, sender);
        }

        _came.Set();
        return true;
    }

    /// <summary>All datagrams that came, valid until the next call; waits until there is one.</summary>
    /// <param name="longest">After it, none may be returned.</param>
    public async ValueTask<Datagrams> TakeAsync(TimeSpan longest, TimeProvider time, CancellationToken cancel)
    {
        await _came.WaitAsync(longest, time, cancel);
        return Swap();
    }

    /// <summary>All datagrams that came, valid until the next call.</summary>
    public Datagrams Swap()
    {
        lock (_gate)
        {
            _emptying.Clear();
            (_filling, _emptying) = (_emptying, _filling);
            return _emptying;
        }
    }
}

/// <summary>Datagrams back to back.</summary>
internal sealed class Datagrams
{
    private const int BytesMin = 64 * 1024;

    private readonly List<(int End, SenderAddress Sender)> _ends = [];
    private byte[] _bytes = [];

    public int Used { get; private set; }

    public int Count => _ends.Count;

    public ReadOnlyMemory<byte> this[int index]
    {
        get
        {
            var start = index == 0 ? 0 : _ends[index - 1].End;
            return _bytes.AsMemory(start, _ends[index].End - start);
        }
    }

    public SenderAddress SenderOf(int index) => _ends[index].Sender;

    public void Add(ReadOnlySpan<byte> datagram, SenderAddress sender)
    {
        if (_bytes.Length - Used < datagram.Length)
            Array.Resize(ref _bytes, Math.Max(Math.Max(_bytes.Length * 2, BytesMin), Used + datagram.Length));
        datagram.CopyTo(_bytes.AsSpan(Used));
        Used += datagram.Length;
        _ends.Add((Used, sender));
    }

    public void Clear()
    {
        Used = 0;
        _ends.Clear();
    }
}
