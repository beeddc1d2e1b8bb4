using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;

namespace Weir.Node.Tests.Store;

public sealed class StorePushTests
{
    private const string Json =
        """{"streams":[{"stream":{"app":"web"},"values":[["1704164645000000000","a line",{"trace":"t1"}]]}]}""";

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("")]
    public async Task JSON_is_taken_plain_and_compressed(string encoding)
    {
        await using var server = await StoreServer.StartAsync();

        using var answer = await server.PushAsync(
            Compress(Json, encoding), "application/json; charset=utf-8", encoding);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(
            """[{"stream":{"app":"web","trace":"t1"},"values":[["1704164645000000000","a line"]]}]""",
            await server.RangeAsync("""{app="web"}"""));
    }

    [Fact]
    public async Task Protobuf_is_taken_under_Snappy()
    {
        await using var server = await StoreServer.StartAsync();

        using var answer = await server.PushAsync(Protobuf("{app=\"web\"}", "one", "two"), "application/x-protobuf");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(["two", "one"], await server.LinesAsync("""{app="web"}"""));
    }

    [Theory]
    [InlineData("""{"streams":[{"stream":{"app":"web"},"values":[["soon","a line"]]}]}""")]
    [InlineData("""{"streams":[{"stream":{},"values":[["1","a line"]]}]}""")]
    [InlineData("""{"streams":[""")]
    [InlineData("""[1]""")]
    public async Task Malformed_JSON_is_refused_with_the_reason_and_stores_nothing(string json)
    {
        await using var server = await StoreServer.StartAsync();

        using var answer = await server.PushJsonAsync(json);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty((await answer.Content.ReadAsStringAsync()).Trim());
        Assert.Equal("[]", await server.DataAsync("/loki/api/v1/labels"));
    }

    [Fact]
    public async Task Malformed_bodies_encodings_and_tenants_are_refused_with_the_reason()
    {
        await using var server = await StoreServer.StartAsync();
        var refusals = new List<string>();

        foreach (var (body, type, encoding, tenant) in new (byte[], string, string, string)[]
        {
            ([1, 2, 3], "application/x-protobuf", "", ""),
            (Protobuf("{app=", "x"), "application/x-protobuf", "", ""),
            (Protobuf("{}", "x"), "application/x-protobuf", "", ""),
            ([0xff, 0xff, 0xff, 0x7f, 0], "application/x-protobuf", "", ""), // claims 256 MiB
            ([1, 2, 3], "application/json", "gzip", ""),
            (Encoding.UTF8.GetBytes(Json), "application/json", "br", ""),
            (Encoding.UTF8.GetBytes(Json), "application/json", "", "a|b"),
        })
        {
            using var answer = await server.PushAsync(body, type, encoding, tenant);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            refusals.Add((await answer.Content.ReadAsStringAsync()).Trim());
        }

        string[] parts =
        [
            "Snappy", "couldn't parse labels", "at least one label", "Snappy", "gzip", "Content-Encoding br", "tenant",
        ];
        Assert.All(refusals.Zip(parts), pair => Assert.Contains(pair.Second, pair.First, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_before_it_comes()
    {
        await using var server = await StoreServer.StartAsync();
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(
            "POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\n\r\n"u8.ToArray());

        using var reader = new StreamReader(stream);
        var status = await reader.ReadLineAsync();

        Assert.Equal("HTTP/1.1 413 Payload Too Large", status);
    }

    [Fact]
    public async Task Tenants_see_their_own_lines_only()
    {
        await using var server = await StoreServer.StartAsync();
        using var first = await server.PushJsonAsync(Json, "team-a");
        using var second = await server.PushJsonAsync(Json.Replace("web", "db", StringComparison.Ordinal));

        var names = new List<string>();
        foreach (var tenant in new[] { "team-a", "", "team-b" })
            names.Add((await server.GetAsync("/loki/api/v1/label/app/values", tenant)).Text);

        Assert.Equal(
            [
                """{"status":"success","data":["web"]}""", """{"status":"success","data":["db"]}""",
                """{"status":"success","data":[]}""",
            ], names);
    }

    private static byte[] Compress(string text, string encoding)
    {
        using var bytes = new MemoryStream();
        using (Stream target = encoding switch
        {
            "gzip" => new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            _ => new BufferedStream(bytes),
        })
        {
            target.Write(Encoding.UTF8.GetBytes(text));
            target.Flush();
            if (encoding.Length == 0) return bytes.ToArray();
        }

        return bytes.ToArray();
    }

    /// <summary>A Snappy block of a push request: one stream, its lines a second apart, the last one now.</summary>
    internal static byte[] Protobuf(string labels, params string[] lines)
    {
        var text = Encoding.UTF8.GetBytes(labels);
        var entries = new byte[lines.Sum(line => line.Length * 3 + 64)];
        var length = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            var time = StoreServer.Now - (lines.Length - 1 - i) * StoreServer.Second;
            length += PushRequestWriter.WriteEntry(entries.AsSpan(length), time, Encoding.UTF8.GetBytes(lines[i]), []);
        }

        var request = new byte[PushRequestWriter.StreamBytes(text.Length, length)];
        var header = PushRequestWriter.WriteStreamHeader(request, text, length);
        entries.AsSpan(0, length).CopyTo(request.AsSpan(header));
        var body = new byte[SnappyEncoder.MaxCompressedLength(request.Length)];
        return body[..new SnappyEncoder().Compress(request, body)];
    }
}
