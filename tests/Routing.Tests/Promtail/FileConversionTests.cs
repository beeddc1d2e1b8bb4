using Weir.Routing.Language;
using Weir.Routing.Promtail;

namespace Weir.Routing.Tests.Promtail;

public sealed class FileConversionTests
{
    private const string Job = "scrape_configs: [{job_name: j, journal: {}}]\n";
    private const string Client = "clients: [{url: http://loki/loki/api/v1/push}]\n";

    private const string WholeFile = """
        server:
          http_listen_port: 9080
          grpc_listen_port: 0
          log_level: warn
          log_format: json
        positions: {filename: /tmp/p.yaml, sync_period: 5s}
        target_config: {sync_period: 1m}
        global: {file_watch_config: {min_poll_frequency: 1s, max_poll_frequency: 250ms}}
        client: {url: http://b/loki/api/v1/push}
        clients:
        - url: http://a/loki/api/v1/push
          name: a
          tenant_id: t
          batchwait: 2s
          batchsize: 2097152
          timeout: 10s
          backoff_config: {min_period: 100ms, max_period: 5m, max_retries: 0}
          headers: {X-A: b}
          basic_auth: {username: u, password_file: /p}
          external_labels: {host: h}
          drop_rate_limited_batches: true
        limits_config: {max_streams: 7}
        scrape_configs:
        - job_name: 1-a
          static_configs: [{labels: {__path__: /a}}]
        """;

    private const string WholeResult = """
        // Converted from p.yaml.
        // Promtail listened on 0.0.0.0:9080: weir run --server.http.listen-addr=0.0.0.0:9080 does so.

        logging {
        	level  = "warn"
        	format = "json"
        }

        // From scrape config "1-a".
        loki.source.file "_1_a" {
        	targets               = [{
        		__address__ = "localhost",
        		__path__    = "/a",
        	}]
        	forward_to            = [loki.write.default.receiver, loki.write.default_2.receiver]
        	legacy_positions_file = "/tmp/p.yaml"

        	file_match {
        		enabled     = true
        		sync_period = "1m0s"
        	}

        	file_watch {
        		min_poll_frequency = "1s"
        	}
        }

        loki.write "default" {
        	external_labels = {
        		host = "h",
        	}
        	max_streams     = 7

        	endpoint {
        		url                 = "http://a/loki/api/v1/push"
        		name                = "a"
        		tenant_id           = "t"
        		batch_wait          = "2s"
        		batch_size          = "2MiB"
        		min_backoff_period  = "100ms"
        		max_backoff_retries = 0
        		headers             = {
        			"X-A" = "b",
        		}
        		retry_on_http_429   = false

        		basic_auth {
        			username      = "u"
        			password_file = "/p"
        		}
        	}
        }

        loki.write "default_2" {
        	max_streams = 7

        	endpoint {
        		url = "http://b/loki/api/v1/push"
        	}
        }

        """;

    [Fact]
    public void A_file_becomes_a_configuration_that_says_where_it_comes_from()
    {
        var (result, found) = Converting.File(WholeFile);

        Assert.Empty(found.Items);
        Assert.Equal("0.0.0.0:9080", result!.ListenAddress);
        Assert.Equal(WholeResult, result.AlloyText);
    }

