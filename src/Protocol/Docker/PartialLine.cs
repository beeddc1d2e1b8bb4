using System.Buffers;

namespace Weir.Protocol.Docker;

/// <summary>The pieces of a line so far, on one stream of a container.</summary>
internal sealed class PartialLine : IDisposable
{
    private byte[] _bytes = [];
    private int _lastPiece;
    private bool _isTimed;
    private long _timestamp;

    public int Length { get; private set; }

    /// <summary>The timestamp of its first piece; 0 when that had none.</summary>
    public long Timestamp => _timestamp;

    /// <summary>The pieces before filled the daemon's buffer, or were noted at the same nanosecond.</summary>
    public bool IsContinuedBy(scoped in DockerPiece piece) =>
        piece.IsTimed == _isTimed && (piece.Timestamp == _timestamp || _lastPiece == DockerPiece.FullBytes);

    public void Append(scoped in DockerPiece piece, ReadOnlySpan<byte> content)
    {
        if (Length == 0)
        {
            _isTimed = piece.IsTimed;
            _timestamp = piece.Timestamp;
        }

        _lastPiece = piece.Content.Length;
        if (_bytes.Length - Length < content.Length)
        {
            var grown = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, Length + content.Length));
            _bytes.AsSpan(0, Length).CopyTo(grown);
            if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = grown;
        }

        content.CopyTo(_bytes.AsSpan(Length));
        Length += content.Length;
    }

    /// <summary>Hands the line out and begins anew; its bytes stay until the next append.</summary>
    public DockerLine Take(DockerStream stream, DockerLineFlags flags)
    {
        var line = new DockerLine
        {
            Stream = stream,
            Timestamp = _timestamp,
            Line = _bytes.AsSpan(0, Length),
            Flags = _isTimed ? flags : flags | DockerLineFlags.Untimed,
        };
        Length = 0;
        return line;
    }

    public void Clear() => Length = 0;

    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }
}
