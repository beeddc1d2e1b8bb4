using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Docker;

namespace Weir.Node.Sources.Docker;

/// <summary>Labels of a container's two streams; null: the rules drop that stream.</summary>
public sealed record TailLabels(LabelSet? Stdout, LabelSet? Stderr);

/// <summary>What became of lines since the last look.</summary>
public record struct LineCounts
{
    public int Entries;

    /// <summary>Dropped: nothing in them.</summary>
    public int Empty;

    /// <summary>Dropped: the relabelling rules drop their stream.</summary>
    public int Unwanted;

    /// <summary>Longer than <see cref="ContainerLines.LineBytesMax"/>: delivered in parts.</summary>
    public int Split;

    /// <summary>Without a timestamp: what the engine says about the log instead of what is in it.</summary>
    public int Unreadable;

    /// <summary>Read before, in the overlap of two connections.</summary>
    public int Skipped;
}

/// <summary>Makes entries of the bytes of a container's log, and knows where reading stands.</summary>
/// <remarks>Decides only; <see cref="ContainerTail"/> reads and sends. Not for use from two threads at once.</remarks>
public sealed class ContainerLines(ContainerPlace place) : IDisposable
{
    /// <summary>Longest line delivered whole: what Loki takes by default (max_line_size).</summary>
    public const int LineBytesMax = 256 * 1024;

    private long _resume = place.Resume;
    private long _finished = place.Finished;
    private Stream _stdout = new(place.Stdout);
    private Stream _stderr = new(place.Stderr);
    private DockerLogReader? _reader;
    private bool _isTerminal;
    private LineCounts _counts;
    private string _complaint = "";

    /// <summary>Why this connection is of no more use; "" while it is.</summary>
    public string Fault => _reader?.Fault ?? "";

    /// <summary>Lines that were not known before came over this connection.</summary>
    public bool HasNew { get; private set; }

    /// <summary>Where the next connection has to go on.</summary>
    public ContainerPlace Place
    {
        get
        {
            var resume = Math.Min(_resume, _reader?.UnfinishedSince ?? long.MaxValue);
            return new ContainerPlace(resume, _stdout.Place, _stderr.Place, _finished);
        }
    }

    /// <summary>A new connection: it brings lines from <see cref="ContainerPlace.Since"/> on, known ones
    /// first.</summary>
    public void Begin(bool isTerminal)
    {
        var resumed = Place;
        if (_reader is not null && _isTerminal == isTerminal) _reader.Reset();
        else
        {
            _reader?.Dispose();
            _reader = new DockerLogReader(isTerminal, LineBytesMax);
            _isTerminal = isTerminal;
        }

        _resume = resumed.Resume;
        _stdout = new Stream(resumed.Stdout);
        _stderr = new Stream(resumed.Stderr);
        HasNew = false;
    }

    /// <summary>Free memory to read into; give back what was read by <see cref="Advance"/>.</summary>
    public Memory<byte> Reserve() => _reader!.Reserve();

    public void Advance(int bytes) => _reader!.Advance(bytes);

    /// <summary>Gives back memory while nothing comes.</summary>
    public void Trim() => _reader!.Trim();

    /// <summary>Adds lines to the batch.</summary>
    /// <param name="ended">The connection has ended in order: what is unfinished is a line all the same.</param>
    /// <returns>False when the batch is full: there may be more.</returns>
    public bool Fill(LogBatch batch, TailLabels labels, bool ended)
    {
        while (batch.BytesUsed < LogBatch.ArenaDefault - LineBytesMax / 4)
        {
            if (_reader is null || !(ended ? _reader.TryFlush(out var line) : _reader.TryRead(out line))) return true;
            Take(line, batch, labels);
        }

        return false;
    }

    /// <summary>The container's run that ended then has been read to its end.</summary>
    public void Finish(long finished) => _finished = finished;

    /// <summary>The counts so far; they begin again at zero.</summary>
    public LineCounts TakeCounts()
    {
        var counts = _counts;
        _counts = default;
        return counts;
    }

    /// <summary>What the engine last said instead of a line, "" for nothing; then it begins again with
    /// nothing.</summary>
    public string TakeComplaint()
    {
        var complaint = _complaint;
        _complaint = "";
        return complaint;
    }

    public void Dispose() => _reader?.Dispose();

    private void Take(in DockerLine line, LogBatch batch, TailLabels labels)
    {
        var isOutput = line.Stream is DockerStream.Stdout or DockerStream.Stderr;
        if (!isOutput || (line.Flags & DockerLineFlags.Untimed) != 0)
        {
            _counts.Unreadable++;
            _complaint = Encoding.UTF8.GetString(line.Line[..Math.Min(line.Line.Length, 200)]);
            return;
        }

        ref var stream = ref line.Stream == DockerStream.Stdout ? ref _stdout : ref _stderr;
        // Known lines take part in it: what follows them gets the same timestamps as the first time.
        var timestamp = stream.Unique(line.Timestamp);
        if (stream.IsKnown(line.Timestamp))
        {
            _counts.Skipped++;
            return;
        }

        HasNew = true;
        stream.Pass(line.Timestamp);
        _resume = line.Timestamp;
        if ((line.Flags & DockerLineFlags.Split) != 0) _counts.Split++;
        if (line.Line.Length == 0) _counts.Empty++;
        else if ((line.Stream == DockerStream.Stdout ? labels.Stdout : labels.Stderr) is { } set)
        {
            _counts.Entries++;
            batch.Add(timestamp, set, line.Line, line.Timestamp - 1);
        }
        else _counts.Unwanted++;
    }

    /// <summary>One stream over one connection.</summary>
    private struct Stream
    {
        private readonly StreamPlace _resumed;
        private bool _skips;
        private int _seen;
        private long _lastRaw;
        private long _lastGiven;

        public Stream(StreamPlace resumed)
        {
            _resumed = Place = resumed;
            _skips = resumed != default;
        }

        public StreamPlace Place { get; private set; }

        public void Pass(long timestamp) => Place = Place.After(timestamp);

        /// <summary>Whether the line was read over an earlier connection.</summary>
        /// <remarks>
        /// Known lines come first, in the same order. They end with the line that the place names; or, where that is
        /// gone
        /// with a rotated file, before the first line that is later than all that was read.
        /// </remarks>
        public bool IsKnown(long timestamp)
        {
            if (!_skips) return false;
            if (timestamp > _resumed.Latest)
            {
                _skips = false;
                return false;
            }

            if (timestamp != _resumed.Timestamp) return true;
            if (_seen == _resumed.Lines)
            {
                _skips = false;
                return false;
            }

            _seen++;
            _skips = _seen < _resumed.Lines;
            return true;
        }

        /// <summary>The timestamp to deliver: Loki keeps one of two equal lines with equal timestamps, so the second
        /// one is a nanosecond later.</summary>
        public long Unique(long timestamp)
        {
            var follows = timestamp >= _lastRaw && timestamp <= _lastGiven;
            _lastRaw = timestamp;
            return _lastGiven = follows ? _lastGiven + 1 : timestamp;
        }
    }
}
