using System.Text;
using Weir.Routing.Secrets;

namespace Weir.Routing.Tests.Secrets;

/// <summary>Secrets are made up anew from the shapes of their kinds: none of them is one.</summary>
public sealed class BuiltInRulesTests
{
    private const string Digits = "0123456789";
    private const string Hex = "0123456789abcdef";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Letters = Upper + "abcdefghijklmnopqrstuvwxyz";
    private const string Text = Letters + Digits;
    private static readonly SecretFinder Finder = new(BuiltInRules.All, []);

    private static string Made(int length, string of, int seed = 1)
    {
        var random = new Random(seed);
        return string.Concat(Enumerable.Range(0, length).Select(_ => of[random.Next(of.Length)]));
    }

    private static IReadOnlyList<(string Rule, string Secret)> Find(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        var found = new List<FoundSecret>();
        Assert.True(Finder.Find(bytes, new int[Finder.BoundsMax], found, default));
        return [.. found.Select(secret => (
            Finder.Rules[secret.Rule].Id, Encoding.UTF8.GetString(bytes, secret.Start, secret.Length)))];
    }

    public static TheoryData<string, string, string> Secrets() => new()
    {
        { "aws-access-token", "AKIA" + Made(16, Upper + "234567"), "id={0} rest" },
        { "aws-secret-access-key", Made(40, Text + "/+"), "aws_secret_access_key = {0} rest" },
        { "github-token", "ghp_" + Made(36, Text), "clone with {0}" },
        { "github-fine-grained-token", "github_pat_" + Made(82, Text), "{0}" },
        { "gitlab-token", "glpat-" + Made(20, Text), "--header {0}" },
        { "slack-token", "xoxb-" + Made(40, Text), "{0}" },
        { "slack-app-token", "xapp-1-A0" + Made(8, Upper) + "-123-" + Made(30, Hex), "{0}" },
        { "slack-webhook", "T0" + Made(8, Upper) + "/B0" + Made(8, Upper) + "/" + Made(24, Text),
            "POST https://hooks.slack.com/services/{0}" },
        { "stripe-key", "sk_live_" + Made(24, Text), "{0}" },
        { "google-api-key", "AIza" + Made(35, Text), "?key={0}&x=1" },
        { "google-client-secret", "GOCSPX-" + Made(28, Text), "{0}" },
        { "openai-key", "sk-proj-" + Made(20, Text) + "T3BlbkFJ" + Made(20, Text), "{0}" },
        { "anthropic-key", "sk-ant-api03-" + Made(95, Text), "{0}" },
        { "huggingface-token", "hf_" + Made(34, Letters), "{0}" },
        { "grafana-cloud-token", "glc_" + Made(60, Text), "{0}" },
        { "grafana-service-account-token", "glsa_" + Made(32, Text) + "_" + Made(8, Hex), "{0}" },
        { "grafana-api-key", "eyJrIjoi" + Made(80, Text), "{0}" },
        { "jwt", "ey" + Made(20, Text) + ".ey" + Made(40, Text) + "." + Made(43, Text), "{0}" },
        { "npm-token", "npm_" + Made(36, Text), "{0}" },
        { "pypi-token", "pypi-AgEIcHlwaS5vcmc" + Made(60, Text), "{0}" },
        { "docker-token", "dckr_pat_" + Made(27, Text), "{0}" },
        { "sendgrid-key", "SG." + Made(22, Text) + "." + Made(43, Text), "{0}" },
        { "twilio-key", "SK" + Made(32, Hex), "{0}" },
        { "mailgun-key", "key-" + Made(32, Hex), "{0}" },
        { "telegram-token", "123456789:AA" + Made(33, Text), "bot{0}" },
        { "digitalocean-token", "dop_v1_" + Made(64, Hex), "{0}" },
        { "vault-token", "hvs." + Made(90, Text), "{0}" },
        { "terraform-token", Made(14, Text) + ".atlasv1." + Made(67, Text), "{0}" },
        { "databricks-token", "dapi" + Made(32, Hex), "{0}" },
        { "shopify-token", "shpat_" + Made(32, Hex), "{0}" },
        { "atlassian-token", "ATATT3" + Made(186, Text), "{0}" },
        { "azure-storage-key", Made(86, Text) + "==", "AccountName=x;AccountKey={0};Endpoint=y" },
        { "azure-signature", Made(43, Text) + "%3D", "https://x.blob/y?se=1&sig={0}" },
        { "new-relic-key", "NRAK-" + Made(27, Upper), "{0}" },
        { "linear-key", "lin_api_" + Made(40, Text), "{0}" },
        { "age-key", "AGE-SECRET-KEY-1" + Made(58, Upper), "{0}" },
        { "authorization-header", Made(30, Text), "\"Authorization\": \"Bearer {0}\"" },
        { "url-password", "p4ss!" + Made(8, Text), "dsn=postgres://me:{0}@db/x" },
        { "generic-api-key", Made(24, Text), "my_api_key=\"{0}\" x" },
        { "generic-api-key", Made(24, Text), "{\"password\": \"{0}\"}" },
        { "private-key", "\\n" + Made(200, Text) + "\\n",
            "-----BEGIN RSA PRIVATE KEY-----{0}-----END RSA PRIVATE KEY-----" },
    };

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_is_found_where_it_stands(string rule, string secret, string line)
    {
        if (rule == "telegram-token") line = line.Replace("bot", "bot/", StringComparison.Ordinal);

        var found = Find(line.Replace("{0}", secret, StringComparison.Ordinal));

        Assert.Contains((rule, secret), found);
    }

    [Fact]
    public void Every_rule_has_a_case() => Assert.Equal(
        BuiltInRules.All.Select(rule => rule.Id).Order(StringComparer.Ordinal),
        Secrets().Select(row => (string)row[0]).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("GET /index.html 200 in 12 ms from 10.0.0.1")]
    [InlineData("token refreshed for user alice")]
    [InlineData("password: changeme")]
    [InlineData("auth=none key=value secret_name=my-secret-name")]
    [InlineData("https://example.com:8080/path@2x.png")]
    [InlineData("AKIA1234 is too short")]
    [InlineData("trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7")]
    [InlineData("token_count=12345678901234")]
    [InlineData("commit 9fceb02d0ae598e95dc970b74767f19372d61af8")]
    public void An_ordinary_line_has_none(string line) => Assert.Empty(Find(line));

    [Fact]
    public void A_hostile_line_takes_linear_time()
    {
        string[] pieces = ["ey", "key=", "authorization: bearer ", "://a:", "-----BEGIN PRIVATE KEY-----", "xox"];
        foreach (var piece in pieces)
        {
            var line = string.Concat(Enumerable.Repeat(piece, 256 * 1024 / piece.Length));

            var found = Find(line);

            Assert.True(found.Count <= SecretFinder.FoundMax);
        }
    }

    [Theory]
    [InlineData("aaaa", 0)]
    [InlineData("abab", 1)]
    [InlineData("abcd", 2)]
    public void Entropy_is_counted_in_bits_a_byte(string text, double bits) =>
        Assert.Equal(bits, SecretFinder.EntropyOf(Encoding.UTF8.GetBytes(text)), 6);
}
