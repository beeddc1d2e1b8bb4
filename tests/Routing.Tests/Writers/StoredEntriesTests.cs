using System.Text;
using Weir.Routing.Writers;

namespace Weir.Routing.Tests.Writers;

public sealed class StoredEntriesTests
{
    private const string Categorized =
        """
        {"status":"success","data":{"stats":{"summary":{"execTime":0.1}},"result":[
          {"values":[["17","a \"line\" ünï",{"structuredMetadata":{"trace":"t1"},"parsed":{"x":"y"}}],["18",""]],
           "stream":{"job":"a","file":"b\\c"}},
          {"stream":{"job":"z"},"values":[["-5","old",{}]]}],
          "encodingFlags":["other","categorize-labels"],"resultType":"streams"}}
        """;

    [Fact]
    public void Entries_are_read_with_their_labels_and_metadata_whatever_the_order_of_the_fields()
    {
        var page = Read(Categorized)!;

        Assert.True(page.IsCategorized);
        Assert.Equal((3, 18), (page.Count, page.Until));
        Assert.Equal(@"b\c", page.Streams[0].Labels["file"]);
        var (timestamp, line, metadata) = page.Streams[0].Entries[0];
        Assert.Equal((17, "a \"line\" ünï"), (timestamp, line));
        Assert.Equal("t1", Assert.Single(metadata).Value);
        Assert.Empty(page.Streams[0].Entries[1].Metadata);
        Assert.Equal(-5, page.Streams[1].Entries[0].Timestamp);
    }

    [Fact]
    public void Older_answers_do_not_say_that_metadata_is_apart() => Assert.False(Read(
        """{"status":"success","data":{"resultType":"streams","result":[]}}""")!.IsCategorized);

    [Theory]
    [InlineData("")]
    [InlineData("<html>sign in</html>")]
    [InlineData("[]")]
    [InlineData("""{"status":"error","data":{"resultType":"streams","result":[]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"matrix","result":[]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"streams","result":{}}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"streams","result":[{"stream":{}}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[[]]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["1"]]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[[1,"a"]]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":1},"values":[]}]}}""")]
    [InlineData("""
        {"status":"success","data":{"resultType":"streams","result":[{"stream":{},
        "values":[["99999999999999999999","a"]]}]}}
        """)]
    [InlineData("""
        {"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["1","\ud800"]]}]}}
        """)]
    public void What_is_no_answer_to_a_log_query_is_refused(string json) => Assert.Null(Read(json));

    [Fact]
    public void No_damage_to_an_answer_does_more_than_have_it_refused_or_misread() => Fuzz.Run(20_000, random =>
    {
        var json = Encoding.UTF8.GetBytes(Categorized);
        for (var faults = random.Next(1, 4); faults > 0; faults--)
        {
            var at = random.Next(json.Length);
            switch (random.Next(4))
            {
                case 0: json[at] = (byte)random.Next(256); break;
                case 1: json = json[..Math.Max(at, 1)]; break;
                case 2: json = [.. json[..at], .. json[random.Next(json.Length)..]]; break;
                default: json = [.. json[..at], .. "\"[{0:,"u8[..random.Next(6)], .. json[at..]]; break;
            }

            if (json.Length == 0) return;
        }

        _ = StoredEntries.Read(json)?.Count;
    });

    private static StoredEntries? Read(string json) => StoredEntries.Read(Encoding.UTF8.GetBytes(json));
}