    [Fact]
    public void Limits_hold_for_all_jobs_together()
    {
        var (result, found) = Converting.File(Client + """
            limits_config:
              readline_rate_enabled: true
              readline_rate: 100.5
              max_line_size: 256kb
            scrape_configs:
            - {job_name: limits, journal: {}, pipeline_stages: [docker: {}]}
            - {job_name: b, journal: {}}
            """);

        Assert.Empty(found.Items);
        var text = result!.AlloyText;
        Assert.Contains("""
            loki.process "limits_2" {
            	forward_to = [loki.process.limits.receiver]

            """, text, StringComparison.Ordinal);
        Assert.Contains("""
            // From limits_config, for all scrape configs together.
            loki.process "limits" {
            	forward_to = [loki.write.default.receiver]

            	stage.limit {
            		rate  = 100.5
            		burst = 10000
            		drop  = true
            	}

            	stage.drop {
            		longer_than         = "256KiB"
            		drop_counter_reason = "line_too_long"
            	}
            }
            """, text, StringComparison.Ordinal);
        Assert.Contains("loki.source.journal \"b\" {\n\tforward_to = [loki.process.limits.receiver]", text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Long_lines_are_cut_where_the_file_says_so()
    {
        var (result, _) = Converting.File(
            Client + Job + "limits_config: {max_line_size: 1000, max_line_size_truncate: true}");

        Assert.Contains("stage.truncate {\n\t\trule {\n\t\t\tlimit = \"1000B\"\n\t\t}\n\t}", result!.AlloyText,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Anchors_and_merge_keys_are_followed()
    {
        var (result, found) = Converting.File(Client + """
            scrape_configs:
            - &base
              job_name: a
              journal: {labels: &labels {x: y}}
            - <<: *base
              job_name: b
            - {job_name: c, journal: {labels: {<<: [*labels, {x: no, z: w}]}}}
            """);

        Assert.Empty(found.Items);
        Assert.Contains("loki.source.journal \"b\"", result!.AlloyText, StringComparison.Ordinal);
        Assert.Contains("\t\tx = \"y\",\n\t\tz = \"w\",\n", result.AlloyText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_variables_in_an_address_is_expanded_as_a_whole()
    {
        const string Yaml = "clients: [{url: 'http://${LOKI:-loki}/', basic_auth: {username: '${USER}'}}]\n"
            + "scrape_configs:\n- {job_name: j, journal: {labels: {host: '${HOST}'}}}\n";
        static string? Expanded(string yaml, bool expands)
        {
            var found = new DiagnosticBag();
            var result = PromtailConverter.Convert(new SourceFile("p.yaml", yaml), name => name + "!", expands, found);
            Assert.False(found.HasErrors);
            return result?.AlloyText;
        }

        var meant = Expanded(Yaml, expands: false);

        Assert.Equal(Expanded(Yaml, expands: true), meant);
        Assert.Contains("host = \"HOST!\"", meant, StringComparison.Ordinal);
        Assert.Contains("1:17: warning: an address is made of variables: all ${…} of the file are expanded",
            string.Join('\n', Converting.Problems(Yaml)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5", "batch_wait = \"5s\"", "warning: clients.batchwait has no unit and is taken for seconds")]
    [InlineData("2000000000", "batch_wait = \"2000000000ns\"", null)]
    [InlineData("0x10", "batch_wait = \"16s\"", "has no unit")]
    [InlineData("017", "batch_wait = \"15s\"", "has no unit")]
    [InlineData("0o17", "batch_wait = \"15s\"", "has no unit")]
    [InlineData("0b101", "batch_wait = \"5s\"", "has no unit")]
    public void A_duration_without_a_unit_is_taken_as_it_is_meant(string written, string expected, string? warning)
    {
        var (result, found) = Converting.File(Job + $"clients: [{{url: 'http://a', batchwait: {written}}}]");

        Assert.False(found.HasErrors);
        Assert.Contains(expected, result!.AlloyText, StringComparison.Ordinal);
        if (warning is not null)
            Assert.Contains(warning, Assert.Single(found.Items).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "1:1: error: there is no client, so that nothing would be sent "
        + "(add clients: with the url of a Loki, such as http://loki:3100/loki/api/v1/push)")]
    [InlineData("- a", "1:1: error: this is no file of Promtail: it holds no fields "
        + "(it begins with server: or clients:)")]
    [InlineData(Job + "client: {urll: x}", "2:10: error: unknown field \"urll\" in client (did you mean \"url\"?)")]
    [InlineData(Job + "clients: [{url: 'http://a'}, {url: 'http://a'}]",
        "2:30: error: this client is the same as another (remove one, or give them different names)")]
    [InlineData(Job + "clients: [{url: loki:3100}]", "2:17: error: the url does not begin with http:// or https:// "
        + "(write it like http://loki:3100/loki/api/v1/push)")]
    [InlineData(Job + "clients: [{url: 'http://a', tenant_id: '${P}'}]",
        "2:40: error: ${P} is not expanded, but stands for itself "
        + "(Promtail expands variables with -config.expand-env=true, weir with --config.expand-env)")]
    [InlineData(Client + "scrape_configs: [{job_name: a, journal: {}}, {job_name: a, journal: {}}]",
        "2:57: error: job_name \"a\" is used twice (the first stands on line 2; give each scrape config a name of its "
        + "own)")]
    [InlineData(Client + "scrape_configs: [{job_name: a}]", "2:18: error: scrape config \"a\" reads nothing "
        + "(add static_configs, docker_sd_configs, journal, syslog or another source)")]
    [InlineData(Client + "scrape_configs: [{journal: {}}]",
        "2:18: error: scrape_configs needs the field \"job_name\" (add job_name: …)")]
    [InlineData(Client,
        "1:1: warning: there are no scrape_configs, so that nothing is collected (add scrape_configs:)")]
    [InlineData(Client + Job + "servr: {}",
        "3:1: error: unknown field \"servr\" in the file (did you mean \"server\"?)")]
    [InlineData(Client + Job + "server: {http_path_prefix: /x}",
        "3:10: error: server.http_path_prefix has no equivalent (/ready, /metrics and the rest stand without a prefix; "
        + "change what calls them)")]
    [InlineData(Client + Job + "server: {profiling_enabled: true}", "3:10: warning: server.profiling_enabled has no "
        + "equivalent and is left out (the node's own server decides what it serves)")]
    [InlineData(Client + Job + "server: {log_level: loud}",
        "3:21: error: invalid server.log_level: expected one of debug, info, warn, error")]
    [InlineData(Client + Job + "target_config: {stdin: true}", "3:17: error: target_config.stdin has no equivalent: "
        + "nothing is read from standard input (write the lines to a file, or push them to loki.source.api)")]
    [InlineData(Client + Job + "limits_config: {readline_rate: 5}", "3:17: warning: limits_config.readline_rate has no "
        + "effect (Promtail applies it only with readline_rate_enabled: true)")]
    [InlineData(Client + Job + "tracing: {enabled: true}", "3:11: warning: tracing.enabled has no equivalent and is "
        + "left out (weir writes no traces of its own)")]
    [InlineData(Client + Job + "wal: {enabled: true}", "3:7: warning: wal.enabled has no equivalent and is left out "
        + "(every line goes through the spool on disk, without asking for it)")]
    [InlineData(Client + Job + "positions: {filename: [a]}",
        "3:23: error: invalid positions.filename: expected a text, this is a list")]
    [InlineData(Client + Job + "positions: text",
        "3:12: error: invalid positions: expected fields with values, this is a text")]
    [InlineData(Client + Job + "wal: {dir: a, dir: b}",
        "3:15: error: \"dir\" is set twice (the first stands on line 3; remove one of them)")]
    [InlineData(Client + Job + "---\na: b", "3:1: warning: only the first document of the file is read "
        + "(remove the others, and the --- before them)")]
    [InlineData(Client + Job + "a: {<<: b}", "3:9: error: << merges maps, this is none (name an anchor that stands on "
        + "a map)")]
    [InlineData("a: *b", "1:4: error: the file is no valid YAML: there is no anchor &b before this alias")]
    [InlineData("{[a]: b}", "1:2: error: a list or map cannot be the name of a field")]
    [InlineData("server:\n\tlog_level: warn",
        "2:1: error: the file is no valid YAML: a tab indents this line (indent with spaces)")]
    public void A_mistake_has_a_place_and_a_remedy(string yaml, string expected) =>
        Assert.Contains(Converting.Problems(yaml),
            problem => problem.StartsWith(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("server: {log_level: info, log_format: logfmt, grpc_listen_port: 9095, profiling_enabled: false}")]
    [InlineData("server: {health_check_target: true, register_instrumentation: true, enable_runtime_reload: false}")]
    [InlineData("tracing: {enabled: false}\nwal: {enabled: false}\noptions: {}\nglobal:\n")]
    [InlineData("limits_config: {readline_rate_enabled: false, readline_rate_drop: true, max_line_size: 0}")]
    public void Defaults_that_are_written_out_need_no_equivalent(string yaml) =>
        Assert.Empty(Converting.Problems(Client + Job + yaml));

    [Fact]
    public void Aliases_of_aliases_are_counted_as_if_they_were_written_out()
    {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(level =>
            $"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n"));

        var problem = Assert.Single(Converting.Problems(yaml));

        Assert.Equal("6:10: error: the file has more than 200000 values, its aliases followed", problem);
    }

    [Fact]
    public void Lists_nested_without_end_are_refused()
    {
        var problem = Assert.Single(Converting.Problems("a: " + new string('[', 100_000)));

        Assert.Equal("1:68: error: the file is nested more than 64 levels deep", problem);
    }

    [Fact]
    public void Targets_times_labels_are_bounded()
    {
        var many = string.Join(", ", Enumerable.Range(0, 1000).Select(number => $"a{number}"));

        var problem = Assert.Single(Converting.Problems(Client + "scrape_configs:\n- job_name: j\n  journal: {}\n"
            + $"  static_configs:\n  - targets: [{many}]\n    labels: {{{many.Replace(",", ": ,")}: }}\n"));

        Assert.Equal("6:5: error: 1000 targets with 1000 labels each are too many "
            + "(one target is enough: it only needs to be localhost)", problem);
    }

    [Theory]
    [InlineData("{http_listen_port: 9080}", "0.0.0.0:9080")]
    [InlineData("{http_listen_address: 10.0.0.1}", "10.0.0.1:80")]
    [InlineData("{http_listen_address: '::1', http_listen_port: 1}", "[::1]:1")]
    [InlineData("{disable: true, http_listen_port: 9080}", null)]
    [InlineData("{grpc_listen_port: 1}", null)]
    public void The_address_of_the_server_is_handed_on(string server, string? expected) =>
        Assert.Equal(expected, Converting.File($"{Client}{Job}server: {server}").Result!.ListenAddress);

    [Fact]
    public void Credentials_of_a_line_at_fault_are_not_shown()
    {
        var found = Converting.File("clients:\n- {url: http://a, password: hunter2}\n- url: http://b\n"
            + "  basic_auth:\n    pasword: hunter2\n    passwordfile: hunter2\n" + Job).Found;

        Assert.Equal(3, found.Items.Count);
        Assert.DoesNotContain("hunter2", DiagnosticRenderer.Render(found), StringComparison.Ordinal);
    }
}
