using System.Buffers.Text;
using System.Text;

namespace Weir.Cluster.Tests.Support;

/// <summary>Counts lines that begin with a number of their own: which have come, and how many came again.</summary>
/// <param name="lines">Numbers from 0 up to it, exclusive.</param>
public sealed class LineCensus(int lines)
{
    private readonly Lock _gate = new();
    private readonly bool[] _seen = new bool[lines];
    private int _different;
    private int _again;

    /// <summary>Lines that have come, each counted once.</summary>
    public int Different
    {
        get { lock (_gate) return _different; }
    }

    /// <summary>Lines that had come before.</summary>
    public int Again
    {
        get { lock (_gate) return _again; }
    }

    public void Add(ReadOnlySpan<byte> line)
    {
        if (!Utf8Parser.TryParse(line, out int number, out _))
            throw new FormatException($"no number at the start of: {Encoding.UTF8.GetString(line)}");
        lock (_gate)
        {
            if (_seen[number]) _again++;
            else _different++;
            _seen[number] = true;
        }
    }
}
