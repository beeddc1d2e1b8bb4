using System.Text.Json;
using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

/// <summary>Where a secret may go: it stays one until <c>convert.nonsensitive</c> gives it up.</summary>
public sealed class SecretFlowTests
{
    private const string Text = "hunter2";

    [Theory]
    [InlineData("test.secret + \"x\"")]
    [InlineData("\"x\" + test.secret")]
    [InlineData("test.secret + test.secret")]
    [InlineData("(\"a\" + (\"b\" + test.secret))")]
    [InlineData("coalesce(\"\", test.secret)")]
    [InlineData("[test.secret][0]")]
    [InlineData("{a = {b = test.secret}}.a.b")]
    [InlineData("{a = test.secret}[\"a\"]")]
    [InlineData("array.concat([1], [test.secret])[1]")]
    [InlineData("array.combine_maps([{k = 1, s = test.secret}], [{k = 1}], [\"k\"])[0].s")]
    [InlineData("array.group_by([{k = \"a\", s = test.secret}], \"k\", false)[0].items[0].s")]
    public void What_is_made_of_a_secret_is_one(string expression)
    {
        var value = Evaluating.Value(expression);

        Assert.Contains(Text, Assert.IsType<SecretValue>(value).Reveal(), StringComparison.Ordinal);
        Assert.DoesNotContain(Text, value.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test.secret + 1")]
    [InlineData("1 + test.secret")]
    [InlineData("-test.secret")]
    [InlineData("test.secret < \"x\"")]
    [InlineData("{hunter2 = 1}[test.secret]")]
    [InlineData("test.secret[0]")]
    [InlineData("test.secret.x")]
    [InlineData("string.format(\"%s\", test.secret)")]
    [InlineData("string.format(test.secret)")]
    [InlineData("string.join([\"a\", test.secret], \",\")")]
    [InlineData("string.join([\"a\"], test.secret)")]
    [InlineData("string.replace(test.secret, \"h\", \"h\")")]
    [InlineData("string.replace(\"h\", \"h\", test.secret)")]
    [InlineData("string.split(test.secret, \"\")")]
    [InlineData("string.to_lower(test.secret)")]
    [InlineData("string.to_upper(test.secret)")]
    [InlineData("string.trim(test.secret, \"\")")]
    [InlineData("string.trim_prefix(test.secret, \"\")")]
    [InlineData("string.trim_suffix(\"a\", test.secret)")]
    [InlineData("string.trim_space(test.secret)")]
    [InlineData("encoding.to_base64(test.secret)")]
    [InlineData("encoding.to_URLbase64(test.secret)")]
    [InlineData("encoding.from_base64(test.secret)")]
    [InlineData("encoding.from_json(test.secret)")]
    [InlineData("encoding.from_yaml(test.secret)")]
    [InlineData("encoding.to_json({a = [test.secret]})")]
    [InlineData("encoding.url_encode(test.secret)")]
    [InlineData("encoding.url_decode(test.secret)")]
    [InlineData("json_path(test.secret, \"$\")")]
    [InlineData("json_path(\"{}\", test.secret)")]
    [InlineData("file.path_join(\"/a\", test.secret)")]
    [InlineData("sys.env(test.secret)")]
    [InlineData("env(test.secret)")]
    [InlineData("array.group_by([{k = test.secret}], \"k\", false)")]
    [InlineData("array.group_by([{hunter2 = 1}], test.secret, false)")]
    [InlineData("convert.nonsensitive([test.secret])")]
    [InlineData("test.secret(1)")]
    public void What_would_make_a_text_of_a_secret_is_refused_without_showing_it(string expression)
    {
        var error = Evaluating.Error(expression);

        Assert.DoesNotContain(Text, error.ToString().Replace("{hunter2", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test.secret == \"hunter2\"")]
    [InlineData("[test.secret] == [\"hunter2\"]")]
    [InlineData("{a = test.secret} == {a = \"hunter2\"}")]
    public void A_secret_is_equal_to_no_text(string expression) =>
        Assert.False(Assert.IsType<BoolValue>(Evaluating.Value(expression)).Value);

    [Theory]
    [InlineData("string.format(\"%v\", [test.secret])", "[(secret)]")]
    [InlineData("string.format(\"%s\", {a = test.secret})", "map[a:(secret)]")]
    public void A_list_that_is_printed_shows_that_there_is_a_secret(string expression, string text) =>
        Assert.Equal(text, Assert.IsType<StringValue>(Evaluating.Value(expression)).Text);

    [Fact]
    public void It_is_given_up_on_purpose() =>
        Assert.Equal(Text, Assert.IsType<StringValue>(Evaluating.Value("convert.nonsensitive(test.secret)")).Text);

    [Theory]
    [InlineData("url = test.secret", "expected string, got secret")]
    [InlineData("url = \"http://\" + test.secret", "expected string, got secret")]
    [InlineData("url = \"x\"\nheaders = {a = test.secret}", "expected string, got secret")]
    [InlineData("url = \"x\"\ntimeout = test.secret", "expected duration, got secret")]
    [InlineData("url = \"x\"\nmode = test.secret", "got secret")]
    [InlineData("url = \"x\"\nweight = test.secret", "expected number, got secret")]
    [InlineData("url = \"x\"\neven = test.secret", "got secret")]
    [InlineData("url = \"x\"\nfollow_redirects = test.secret", "expected bool, got secret")]
    [InlineData("url = \"x\"\nqueue_config {\ncapacity = test.secret\n}", "got secret")]
    public void An_argument_that_is_no_secret_does_not_take_one(string arguments, string message)
    {
        var found = new DiagnosticBag();

        var options = new Binder(Evaluating.Scope(), found).Bind<SampleEndpoint>(Block(arguments));

        Assert.Null(options);
        Assert.Contains(message, Assert.Single(found.Items).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_that_is_a_secret_takes_one_and_shows_none()
    {
        var found = new DiagnosticBag();
        var options = new Binder(Evaluating.Scope(), found).Bind<SampleEndpoint>(Block(
            "url = \"x\"\nbearer_token = \"a\" + test.secret\nhttp_headers = {X = [test.secret, \"b\"]}"))!;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) OptionJson.WriteOptions(writer, options);

        Assert.Empty(found.Items);
        Assert.Equal("ahunter2", options.Client.BearerToken!.Reveal());
        Assert.Equal(Text, options.Client.HttpHeaders["X"][0].Reveal());
        Assert.DoesNotContain(Text, System.Text.Encoding.UTF8.GetString(stream.ToArray()), StringComparison.Ordinal);
        Assert.DoesNotContain(Text, options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_stays_one_on_its_way_through_modules_and_lists()
    {
        const string text = """
            sample.write "s" {
              endpoint { url = "x" }
            }
            declare "pass" {
              argument "v" { }
              export "v" { value = argument.v.value }
              export "joined" { value = "a" + argument.v.value }
            }
            pass "p" { v = sample.write.s.token }
            foreach "f" {
              collection = [pass.p.v]
              var        = "each"
              template {
                sample.write "w" {
                  endpoint {
                    url = "x"
                    bearer_token = each
                  }
                }
              }
            }
            sample.write "w" {
              endpoint { url = pass.p.joined }
            }
            """;
        object? Exports(string id) => id == "sample.write.s" ? new SampleExports { Token = new Secret(Text) } : null;
        var loaded = Loading.Good(Exports, text);
        var (inner, outer) = (new DiagnosticBag(), new DiagnosticBag());

        var taken = loaded.Components.Single(block => block.Id.StartsWith("foreach", StringComparison.Ordinal));
        var options = (SampleWrite)taken.Evaluate(Exports, inner)!;
        var refused = loaded.Components.Single(block => block.Id == "sample.write.w").Evaluate(Exports, outer);

        Assert.Empty(inner.Items);
        Assert.Equal(Text, options.Endpoints[0].Client.BearerToken!.Reveal());
        Assert.DoesNotContain(Text, taken.Id, StringComparison.Ordinal);
        Assert.Null(refused);
        Assert.StartsWith("expected string, got secret", Assert.Single(outer.Items).Message, StringComparison.Ordinal);
    }

    private static BlockSyntax Block(string arguments)
    {
        var tree = Parser.Parse(new SourceFile("s.alloy", $"endpoint {{\n{arguments}\n}}"));
        Assert.Empty(tree.Diagnostics);
        return (BlockSyntax)tree.Body.Statements[0];
    }
}
