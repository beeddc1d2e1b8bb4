using Weir.Routing.Discovery;

namespace Weir.Routing.Tests.Discovery;

public sealed class TargetGroupsTests
{
    private static readonly (string, string) From = ("__meta_filepath", "/f");

    private static string Read(string text, bool isYaml)
    {
        var isRead = isYaml
            ? TargetGroups.TryReadYaml(text, From, out var targets, out var problem)
            : TargetGroups.TryReadJson(text, From, out targets, out problem);
        Assert.Equal(isRead, problem.Length == 0);
        return isRead ? string.Join(" | ", targets.Select(Text)) : problem;
    }

    private static string Text(IReadOnlyDictionary<string, string> target) => string.Join(
        ',', target.Where(label => label.Key != From.Item1).OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => $"{label.Key}={label.Value}"));

    [Theory]
    [InlineData("[]", "")]
    [InlineData("[{\"targets\":[\"a:1\",\"b:2\"],\"labels\":{\"env\":\"dev\"}},{\"targets\":[\"c\"]}]",
        "__address__=a:1,env=dev | __address__=b:2,env=dev | __address__=c")]
    [InlineData("[{\"targets\":[\"a\"],\"labels\":{\"port\":80},\"source\":\"x\"}]", "__address__=a,port=80")]
    [InlineData("[{\"labels\":{\"a\":\"b\"}},null]", "")]
    [InlineData("{}", "the document is no list but object")]
    [InlineData("[1]", "a group is no object but number")]
    [InlineData("[{\"targets\":\"a\"}]", "\"targets\" is no list but string")]
    [InlineData("[{\"targets\":[[]]}]", "a target is no string but array")]
    [InlineData("[{\"targets\":[\"a\"],\"labels\":[]}]", "\"labels\" is no object but array")]
    [InlineData("[{\"targets\":[\"a\"],\"labels\":{\"x\":{}}}]", "label \"x\" is no string but object")]
    [InlineData("[{", "the text is no valid JSON (line 1, byte 3)")]
    public void Groups_of_JSON_are_read(string text, string expected) => Assert.Equal(expected, Read(text, false));

    [Theory]
    [InlineData("", "")]
    [InlineData("- targets:\n  - 127.0.0.1:9999\n  - b\n  labels:\n    job: worker\n    on: true\n",
        "__address__=127.0.0.1:9999,job=worker,on=true | __address__=b,job=worker,on=true")]
    [InlineData("- targets: [a\n", "the text is no valid YAML (line 2, column 1)")]
    public void Groups_of_YAML_are_read(string text, string expected) => Assert.Equal(expected, Read(text, true));

    [Fact]
    public void A_target_says_where_it_comes_from()
    {
        TargetGroups.TryReadJson("[{\"targets\":[\"a\"]}]", From, out var targets, out _);

        Assert.Equal("/f", Assert.Single(targets)["__meta_filepath"]);
    }

    [Fact]
    public void No_text_crashes_the_reader()
    {
        string[] pieces =
        [
            "[", "]", "{", "}", "\"targets\"", "\"labels\"", ":", ",", "\"a\"", "1", "null", "- targets: [a]\n",
            "  labels:\n", "    a: b\n", "&x ", "*x", "- ", "\n", "? ", "|", "é", "\u0000",
        ];
        Fuzz.Run(5_000, random =>
        {
            var text = Fuzz.Text(random, pieces, 20);
            Read(text, false);
            Read(text, true);
        });
    }
}
