using BenchmarkDotNet.Attributes;
using Weir.Bench.Micro.Samples;
using Weir.Protocol.Batches;

namespace Weir.Bench.Micro.Lines;

/// <summary>Names the lines of text that already lies in a batch's arena, as a file source does.</summary>
public class LineSplitBenchmarks
{
    private readonly LabelSet _labels = new LabelSets().Of([new Label("job", "bench")]);
    private byte[] _text = [];

    [GlobalSetup]
    public void Setup() => _text = JsonLines.Text();

    [Benchmark]
    public int Copy_and_split()
    {
        using var batch = new LogBatch(JsonLines.Bytes, JsonLines.Lines);
        var start = batch.Append(_text);
        var rest = batch.Bytes;
        while (rest[start..].IndexOf((byte)'\n') is var length and >= 0)
        {
            batch.Add(1_735_689_600_000_000_000 + start, _labels, start, length, start);
            start += length + 1;
        }

        return batch.Count;
    }
}
