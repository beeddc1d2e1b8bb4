using BenchmarkDotNet.Attributes;
using Weir.Bench.Micro.Samples;
using Weir.Protocol.Loki;

namespace Weir.Bench.Micro.Loki;

/// <summary>Encodes one fragment of JSON lines as a push request, and walks it.</summary>
public class PushRequestBenchmarks
{
    private const long Timestamp = 1_735_689_600_123_456_789;
    private static readonly byte[] Labels = """{host="a", job="bench"}"""u8.ToArray();

    private readonly byte[] _request = new byte[2 * JsonLines.Bytes];
    private byte[] _text = [];
    private int _length;

    [GlobalSetup]
    public void Setup()
    {
        _text = JsonLines.Text();
        _length = Write();
    }

    [Benchmark]
    public int Write()
    {
        var entries = 0;
        for (var i = 0; i < JsonLines.Lines; i++)
            entries += PushRequestWriter.EntryBytes(Timestamp + i, JsonLines.LineBytes - 1, 0);
        var written = PushRequestWriter.WriteStreamHeader(_request, Labels, entries);
        for (var i = 0; i < JsonLines.Lines; i++)
        {
            var line = _text.AsSpan(i * JsonLines.LineBytes, JsonLines.LineBytes - 1);
            written += PushRequestWriter.WriteEntry(_request.AsSpan(written), Timestamp + i, line, default);
        }

        return written;
    }

    [Benchmark]
    public int Read()
    {
        PushRequestSlice.TryCount(_request.AsSpan(0, _length), out _, out var entries);
        return entries;
    }
}
