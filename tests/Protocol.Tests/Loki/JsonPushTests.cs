using System.Buffers;
using System.Text;
using Weir.Protocol.Loki;

namespace Weir.Protocol.Tests.Loki;

public sealed class JsonPushTests
{
    private const string Valid = """
        {"other":[1,{"a":2}],"streams":[
          {"stream":{"b":"2","a":"é\n"},"values":[["1700000000000000001","li\"ne"],["2","two",{"k":"v","l":""}]]},
          {"values":[["3",""]],"stream":{"c":"d"}, "unknown":{}}]}
        """;

    private readonly JsonPush _push = new();

    [Fact]
    public void A_body_becomes_the_same_streams_in_protobuf()
    {
        Assert.True(Convert(Valid, out var request, out var fault), fault);

        string[] expected =
        [
            """{a="é\n", b="2"}""", "1700000000000000001 li\"ne", "2 two k=v l=", """{c="d"}""", "3 ",
        ];
        Assert.Equal(expected, Describe(request));
    }

    [Fact]
    public void Streams_without_values_are_left_out()
    {
        Assert.True(Convert("""{"streams":[{"stream":{"a":"b"},"values":[]}]}""", out var request, out _));

        Assert.Empty(request);
    }

    [Theory]
    [InlineData("", "no valid JSON")]
    [InlineData("[]", "expected an object")]
    [InlineData("""{"streams":{}}""", "expected streams to be an array")]
    [InlineData("""{"streams":[1]}""", "expected a stream to be an object")]
    [InlineData("""{"streams":[{"stream":[]}]}""", "expected stream to be an object")]
    [InlineData("""{"streams":[{"stream":{"a":1}}]}""", "expected a label's value to be a string")]
    [InlineData("""{"streams":[{"stream":{"a=\"b\",c":"1"}}]}""", "expected a label name")]
    [InlineData("""{"streams":[{"stream":{"a":"1","a":"2"}}]}""", "label a occurs twice")]
    [InlineData("""{"streams":[{"values":{}}]}""", "expected values to be an array")]
    [InlineData("""{"streams":[{"values":["1"]}]}""", "expected a value to be an array")]
    [InlineData("""{"streams":[{"values":[["soon","x"]]}]}""", "expected a timestamp in nanoseconds")]
    [InlineData("""{"streams":[{"values":[["1",2]]}]}""", "expected a line, as a string")]
    [InlineData("""{"streams":[{"values":[["1","x",{"k":1}]]}]}""", "expected metadata's values to be strings")]
    [InlineData("""{"streams":[{"values":[["1","x",{},4]]}]}""", "expected a value of two or three members")]
    [InlineData("""{"streams":[]} x""", "no valid JSON")]
    [InlineData("""{"streams":[{"values":[["1","\ud800"]]}]}""", "a string that is no text")]
    public void Malformed_bodies_are_refused_with_the_reason(string json, string expected)
    {
        Assert.False(Convert(json, out _, out var fault));
        Assert.StartsWith(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_bodies_are_read_or_refused()
    {
        Fuzz.Run(3_000, random =>
        {
            var json = Fuzz.Damage(random, Encoding.UTF8.GetBytes(Valid));
            var request = new ArrayBufferWriter<byte>();

            var accepted = _push.TryConvert(json, request, out var fault);

            Assert.Equal(accepted, fault.Length == 0);
            Assert.True(PushRequestSlice.TryCount(request.WrittenSpan, out _, out _));
        });
    }

    private bool Convert(string json, out byte[] request, out string fault)
    {
        var writer = new ArrayBufferWriter<byte>();
        var converted = _push.TryConvert(Encoding.UTF8.GetBytes(json), writer, out fault);
        request = writer.WrittenSpan.ToArray();
        return converted;
    }

    private static List<string> Describe(byte[] request)
    {
        var lines = new List<string>();
        var reader = new PushRequestReader(request);
        while (reader.Read() is var token && token is PushToken.Stream or PushToken.Entry)
        {
            if (token == PushToken.Stream)
            {
                lines.Add(Encoding.UTF8.GetString(reader.Labels));
                continue;
            }

            var line = $"{reader.Timestamp} {Encoding.UTF8.GetString(reader.Line)}";
            var metadata = reader.Metadata;
            while (metadata.Read())
                line += $" {Encoding.UTF8.GetString(metadata.Name)}={Encoding.UTF8.GetString(metadata.Value)}";
            lines.Add(line);
        }

        return lines;
    }
}
