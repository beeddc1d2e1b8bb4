using BenchmarkDotNet.Attributes;
using Weir.Bench.Micro.Samples;
using Weir.Protocol.Snappy;

namespace Weir.Bench.Micro.Snappy;

/// <summary>Compresses and decompresses one fragment of JSON lines. libsnappy's rows need libsnappy1v5.</summary>
public class SnappyBenchmarks
{
    private readonly SnappyEncoder _encoder = new();
    private readonly byte[] _block = new byte[SnappyEncoder.MaxCompressedLength(JsonLines.Bytes)];
    private readonly byte[] _output = new byte[JsonLines.Bytes];
    private byte[] _text = [];
    private byte[] _compressed = [];

    [GlobalSetup]
    public void Setup()
    {
        _text = JsonLines.Text();
        _compressed = _block.AsSpan(0, Weir_encode()).ToArray();
        if (Weir_decode() != _text.Length || !_output.AsSpan().SequenceEqual(_text))
            throw new InvalidOperationException("the round trip differs");

        Console.WriteLine($"// of {_text.Length} bytes: Weir {_compressed.Length}, IronSnappy {IronSnappy_encode()}");
    }

    [Benchmark(Baseline = true)]
    public int Weir_encode() => _encoder.Compress(_text, _block);

    [Benchmark]
    public int Libsnappy_encode() => NativeSnappy.Compress(_text, _block);

    [Benchmark]
    public int IronSnappy_encode() => IronSnappy.Snappy.Encode(_text).Length;

    [Benchmark]
    public int Weir_decode() => SnappyDecoder.TryDecompress(_compressed, _output, out var written) ? written : -1;

    [Benchmark]
    public int Libsnappy_decode() => NativeSnappy.Decompress(_compressed, _output);
}
