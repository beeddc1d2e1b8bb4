using System.IO.Compression;
using System.Text;
using Weir.Node.Sources.Files;

namespace Weir.Node.Tests.Sources.Files;

public sealed class DecompressionTests
{
    /// <summary>Of "one\ntwo\nhalf", made by bzip2 1.0.8.</summary>
    private const string Bzip2 = "QlpoOTFBWSZTWcIxWpcAAATBgAAQI0WEgCAAIgGJoQAwWBIEvtfi7kinChIYRitS4A==";

    [Theory]
    [InlineData(CompressionFormat.Gzip)]
    [InlineData(CompressionFormat.Zlib)]
    [InlineData(CompressionFormat.Bzip2)]
    public async Task A_compressed_file_is_read_once_with_its_last_line(CompressionFormat format)
    {
        await using var files = new FileSourceFixture();
        files.Options = With(files, format);
        File.WriteAllBytes(files.PathOf("a.gz"), Compress("one\ntwo\nhalf", format));

        await files.StartAsync("a.gz");
        await files.UntilDurableAsync("a.gz", 12);
        var before = await files.KillAsync();
        await files.StartAsync("a.gz", "b.gz");
        File.WriteAllBytes(files.PathOf("b.gz"), Compress("one\ntwo\nhalf", format));
        await files.Receiver.UntilCountAsync(3);

        Assert.Equal(["one", "two", "half"], before.Select(line => line.Line));
        Assert.All(files.Receiver.Lines, line => Assert.Contains("b.gz", line.Labels));
    }

    [Fact]
    public async Task A_large_file_goes_on_in_its_middle()
    {
        await using var files = new FileSourceFixture();
        files.Options = With(files, CompressionFormat.Gzip);
        var lines = Enumerable.Range(0, 40_000).Select(i => $"line {i} {new string('x', i % 90)}").ToList();
        File.WriteAllBytes(
            files.PathOf("a.gz"), Compress(string.Concat(lines.Select(line => line + "\n")), CompressionFormat.Gzip));
        files.Receiver.Hold();
        await files.StartAsync("a.gz");
        await files.Receiver.UntilAsync(() => files.Receiver.HeldCount >= 4, "four batches");
        files.Receiver.Release(2);
        var first = await files.KillAsync();

        await files.StartAsync("a.gz");
        await files.Receiver.UntilCountAsync(lines.Count - first.Count);

        Assert.InRange(first.Count, 1, lines.Count - 1);
        Assert.Equal(lines, first.Concat(files.Receiver.Lines).Select(line => line.Line));
    }

    [Fact]
    public async Task A_damaged_file_is_counted_and_read_when_it_is_whole()
    {
        await using var files = new FileSourceFixture();
        files.Options = With(files, CompressionFormat.Bzip2);
        File.WriteAllBytes(files.PathOf("a.bz2"), Compress("", CompressionFormat.Bzip2)[..20]);
        await files.StartAsync("a.bz2");
        await files.Host.UntilAsync(() => files.States.Count == 1, "the tail");
        await files.UntilDurableAsync("a.bz2", 0);

        File.WriteAllBytes(files.PathOf("a.bz2"), Compress("", CompressionFormat.Bzip2));
        await files.Receiver.UntilCountAsync(3);

        Assert.Equal(["one", "two", "half"], files.Receiver.Texts);
    }

    private static FileSourceOptions With(FileSourceFixture files, CompressionFormat format) =>
        files.Options with { Decompression = new DecompressionOptions { Enabled = true, Format = format } };

    private static byte[] Compress(string text, CompressionFormat format)
    {
        if (format == CompressionFormat.Bzip2) return Convert.FromBase64String(Bzip2);
        using var compressed = new MemoryStream();
        using (Stream stream = format == CompressionFormat.Gzip
            ? new GZipStream(compressed, CompressionLevel.Fastest)
            : new ZLibStream(compressed, CompressionLevel.Fastest))
            stream.Write(Encoding.UTF8.GetBytes(text));
        return compressed.ToArray();
    }
}
