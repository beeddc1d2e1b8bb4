using System.Net;
using System.Net.Http.Headers;

namespace Weir.Node.Http;

/// <summary>A body in pieces, written to the connection without joining them.</summary>
internal sealed class PushContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Protobuf = new("application/x-protobuf");

    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _pieces;
    private readonly long _length;
    private int _begun;

    public PushContent(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        _pieces = pieces;
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
        Volatile.Write(ref _begun, 1);
        foreach (var piece in _pieces) await stream.WriteAsync(piece, cancel);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
