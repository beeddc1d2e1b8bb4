using System.Text;
using Weir.Routing.Language;
using Weir.Routing.Promtail;

namespace Weir.Routing.Tests.Promtail;

/// <summary>No text crashes or stalls the conversion, and whatever it makes parses and is formatted.</summary>
public sealed class PromtailFuzzTests
{
    private const string Valid = """
        server: {http_listen_port: 9080, log_level: warn}
        positions: {filename: /tmp/positions.yaml}
        clients:
          - url: http://loki:3100/loki/api/v1/push
            external_labels: &labels {host: ${HOST:-h}, env: "${ENV}"}
            basic_auth: {username: u, password: p}
        limits_config: {readline_rate_enabled: true, max_line_size: 256kb}
        scrape_configs:
          - job_name: docker
            docker_sd_configs: [{host: unix:///var/run/docker.sock, filters: [{name: name, values: [a]}]}]
            relabel_configs:
              - {source_labels: [__meta_docker_container_name], regex: '/(.*)', target_label: container}
            pipeline_stages:
              - cri:
              - json: {expressions: {level: , msg: message}}
              - labels: {level: }
              - match:
                  selector: '{app="x"} |= "e"'
                  stages:
                    - drop: {source: [a, b], expression: '^\\d+$', older_than: 24h, longer_than: 8kb}
                    - metrics: {m: {type: Counter, config: {action: inc}}}
          - job_name: files
            static_configs: [{targets: [localhost], labels: {<<: *labels, __path__: /var/log/*.log}}]
          - job_name: syslog
            syslog: {listen_address: 0.0.0.0:1514, labels: *labels, tls_config: {cert_file: /c}}
          - job_name: kafka
            kafka: {brokers: [b], topics: [t], authentication: {type: sasl, sasl_config: {user: u}}}
            kubernetes_sd_configs: [{role: pod}]
        """;

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ": ", "- ", "\n", "\n  ", "\n    ", "\"", "'", "&a ", "*a", "*labels", "<<: ", "|\n",
        ">-\n",
        "#", "!!str ", "!!int ", "---\n", "...\n", "%YAML 1.1\n", "\t", "\0", "\uFEFF", "\u2028", "é", "\ud83d\ude00",
        "\\x", "\"\\ud800\"", "null", "~", "true", "0x1F", "1e99", "-1", "${A}", "${", "$$", "\\", "${A:-${B}}",
        "job_name: a", "pipeline_stages:", "- docker:", "labels:", "? ", ", ", "9999999999999999999", "`", "@",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_files_are_converted_or_refused(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 400; run++)
        {
            var text = new StringBuilder(Valid);
            for (var count = random.Next(1, 5); count > 0; count--) Damage(text, random);
            Check(text.ToString(), random, seed);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Random_pieces_are_converted_or_refused(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 600; run++)
            Check(Fuzz.Text(random, Pieces, 40), random, seed);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("&a ")]
    [InlineData("a: ")]
    [InlineData("a:\n")]
    [InlineData("a: b\n")]
    [InlineData("!")]
    [InlineData("#\n")]
    [InlineData("${A:-")]
    [InlineData("${A#*")]
    [InlineData("\"")]
    [InlineData("'")]
    [InlineData("|\n")]
    [InlineData("a ")]
    public void A_piece_repeated_without_end_does_not_stall(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 100_000));

        Check(text, new Random(0), 0);
    }

    private static void Damage(StringBuilder text, Random random)
    {
        var at = random.Next(text.Length);
        switch (random.Next(4))
        {
            case 0:
                text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at));
                break;
            case 1:
                // A word in the place of another: often still YAML, of a wrong shape.
                var from = random.Next(text.Length);
                text.Insert(at, text.ToString(from, Math.Min(random.Next(1, 40), text.Length - from)));
                break;
            default:
                text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                break;
        }
    }

    private static void Check(string text, Random random, int seed)
    {
        var found = new DiagnosticBag();
        var source = new SourceFile("fuzz", text);

        var result = PromtailConverter.Convert(
            source, name => name == "A" ? "a: \"b\"\n- [" : null, expands: random.Next(2) == 0, found);

        Assert.True(result is not null || found.HasErrors, $"seed {seed}: refused without a reason: {text}");
        foreach (var item in found.Items)
            if (item.Place.Offset < 0 || item.Place.Length < 0 || item.Place.End > source.Text.Length)
                Assert.Fail($"seed {seed}: {item.Place.Offset}+{item.Place.Length}: {text}");
        Assert.NotNull(DiagnosticRenderer.Render(found));
        if (result is null) return;
        var formatting = new DiagnosticBag();
        var formatted = Formatter.Format(new SourceFile("c", result.AlloyText), formatting);
        Assert.True(formatted is not null, $"seed {seed}: {string.Join('\n', formatting.Items)}\n{text}");
        Assert.True(formatted == result.AlloyText, $"seed {seed}: not formatted:\n{result.AlloyText}\n{text}");
    }
}
