using System.Net;
using System.Text;
using Weir.Node.Store;
using Weir.Protocol.Batches;
using Weir.Protocol.Snappy;

namespace Weir.Node.Tests.Store;

/// <summary>Whatever is sent, the answer is a result or a reason, never a fault.</summary>
public sealed class StoreFuzzTests
{
    private static readonly byte[] Push = StorePushTests.Protobuf("{app=\"web\"}", "one", "two", "three");

    private static readonly string[] Values =
    [
        "", "0", "-1", "1", "1704164645", "1704164645000000000", "9223372036854775807", "99999999999999999999", "1e300",
        "-1e300", "NaN", "Infinity", "1h", "1000y", "126y", "0s", "5m30s", "2024-01-02T03:04:05Z",
        "9999-12-31T23:59:59Z",
        "forward", "x", "\0", "{app=\"web\"}", "count_over_time({app=\"web\"}[100y] offset 100y)",
        "vector(1)/vector(0)",
        "rate({app=\"web\"}[1ns])", "topk(3, sum by (app) (rate({app=~\".*\"}|json|logfmt[5m])))",
    ];

    private static readonly string[] Names =
        ["query", "start", "end", "since", "time", "step", "limit", "direction", "match[]"];

    [Fact]
    public void A_damaged_push_is_decoded_or_refused()
    {
        var decoder = new PushDecoder(new LabelSets());
        var request = new byte[1024];
        Assert.True(SnappyDecoder.TryDecompress(Push, request, out var length));
        for (var seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            // Half of them under an intact Snappy block, so that the damage is in the request.
            var body = seed % 2 == 0 ? Damage(random, Push) : Compress(Damage(random, request[..length]));

            var fault = Record.Exception(() => decoder.DecodeProtobuf(body));

            Assert.True(fault is null or PushException, $"seed {seed}: {fault}");
        }
    }

    [Fact]
    public void Damaged_JSON_is_decoded_or_refused()
    {
        var decoder = new PushDecoder(new LabelSets());
        var json = Encoding.UTF8.GetBytes(
            """{"streams":[{"stream":{"app":"wéb"},"values":[["1704164645000000000","a \"line\"",{"k":"v"}]]}]}""");
        for (var seed = 0; seed < 5000; seed++)
        {
            var body = Damage(new Random(seed), json);

            var fault = Record.Exception(() => decoder.DecodeJson(body));

            Assert.True(fault is null or PushException, $"seed {seed}: {fault}");
        }
    }

    [Fact]
    public async Task Any_parameters_are_answered_or_refused()
    {
        await using var server = await StoreServer.StartAsync();
        await server.PushAsync("""{"app":"web"}""", "one", "{\"a\":1}", "a=1");
        string[] paths = ["query_range", "query", "labels", "series", "index/stats"];
        for (var seed = 0; seed < 600; seed++)
        {
            var random = new Random(seed);
            (string, string)[] parameters = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
                (Names[random.Next(Names.Length)], Values[random.Next(Values.Length)]))];
            if (random.Next(2) == 0) parameters = [("query", Values[^random.Next(1, 6)]), .. parameters];

            var path = paths[random.Next(paths.Length)];
            var (status, text) = await server.GetAsync($"/loki/api/v1/{path}", "", parameters);

            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.BadRequest,
                $"seed {seed}: {path} {string.Join(' ', parameters)}: {status} {text}");
        }
    }

    private static byte[] Damage(Random random, byte[] intact)
    {
        var bytes = intact.ToList();
        for (var i = random.Next(1, 5); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                default: bytes.RemoveRange(at, random.Next(bytes.Count - at)); break;
            }
        }

        return [.. bytes];
    }

    private static byte[] Compress(byte[] request)
    {
        var body = new byte[SnappyEncoder.MaxCompressedLength(request.Length)];
        return body[..new SnappyEncoder().Compress(request, body)];
    }
}
