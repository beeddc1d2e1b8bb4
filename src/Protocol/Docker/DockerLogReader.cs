using System.Buffers;

namespace Weir.Protocol.Docker;

/// <summary>Lines of one container from the body of <c>/containers/ID/logs?timestamps=1</c>, over any chunks.</summary>
/// <remarks>
/// Use: read into <see cref="Reserve"/>, <see cref="Advance"/>, then <see cref="TryRead"/> until it returns false.
/// Not thread-safe; one owner, who disposes it. Allocates nothing once its buffers have grown to the longest line.
/// <para>Docker splits a long line into messages of 16 KiB (its copy buffer), each with a timestamp and all but the
/// last without a line break. They are joined here: a piece continues the one before on the same stream when that
/// filled the buffer, or when both carry the same timestamp, which the daemon gives to all pieces of a line.</para>
/// </remarks>
/// <param name="isTerminal">The container has a terminal: a raw stream without frames.</param>
/// <param name="lineBytesMax">Longest line handed out, in bytes; what is longer comes in parts, flagged.</param>
public sealed class DockerLogReader(bool isTerminal, int lineBytesMax) : IDisposable
{
    /// <summary>Longest frame accepted: 4 MiB. Docker's own drivers stay below 1 MB a message.</summary>
    public const int FrameBytesMax = 4 * 1024 * 1024;

    /// <summary>What the caller should offer to read at once: 64 KiB.</summary>
    public const int ReadBytes = 64 * 1024;

    private readonly PartialLine[] _partials = [new(), new(), new(), new()];
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _pieceTaken;
    private RawState _raw;

    /// <summary>Why the stream cannot be read any further, "" while it can: reconnect after the last line.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>The earliest timestamp of the lines of which pieces have come and the end has not; the greatest number
    /// when there is none. To read them again, ask for what follows from then on.</summary>
    public long UnfinishedSince
    {
        get
        {
            var since = long.MaxValue;
            foreach (var partial in _partials)
                if (partial.Length > 0) since = Math.Min(since, partial.Timestamp);
            return since;
        }
    }

    /// <summary>Free memory to read into.</summary>
    /// <remarks>Voids the last line.</remarks>
    /// <param name="bytes">The least that is needed.</param>
    public Memory<byte> Reserve(int bytes = ReadBytes)
    {
        if (_buffer.Length - _end < bytes)
        {
            var kept = _end - _start;
            var target = _buffer;
            if (target.Length - kept < bytes) target = ArrayPool<byte>.Shared.Rent(Math.Max(2 * kept, kept + bytes));
            _buffer.AsSpan(_start, kept).CopyTo(target);
            if (!ReferenceEquals(target, _buffer) && _buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
            _start = 0;
            _end = kept;
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Takes what was read into <see cref="Reserve"/>.</summary>
    public void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_buffer.Length - _end));
        _end += bytes;
    }

    /// <summary>Hands out the next line.</summary>
    /// <returns>False when more bytes are needed, or at a <see cref="Fault"/>.</returns>
    public bool TryRead(out DockerLine line)
    {
        while (Fault.Length == 0 && TryPeekPiece(ends: false, out var piece))
        {
            if (TryTake(piece, out line)) return true;
        }

        line = default;
        return false;
    }

    /// <summary>After the stream's orderly end: hands out what had no line break; drops a frame cut short.</summary>
    /// <returns>False when nothing is left.</returns>
    public bool TryFlush(out DockerLine line)
    {
        while (Fault.Length == 0 && TryPeekPiece(ends: true, out var piece))
        {
            if (TryTake(piece, out line)) return true;
        }

        for (var stream = 0; stream < _partials.Length; stream++)
        {
            if (_partials[stream].Length == 0) continue;

            line = _partials[stream].Take((DockerStream)stream, DockerLineFlags.Unterminated);
            return true;
        }

        line = default;
        return false;
    }

    /// <summary>Gives the buffer back where nothing is left in it: thousands of quiet containers then need
    /// none.</summary>
    /// <remarks>Voids the last line.</remarks>
    public void Trim()
    {
        if (_start != _end || _buffer.Length == 0) return;

        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    /// <summary>Forgets all that was read, for a new connection.</summary>
    public void Reset()
    {
        _start = _end = _pieceTaken = 0;
        _raw = default;
        Fault = "";
        foreach (var partial in _partials) partial.Clear();
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
        foreach (var partial in _partials) partial.Dispose();
    }

    /// <summary>Finds the next message without consuming it.</summary>
    private bool TryPeekPiece(bool ends, out DockerPiece piece)
    {
        var bytes = _buffer.AsSpan(_start, _end - _start);
        if (isTerminal) return DockerRawStream.TryRead(bytes, ref _raw, lineBytesMax, ends, out piece);

        if (DockerFrames.TryRead(bytes, FrameBytesMax, out piece, out var isFrame)) return true;
        if (!isFrame) Fault = "the body is no multiplexed log stream";
        return false;
    }

    /// <summary>Consumes the piece, or the part of it that fills a line.</summary>
    /// <returns>False when the piece was consumed and its line goes on.</returns>
    private bool TryTake(scoped in DockerPiece piece, out DockerLine line)
    {
        var partial = _partials[(int)piece.Stream];
        if (partial.Length > 0 && _pieceTaken == 0 && !partial.IsContinuedBy(piece))
        {
            line = partial.Take(piece.Stream, DockerLineFlags.Unterminated);
            return true;
        }

        var content = piece.Content[_pieceTaken..];
        var room = lineBytesMax - partial.Length;
        if (content.Length > room)
        {
            _pieceTaken += room;
            line = Emit(partial, piece, content[..room], DockerLineFlags.Split);
            return true;
        }

        _start += piece.Consumed;
        _pieceTaken = 0;
        if (isTerminal) _raw.Consume(piece);
        if (piece.IsTerminated)
        {
            line = Emit(partial, piece, content, DockerLineFlags.None);
            return true;
        }

        partial.Append(piece, content);
        line = default;
        return false;
    }

    private static DockerLine Emit(
        PartialLine partial, scoped in DockerPiece piece, ReadOnlySpan<byte> content, DockerLineFlags flags)
    {
        if (partial.Length > 0)
        {
            partial.Append(piece, content);
            return partial.Take(piece.Stream, flags);
        }

        return new DockerLine
        {
            Stream = piece.Stream,
            Timestamp = piece.Timestamp,
            Line = content,
            Flags = piece.IsTimed ? flags : flags | DockerLineFlags.Untimed,
        };
    }
}
