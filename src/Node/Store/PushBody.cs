using System.Buffers;
using System.IO.Compression;

namespace Weir.Node.Store;

/// <summary>Reads the body of a push, whatever it is packed in.</summary>
internal static class PushBody
{
    /// <summary>Bytes taken for a body before any of it has come: a claimed length costs the client nothing.</summary>
    private const int BufferMin = 4096;

    private const int BufferMax = 1024 * 1024;

    /// <param name="bytesMax">Of the body, unpacked.</param>
    /// <exception cref="PushException">It is larger, or no valid gzip.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, long bytesMax)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        await using var source = encoding switch
        {
            "" or "snappy" => context.Request.Body,
            "gzip" => new GZipStream(context.Request.Body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(context.Request.Body, CompressionMode.Decompress),
            _ => throw new PushException($"Content-Encoding {encoding} is not known: use gzip, deflate or none"),
        };
        var length = Math.Clamp(context.Request.ContentLength ?? 0, BufferMin, BufferMax);
        var body = new ArrayBufferWriter<byte>((int)length);
        try
        {
            while (true)
            {
                var read = await source.ReadAsync(body.GetMemory(BufferMin), context.RequestAborted);
                if (read == 0) return body.WrittenMemory;
                body.Advance(read);
                if (body.WrittenCount > bytesMax) throw new PushException($"the push is larger than {bytesMax} bytes");
            }
        }
        catch (InvalidDataException malformed)
        {
            throw new PushException($"the body is no valid {encoding}: {malformed.Message}");
        }
    }
}
