using System.Buffers;
using System.Net;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;

namespace Weir.Bench.Throughput;

/// <summary>A Loki that keeps nothing: answers 204 and counts what it was sent.</summary>
internal sealed class Sink : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly long _expected;
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _entries;
    private long _bytes;
    private long _requests;

    /// <param name="expected">Entries after which <see cref="Arrived"/> completes.</param>
    public Sink(long expected)
    {
        _expected = expected;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _application = builder.Build();
        _application.Run(TakeAsync);
    }

    public Task Arrived => _arrived.Task;

    public long Entries => Interlocked.Read(ref _entries);

    /// <summary>Body bytes: what is on the wire but for the headers.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public long Requests => Interlocked.Read(ref _requests);

    public async Task<Uri> StartAsync()
    {
        await _application.StartAsync();
        return new Uri(new Uri(_application.Urls.First()), "/loki/api/v1/push");
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var length = (int)(context.Request.ContentLength ?? throw new InvalidDataException("no content length"));
        var body = ArrayPool<byte>.Shared.Rent(length);
        await context.Request.Body.ReadExactlyAsync(body.AsMemory(0, length));
        var entries = Count(body.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(body);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        Interlocked.Add(ref _bytes, length);
        Interlocked.Increment(ref _requests);
        if (Interlocked.Add(ref _entries, entries) >= _expected) _arrived.TrySetResult();
    }

    private static long Count(ReadOnlySpan<byte> body)
    {
        if (!SnappyDecoder.TryGetUncompressedLength(body, out var length)) throw new InvalidDataException("no Snappy");
        var request = ArrayPool<byte>.Shared.Rent(length);
        if (!SnappyDecoder.TryDecompress(body, request, out var written)) throw new InvalidDataException("bad Snappy");
        var reader = new PushRequestReader(request.AsSpan(0, written));
        var entries = 0L;
        for (var token = reader.Read(); token != PushToken.End; token = reader.Read())
        {
            if (token == PushToken.Fault) throw new InvalidDataException($"bad push request: {reader.Fault}");
            if (token == PushToken.Entry) entries++;
        }

        ArrayPool<byte>.Shared.Return(request);
        return entries;
    }
}
