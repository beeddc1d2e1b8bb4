using Weir.Protocol.Cluster;
using Weir.Routing.Actors;

namespace Weir.Routing.Tailing;

/// <summary>Lines of a node on their way to a reader.</summary>
/// <param name="Lost">Lines that this reader does not get, since the piece before.</param>
/// <param name="Refused">Why the node sends none; "" while it does.</param>
public sealed record TailPiece(string Node, IReadOnlyList<TailLine> Lines, long Lost, string Refused);

/// <summary>A tail on the node that was asked for it: what all nodes send waits here for the reader, as far as there is
/// room.</summary>
public sealed class TailFeed(ulong id, string query)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TailPiece Piece, int Bytes)> _pieces = new();
    private readonly Dictionary<string, long> _lost = new(StringComparer.Ordinal);
    private readonly Signal _more = new();
    private int _bytes;

    public ulong Id => id;

    public string Query => query;

    /// <summary>Takes what a node sends; never waits.</summary>
    /// <param name="bytes">Of the message.</param>
    public void Offer(string node, TailLines lines, int bytes)
    {
        lock (_gate)
        {
            var lost = _lost.GetValueOrDefault(node) + Math.Max(lines.Lost, 0);
            if (_bytes + bytes > TailLimits.FeedBytesMax)
            {
                _lost[node] = lost + lines.Lines.Count;
                return;
            }

            _lost.Remove(node);
            _bytes += bytes;
            _pieces.Enqueue((new TailPiece(node, lines.Lines, lost, lines.Refused), bytes));
        }

        _more.Set();
    }

    /// <summary>Waits for the next piece.</summary>
    /// <returns>Null when none came in time.</returns>
    public async ValueTask<TailPiece?> TakeAsync(TimeSpan within, TimeProvider time, CancellationToken cancel)
    {
        while (true)
        {
            lock (_gate)
            {
                if (TryTake() is { } piece) return piece;
            }

            if (!await _more.WaitAsync(within, time, cancel)) return null;
        }
    }

    private TailPiece? TryTake()
    {
        if (_pieces.TryDequeue(out var next))
        {
            _bytes -= next.Bytes;
            return next.Piece;
        }

        foreach (var (node, lost) in _lost)
        {
            _lost.Remove(node);
            return new TailPiece(node, [], lost, "");
        }

        return null;
    }
}
