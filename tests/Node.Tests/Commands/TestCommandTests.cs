using Weir.Node.Commands;

namespace Weir.Node.Tests.Commands;

/// <summary><c>weir test</c>, as a shell runs it.</summary>
public sealed class TestCommandTests : CommandTrial
{
    private const string Configuration = """
        loki.process "app" {
          forward_to = [loki.relabel.app.receiver]

          stage.multiline {
            firstline = `^\d{4}`
          }

          stage.drop {
            expression          = "healthz"
            drop_counter_reason = "health"
          }

          stage.drop {
            older_than          = "1h"
            drop_counter_reason = "old"
          }

          stage.regex {
            expression = `level=(?P<level>\w+)( id=(?P<id>\w+))?`
          }

          stage.labels {
            values = {level = ""}
          }

          stage.structured_metadata {
            values = {id = ""}
          }

          stage.match {
            selector = `{tenant=~".+"}`

            stage.tenant {
              label = "tenant"
            }
          }
        }

        loki.relabel "app" {
          forward_to = [loki.write.default.receiver, loki.echo.seen.receiver]

          rule {
            regex  = "tenant"
            action = "labeldrop"
          }
        }

        loki.echo "seen" { }

        loki.write "default" {
          external_labels = {host = "h1"}

          endpoint {
            url = "http://loki:3100/loki/api/v1/push"
          }
        }

        """;

    [Fact]
    public async Task What_a_configuration_does_is_what_its_tests_expect()
    {
        Write("config.alloy", Configuration);
        Write("config.test.yaml", """
            component: loki.process.app
            labels: {job: app}

            tests:
              - name: labels, metadata and tenant at every destination
                labels: {tenant: acme}
                line: 2026 level=warn id=7
                metadata: {trace: t1}
                timestamp: 2025-12-31T23:59:59.5Z
                expect:
                  - destination: loki.echo.seen
                    labels: {level: warn, job: app}
                  - destination: loki.write.default
                    line: 2026 level=warn id=7
                    labels: {host: h1, level: warn, job: app}
                    metadata: {trace: t1, id: "7"}
                    tenant: acme
                    timestamp: 2025-12-31T23:59:59.5Z

              - name: lines are joined, and let go of at the end
                lines:
                  - 2026 one
                  - "  two"
                  - {line: 2026 three, labels: {stream: stdout}}
                expect:
                  - {destination: loki.echo.seen, line: "2026 one\n  two"}
                  - {line: 2026 three, labels: {job: app, stream: stdout}}
                  - {destination: loki.write.default, timestamp: 1767225600000000000}
                  - {line: 2026 three}

              - name: health checks go
                line: 2026 GET /healthz
                expect: {dropped: health}

              - name: what is old goes, by the clock of the test
                now: 2030-01-01T00:00:00Z
                line: 2026
                timestamp: 2029-12-31T22:59:59Z
                expect: {dropped: old}

              - name: for whatever reason
                line: 2026 healthz
                expect: {dropped: true}
            """);

        var code = await TestAsync(Folder.FullName);

        Assert.Equal("5 passed, 0 failed\n", Output.ToString());
        Assert.Equal(0, code);
        Assert.Equal("", Errors.ToString());
    }

    [Fact]
    public async Task What_differs_is_printed_and_ends_in_a_failure()
    {
        Write("config.alloy", Configuration);
        var file = Write("other.test.yaml", """
            config: config.alloy
            tests:
              - name: wrong
                component: loki.relabel.app
                line: text
                labels: {job: app, tenant: a}
                expect:
                  - {destination: loki.echo.seen, labels: {job: app, tenant: a}, line: text}
              - name: wrong reason
                component: loki.process.app
                line: 2026 healthz
                expect: {dropped: old}
              - name: no such component
                component: loki.process.ap
                line: x
                expect: {dropped: true}
            """);

        var code = await TestAsync(file);

        Assert.Equal(1, code);
        Assert.Equal($$"""
            {{file}}:3: failed: wrong
              entry 1:
            - labels      {job="app", tenant="a"}
            + labels      {job="app"}
              entry 2: was not expected
            + destination loki.write.default
            + tenant      ""
            + timestamp   2026-01-01T00:00:00Z
            + labels      {host="h1", job="app"}
            + metadata    {}
            + line        "text"

            {{file}}:9: failed: wrong reason
            - dropped     old
            + dropped     health

            {{file}}:13: failed: no such component
            there is no component loki.process.ap: did you mean "loki.process.app"?

            0 passed, 3 failed

            """, Output.ToString());
    }

    [Theory]
    [InlineData("tests: []", "the file needs the field \"tests\"")]
    [InlineData("- a", "it holds no fields")]
    [InlineData("tests:\n  - name: n\n    component: c\n    line: x", "needs the field \"expect\"")]
    [InlineData("tests:\n  - name: n\n    component: c\n    expect: {}", "needs the field \"line\"")]
    [InlineData("tests:\n  - name: n\n    line: x\n    expect: {}", "needs the field \"component\"")]
    [InlineData("tests:\n  - name: n\n    component: c\n    line: x\n    expect: {lines: y}", "did you mean \"line\"?")]
    [InlineData("tests:\n  - name: n\n    component: c\n    line: x\n    expect: {timestamp: noon}", "is no time")]
    [InlineData("tests:\n  - name: n\n    component: c\n    lines: [[x]]\n    expect: {}", "this is a list")]
    [InlineData("tests: {", "no valid YAML")]
    public async Task A_mistake_in_the_file_of_tests_is_told_with_its_place(string text, string expected)
    {
        Write("config.alloy", Configuration);
        var file = Write("config.test.yaml", text);

        var code = await TestAsync(file);

        Assert.Equal(1, code);
        Assert.Contains(expected, Errors.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{file}:", Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_in_the_configuration_and_files_that_are_not_there_fail()
    {
        Write("config.alloy", "loki.process \"app\" { }");
        var file = Write("config.test.yaml", "tests:\n  - {name: n, component: c, line: x, expect: {dropped: true}}");
        var empty = Folder.CreateSubdirectory("empty").FullName;

        var codes = (await TestAsync(file), await TestAsync(empty), await TestAsync(file + "x"));

        Assert.Equal((1, 1, 1), codes);
        Assert.Contains("forward_to", Errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("has no *.test.yaml file", Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promtail_s_file_is_tested_as_what_it_becomes()
    {
        Write("promtail.yaml", """
            clients: [{url: "http://loki:3100/loki/api/v1/push", tenant_id: acme}]
            scrape_configs:
              - job_name: nginx
                static_configs: [{labels: {job: nginx, __path__: /var/log/*.log}}]
                pipeline_stages:
                  - regex: {expression: 'status=(?P<status>\d+)'}
                  - labels: {status: }
            """);
        var file = Write("promtail.test.yaml", """
            config: promtail.yaml
            tests:
              - name: the status is a label
                component: loki.process.nginx
                line: status=404
                expect: {labels: {status: "404"}, tenant: acme}
            """);

        var code = await TestAsync(file);

        Assert.Equal("1 passed, 0 failed\n", Output.ToString());
        Assert.Equal(0, code);
    }

    private Task<int> TestAsync(string path) => InvokeAsync([TestCommand.Create()], "test", path);
}
