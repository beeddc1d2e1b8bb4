using System.Text;
using System.Text.Json;
using Weir.Routing.Destinations;
using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class BinderTests
{
    private static readonly SampleReceiver Receiver = new();

    private static T? Bind<T>(string text, DiagnosticBag found) where T : class
    {
        var tree = Parser.Parse(new SourceFile("b.alloy", text));
        Assert.Empty(tree.Diagnostics);
        var scope = Evaluating.Scope();
        scope.Publish("sample.write.x", new SampleExports
        {
            Receiver = Receiver,
            Targets = [new Dictionary<string, string> { ["__path__"] = "/a" }],
            Token = new Secret("hunter2"),
        });
        return new Binder(scope, found).Bind<T>((BlockSyntax)tree.Body.Statements[0]);
    }

    private static T Good<T>(string text) where T : class
    {
        var found = new DiagnosticBag();
        var options = Bind<T>(text, found);
        Assert.Empty(found.Items);
        return options!;
    }

    private static IEnumerable<string> Errors<T>(string text) where T : class
    {
        var found = new DiagnosticBag();
        Assert.Null(Bind<T>(text, found));
        return found.Sorted().Select(item => $"{item.Place.Line}:{item.Place.Column} {item.Message}");
    }

    [Theory]
    [InlineData("true", ReconcileMode.Always)]
    [InlineData("false", ReconcileMode.Never)]
    [InlineData("\"true\"", ReconcileMode.Always)]
    [InlineData("\"auto\"", ReconcileMode.Auto)]
    public void A_switch_with_a_third_position_takes_true_and_false_with_and_without_quotes(
        string text, ReconcileMode expected)
    {
        var options = Good<ReconcileOptions>($"reconcile {{ enabled = {text} }}");

        Assert.Equal(expected, options.Enabled);
    }

    [Fact]
    public void Any_other_choice_takes_no_bool() => Assert.Equal(
        ["3:9 expected string, got bool"],
        Errors<SampleEndpoint>("endpoint {\n url = \"http://a\"\n mode = true\n}"));

    [Fact]
    public void A_body_fills_its_record()
    {
        var options = Good<SampleWrite>("""
            sample.write "w" {
              external_labels = {a = "x", b = 2}
              forward_to      = [sample.write.x.receiver]
              targets         = array.concat(sample.write.x.targets, [{"__path__" = "/b"}])
              endpoint {
                url          = "http://a"
                timeout      = "1.5s"
                mode         = "very_slow"
                weight       = "0.5"
                even         = 4
                bearer_token = "hunter2"
                http_headers = {X = ["s"]}
                queue_config { capacity = "1MiB" }
                tls_config { insecure_skip_verify = true }
              }
              endpoint {
                url = "http://b"
                mode = "ACK"
              }
              listener "one" { port = 514 }
            }
            """);

        Assert.Equal("2", options.ExternalLabels["b"]);
        Assert.Same(Receiver, Assert.Single(options.ForwardTo));
        Assert.Equal(["/a", "/b"], options.Targets.Select(target => target["__path__"]));
        var (first, second) = (options.Endpoints[0], options.Endpoints[1]);
        Assert.Equal((TimeSpan.FromSeconds(1.5), SampleMode.VerySlow, 0.5, new Even(4)),
            (first.Timeout, first.Mode, first.Weight, first.Even));
        Assert.Equal(new Secret("hunter2"), first.Client.BearerToken);
        Assert.Equal("s", first.Client.HttpHeaders["X"][0].Reveal());
        Assert.True(first.Client.Tls!.InsecureSkipVerify);
        Assert.Equal(new SampleQueue { Capacity = new ByteSize(1 << 20), Shards = 4 }, first.Queue);
        Assert.Equal((SampleMode.Acknowledge, TimeSpan.FromSeconds(10), null),
            (second.Mode, second.Timeout, second.Weight));
        Assert.False(second.Client.FollowRedirects);
        Assert.Null(second.Client.BearerToken);
        Assert.Equal(new SampleListener { Name = "one", Port = 514 }, Assert.Single(options.Listeners));
    }

    [Fact]
    public void Blocks_of_a_sequence_keep_their_order_and_nest()
    {
        var options = Good<SampleProcess>("""
            sample.process "p" {
              stage.json { }
              forward_to = []
              stage.match {
                selector = "{}"
                stage.json { }
                stage.match { selector = "{}" }
              }
              stage.json { }
            }
            """);

        Assert.Equal(["json", "match(json,match())", "json"], options.Stages.Select(stage => stage.Kind));
    }

    [Fact]
    public void All_mistakes_of_a_body_are_reported_at_once()
    {
        var errors = Errors<SampleWrite>("""
            sample.write "w" {
              external_label = {}
              forward_to     = [sample.write.x.receiver, "x", sample.write.x]
              forward_to     = []
              targets        = [{a = ["b"]}]
              endpoint = 1
              endpoint {
                timeout = "5m"
                mode    = "slow"
                weight  = "a"
                even    = 3
                follow_redirects = "true"
                queue_config { shards = 0 }
                queue_config { shards = 1.5 }
                headers { }
              }
              listener { port = 70000 }
              stage.json { }
            }
            """);

        Assert.Equal(
        [
            "2:3 unrecognized attribute \"external_label\" in sample.write",
            "3:46 expected SampleReceiver, got string",
            "3:51 expected SampleReceiver, got object",
            "4:3 attribute \"forward_to\" may only be given once",
            "5:26 expected string, got array",
            "6:3 \"endpoint\" is a block, not an attribute",
            "7:3 missing required attribute \"url\" in endpoint",
            "8:15 \"timeout\" must be between 1ms and 1m",
            "9:15 expected one of \"fast\", \"very_slow\", \"ACK\"",
            "10:15 expected number, got a string that holds none",
            "11:15 expected an even number",
            "12:24 expected bool, got string",
            "13:29 \"shards\" must be at least 1",
            "14:5 block \"queue_config\" may only be given once",
            "15:5 \"headers\" is an attribute, not a block",
            "17:3 block \"listener\" needs a label",
            "17:21 number is out of range here",
            "18:3 unrecognized block \"stage.json\" in sample.write",
        ], errors);
    }

    [Theory]
    [InlineData("sample.write \"w\" {\n}", "1:1 missing required block \"endpoint\" in sample.write")]
    [InlineData("sample.write \"w\" {\nendpoint \"x\" { url = \"a\" }\n}", "2:10 block \"endpoint\" has no label")]
    [InlineData("sample.write \"w\" {\nendpoint {\nurl = test.secret\n}\n}", "3:7 expected string, got secret")]
    [InlineData("sample.write \"w\" {\nendpoint {\nurl = \"a\"\nbearer_token = \"t\"\nbearer_token_file = \"f\"\n}\n}",
        "5:21 bearer_token_file: only one of bearer_token and bearer_token_file may be given")]
    public void A_rule_that_is_broken_names_its_place(string text, string expected) =>
        Assert.Equal([expected], Errors<SampleWrite>(text));

    [Theory]
    [InlineData("sample.process \"p\" {\nforward_to = []\nstage.geoip { }\n}",
        "3:1 block \"stage.geoip\" is known, but not supported by Weir yet")]
    [InlineData("sample.process \"p\" {\nforward_to = []\nstage.jsn { }\n}",
        "3:1 unrecognized block \"stage.jsn\" in sample.process")]
    [InlineData("sample.process \"p\" {\nforward_to { }\n}", "2:1 \"forward_to\" is an attribute, not a block")]
    public void An_unknown_block_is_told_from_an_unsupported_one(string text, string expected) =>
        Assert.Equal([expected], Errors<SampleProcess>(text));

    [Theory]
    [InlineData("forward_to = [sample.write.x]", "add \".receiver\"")]
    [InlineData("forward_to = sample.write.x.receiver", "put it in brackets: [ … ]")]
    [InlineData("extrnal_labels = {}", "did you mean \"external_labels\"?")]
    [InlineData("endpiont {\n}", "did you mean \"endpoint\"?")]
    [InlineData("external_labels = {a = true}", "put it in quotes")]
    [InlineData("external_labels {\n}", "write external_labels = … with a comma behind each element")]
    [InlineData("endpoint = {}", "write it without \"=\": endpoint { … }")]
    public void A_mistake_in_a_body_gets_a_remedy(string line, string hint)
    {
        var found = new DiagnosticBag();

        Bind<SampleWrite>($"sample.write \"w\" {{\n{line}\nendpoint {{\nurl = \"a\"\n}}\n}}", found);

        Assert.Equal(hint, Assert.Single(found.Items).Hint);
    }

    [Fact]
    public void Null_is_the_zero_of_the_type()
    {
        var options = Good<SampleWrite>("""
            sample.write "w" {
              targets = null
              external_labels = null
              endpoint {
                url = null
                timeout = null
                weight = null
              }
            }
            """);

        Assert.Equal(("", TimeSpan.Zero, null),
            (options.Endpoints[0].Url, options.Endpoints[0].Timeout, options.Endpoints[0].Weight));
        Assert.Empty(options.Targets);
        Assert.Empty(options.ExternalLabels);
    }

    [Fact]
    public void Filling_one_record_changes_no_other()
    {
        Good<SampleWrite>("sample.write \"w\" {\nendpoint {\nurl = \"a\"\nfollow_redirects = true\n}\n}");

        var other = Good<SampleWrite>("sample.write \"w\" {\nendpoint {\nurl = \"a\"\n}\n}");

        Assert.False(other.Endpoints[0].Client.FollowRedirects);
    }

    [Fact]
    public void Records_are_compared_by_content()
    {
        const string text =
            "sample.write \"w\" {\nexternal_labels = {a = \"b\"}\nendpoint {\nurl = \"a\"\n"
            + "http_headers = {a = [\"s\"]}\n}\n}";

        var (left, same) = (Good<SampleWrite>(text), Good<SampleWrite>(text));
        var other = Good<SampleWrite>(text.Replace("\"s\"", "\"t\""));

        Assert.NotEqual(left, same);
        Assert.True(OptionEquality.AreEqual(left, same));
        Assert.False(OptionEquality.AreEqual(left, other));
    }

    [Fact]
    public void Arguments_and_exports_become_JSON_without_secrets()
    {
        var options = Good<SampleWrite>("""
            sample.write "w" {
              endpoint {
                url          = "http://me:hunter2@host/"
                bearer_token = sample.write.x.token
                http_headers = {"X" = ["hunter2"]}
                headers      = {"Authorization" = "hunter2", "X-Team" = "a"}
                timeout      = "1m"
              }
            }
            """);

        var json = Json(writer => OptionJson.WriteOptions(writer, options));
        var stages = Json(writer => OptionJson.WriteOptions(writer, new SampleProcess { Stages = [new SampleJson()] }));
        var exports = Json(writer => OptionJson.WriteExports(writer,
            new SampleExports { Receiver = Receiver, Token = new Secret("hunter2") }));

        Assert.DoesNotContain("hunter2", json, StringComparison.Ordinal);
        Assert.Contains("\"bearer_token\":\"(secret)\"", json, StringComparison.Ordinal);
        Assert.Contains("\"headers\":{\"Authorization\":\"(secret)\",\"X-Team\":\"a\"}", json,
            StringComparison.Ordinal);
        Assert.Contains("\"timeout\":\"1m0s\"", json, StringComparison.Ordinal);
        Assert.Equal("{\"forward_to\":[],\"blocks\":[{\"stage.json\":{\"source\":\"\"}}]}", stages);
        Assert.Equal("{\"receiver\":\"(SampleReceiver)\",\"targets\":[],\"token\":\"(secret)\"}", exports);
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
