using System.Net;
using System.Net.Http.Headers;

namespace Weir.Node.Http;

/// <summary>A body in pieces, written to the connection without joining them.</summary>
internal sealed class PushContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Protobuf = new("application/x-protobuf");

    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _pieces;
    private readonly Func<bool>? _mayLeave;
    private readonly long _length;
    private int _begun;

    /// <param name="mayLeave">Asked when the body is to be written; where it may not, the request fails. Null: it
    /// may.</param>
    public PushContent(IReadOnlyList<ReadOnlyMemory<byte>> pieces, Func<bool>? mayLeave = null)
    {
        _pieces = pieces;
        _mayLeave = mayLeave;
        foreach (var piece in pieces) _length += piece.Length;
        Headers.ContentType = Protobuf;
    }

    /// <summary>Bytes of the body may have left this node.</summary>
    public bool HasBegun => Volatile.Read(ref _begun) != 0;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancel)
    {
        if (_mayLeave is not null && !_mayLeave())
            throw new HttpRequestException("this node may push no more: what it has is another's now");
        Volatile.Write(ref _begun, 1);
        foreach (var piece in _pieces) await stream.WriteAsync(piece, cancel);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
