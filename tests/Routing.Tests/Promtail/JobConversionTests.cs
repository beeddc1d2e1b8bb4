namespace Weir.Routing.Tests.Promtail;

public sealed class JobConversionTests
{
    [Fact]
    public void Static_targets_become_a_file_source_that_matches_globs()
    {
        var text = Converting.Job("""
            encoding: utf-16le
            decompression: {enabled: true, format: gz, initial_delay: 5s}
            static_configs:
            - targets: [localhost]
              labels: {job: varlogs, __path__: /var/log/*log}
            """);

        Assert.Equal("""
            loki.source.file "j" {
            	targets               = [{
            		__address__ = "localhost",
            		job         = "varlogs",
            		__path__    = "/var/log/*log",
            	}]
            	forward_to            = [loki.write.default.receiver]
            	encoding              = "utf-16le"
            	legacy_positions_file = "/var/log/positions.yaml"

            	file_match {
            		enabled = true
            	}

            	decompression {
            		enabled       = true
            		format        = "gz"
            		initial_delay = "5s"
            	}
            }

            """, text);
    }

    private const string ManyTargets = """
        file_sd_configs:
        - files: [/etc/targets/*.json]
          refresh_interval: 1d
        static_configs:
        - targets: [a, b]
          labels: {__path__: /a}
        - labels: {__path__: /b, __address__: c}
        relabel_configs:
        - source_labels: [__address__, job]
          separator: ;
          regex: '(.+);\d'
          target_label: host
          replacement: ''
          action: Replace
        - action: labeldrop
          regex: x
        - {action: hashmod, source_labels: [a], target_label: t, modulus: 4}
        """;

    private const string ManyTargetsConverted = """
        discovery.file "j" {
        	files            = ["/etc/targets/*.json"]
        	refresh_interval = "24h"
        }

        discovery.relabel "j" {
        	targets = array.concat(
        		discovery.file.j.targets,
        		[
        			{
        				__address__ = "a",
        				__path__    = "/a",
        			},
        			{
        				__address__ = "b",
        				__path__    = "/a",
        			},
        			{
        				__address__ = "localhost",
        				__path__    = "/b",
        			},
        		],
        	)

        	rule {
        		source_labels = ["__address__", "job"]
        		target_label  = "host"
        		regex         = `(.+);\d`
        		replacement   = ""
        	}

        	rule {
        		regex  = "x"
        		action = "labeldrop"
        	}

        	rule {
        		source_labels = ["a"]
        		target_label  = "t"
        		modulus       = 4
        		action        = "hashmod"
        	}
        }

        loki.source.file "j" {
        	targets               = discovery.relabel.j.output
        	forward_to            = [loki.write.default.receiver]
        	legacy_positions_file = "/var/log/positions.yaml"

        	file_match {
        		enabled = true
        	}
        }

        """;

    [Fact]
    public void Targets_multiply_and_rules_stand_between_discovery_and_source()
    {
        var text = Converting.Job(ManyTargets);

        Assert.Equal(ManyTargetsConverted, text);
    }

    [Fact]
    public void Targets_of_other_hosts_are_dropped_where_rules_name_the_host()
    {
        var text = Converting.Job("""
            static_configs:
            - labels: {__path__: /a}
            relabel_configs:
            - {source_labels: [n], target_label: __host__}
            """);

        Assert.Contains("""
            	rule {
            		source_labels = ["__host__"]
            		regex         = "|" + coalesce(sys.env("HOSTNAME"), constants.hostname)
            		action        = "keep"
            	}
            """, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Containers_are_discovered_relabelled_by_stream_and_read()
    {
        var text = Converting.Job("""
            docker_sd_configs:
            - host: tcp://docker:2376
              refresh_interval: 5s
              port: 80
              filters: [{name: label, values: [logging=yes]}]
              tls_config: {ca_file: /ca}
            pipeline_stages: [{docker: {}}]
            relabel_configs:
            - {source_labels: [__meta_docker_container_log_stream], target_label: stream}
            """);

        Assert.Equal("""
            discovery.docker "j" {
            	host             = "tcp://docker:2376"
            	refresh_interval = "5s"

            	filter {
            		name   = "label"
            		values = ["logging=yes"]
            	}

            	tls_config {
            		ca_file = "/ca"
            	}
            }

            discovery.relabel "j" {
            	targets = []

            	rule {
            		source_labels = ["__meta_docker_container_log_stream"]
            		target_label  = "stream"
            	}
            }

            loki.process "j" {
            	forward_to = [loki.write.default.receiver]

            	stage.docker { }
            }

            loki.source.docker "j" {
            	host                  = "tcp://docker:2376"
            	targets               = discovery.docker.j.targets
            	forward_to            = [loki.process.j.receiver]
            	relabel_rules         = discovery.relabel.j.rules
            	refresh_interval      = "5s"
            	legacy_positions_file = "/var/log/positions.yaml"

            	http_client_config {
            		tls_config {
            			ca_file = "/ca"
            		}
            	}
            }

            """, text);
    }

    [Fact]
    public void Two_engines_of_a_job_get_labels_of_their_own()
    {
        var text = Converting.Job("docker_sd_configs: [{host: unix:///a}, {host: unix:///b}]");

        Assert.Contains("discovery.docker \"j_2\" {", text, StringComparison.Ordinal);
        Assert.Contains("= discovery.docker.j_2.targets", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cluster_is_asked_for_the_pods_of_this_node_only()
    {
        var text = Converting.Job("kubernetes_sd_configs: [{role: pod}]");

        Assert.StartsWith("""
            discovery.kubernetes "j" {
            	role = "pod"

            	selectors {
            		role  = "pod"
            		field = "spec.nodeName=" + coalesce(sys.env("HOSTNAME"), constants.hostname)
            	}
            }
            """, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("journal: {json: true, max_age: 12h, path: /j, matches: A=b, labels: {job: x}}",
        "loki.source.journal",
        "format_as_json = true | max_age = \"12h\" | path = \"/j\" | matches = \"A=b\" "
        + "| labels = { | job = \"x\", | } | legacy_position { "
        + "| file = \"/var/log/positions.yaml\" | name = \"j\" | }")]
    [InlineData("syslog: {listen_address: ':1514', listen_protocol: udp, label_structured_data: yes, labels: {a: b}, "
        + "idle_timeout: 60s, use_incoming_timestamp: true, max_message_length: 8192, tls_config: {cert_file: /c}}",
        "loki.source.syslog",
        "listener { | address = \":1514\" | protocol = \"udp\" | idle_timeout = \"60s\" "
        + "| label_structured_data = true | labels = { | a = \"b\", | } | use_incoming_timestamp = true "
        + "| tls_config { | cert_file = \"/c\" | } | }")]
    [InlineData("windows_events: {eventlog_name: App, xpath_query: '*', bookmark_path: ./b.xml, locale: 1033}",
        "loki.source.windowsevent",
        "locale = 1033 | eventlog_name = \"App\" | bookmark_path = \"./b.xml\"")]
    [InlineData("kafka: {brokers: [b:1], topics: [t], authentication: {type: sasl, sasl_config: {user: u, "
        + "mechanism: SCRAM-SHA-512, password: p, use_tls: true, ca_file: /ca}}}",
        "loki.source.kafka",
        "brokers = [\"b:1\"] | topics = [\"t\"] | group_id = \"promtail\" | authentication { "
        + "| type = \"sasl\" | sasl_config { | mechanism = \"SCRAM-SHA-512\" | user = \"u\" | password = \"p\" "
        + "| use_tls = true | tls_config { | ca_file = \"/ca\" | } | } | }")]
    [InlineData("gelf: {listen_address: '0.0.0.0:1'}", "loki.source.gelf",
        "listen_address = \"0.0.0.0:1\"")]
    [InlineData("cloudflare: {api_token: t, zone_id: z, pull_range: 5m}",
        "loki.source.cloudflare",
        "api_token = \"t\" | zone_id = \"z\" | pull_range = \"5m\"")]
    [InlineData("gcplog: {project_id: p, subscription: s, labels: {a: b}}",
        "loki.source.gcplog",
        "pull { | project_id = \"p\" | subscription = \"s\" | labels = { | a = \"b\", | } | }")]
    [InlineData("gcplog: {subscription_type: push, server: {http_listen_port: 8080}, push_timeout: 5s}",
        "loki.source.gcplog",
        "push { | push_timeout = \"5s\" | }")]
    [InlineData("heroku_drain: {server: {http_listen_address: 127.0.0.1}}",
        "loki.source.heroku",
        "http { | listen_address = \"127.0.0.1\" | listen_port = 80 | }")]
    [InlineData("azure_event_hubs: {fully_qualified_namespace: n:1, event_hubs: [e], connection_string: c}",
        "loki.source.azure_event_hubs",
        "fully_qualified_namespace = \"n:1\" | event_hubs = [\"e\"] "
        + "| group_id = \"promtail\" | authentication { | mechanism = \"connection_string\" "
        + "| connection_string = \"c\" | }")]
    public void A_source_keeps_what_differs_from_its_defaults(string yaml, string component, string expected)
    {
        var text = System.Text.RegularExpressions.Regex.Replace(Converting.Job(yaml), " +=", " =");

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim('\t'));
        Assert.Equal($"{component} \"j\" {{ | forward_to = [loki.write.default.receiver] | {expected} | }}",
            string.Join(" | ", lines));
    }

    [Theory]
    [InlineData("dns_sd_configs: [{names: [a.b], type: A, port: 9, refresh_interval: 30s}]",
        "discovery.dns", "names = [\"a.b\"] | type = \"A\" | port = 9")]
    [InlineData("consul_sd_configs: [{server: 'c:8500', services: [s], tags: [t], allow_stale: false}]",
        "discovery.consul", "server = \"c:8500\" | allow_stale = false | services = [\"s\"] | tags = [\"t\"]")]
    [InlineData("consulagent_sd_configs: [{server: 'c:8500', token: t}]",
        "discovery.consulagent", "server = \"c:8500\" | token = \"t\"")]
    [InlineData("digitalocean_sd_configs: [{bearer_token: t, port: 81}]",
        "discovery.digitalocean", "port = 81 | bearer_token = \"t\"")]
    [InlineData("dockerswarm_sd_configs: [{host: 'tcp://h:1', role: tasks}]",
        "discovery.dockerswarm", "host = \"tcp://h:1\" | role = \"tasks\"")]
    [InlineData("serverset_sd_configs: [{servers: [z], paths: [/p], timeout: 10s}]",
        "discovery.serverset", "servers = [\"z\"] | paths = [\"/p\"]")]
    [InlineData("nerve_sd_configs: [{servers: [z], paths: [/p], timeout: 1m}]",
        "discovery.nerve", "servers = [\"z\"] | paths = [\"/p\"] | timeout = \"1m\"")]
    [InlineData("marathon_sd_configs: [{servers: ['http://m'], authorization: {credentials_file: /c}}]",
        "discovery.marathon", "servers = [\"http://m\"] | authorization { | credentials_file = \"/c\" | }")]
    [InlineData("gce_sd_configs: [{project: p, zone: z}]", "discovery.gce", "project = \"p\" | zone = \"z\"")]
    [InlineData("ec2_sd_configs: [{region: r, filters: [{name: n, values: [v]}]}]",
        "discovery.ec2", "region = \"r\" | filter { | name = \"n\" | values = [\"v\"] | }")]
    [InlineData("openstack_sd_configs: [{role: instance, region: r, all_tenants: true}]",
        "discovery.openstack", "role = \"instance\" | region = \"r\" | all_tenants = true")]
    [InlineData("azure_sd_configs: [{subscription_id: s, tenant_id: t, client_id: c, client_secret: x}]",
        "discovery.azure", "subscription_id = \"s\" "
        + "| oauth { | client_id = \"c\" | tenant_id = \"t\" | client_secret = \"x\" | }")]
    [InlineData("azure_sd_configs: [{subscription_id: s, authentication_method: ManagedIdentity, client_id: c}]",
        "discovery.azure", "subscription_id = \"s\" | managed_identity { | client_id = \"c\" | }")]
    [InlineData("triton_sd_configs: [{account: a, dns_suffix: d, endpoint: e, version: 1}]",
        "discovery.triton", "account = \"a\" | dns_suffix = \"d\" | endpoint = \"e\"")]
    [InlineData("kubernetes_sd_configs: [{role: node, namespaces: {names: [a]}, oauth2: {client_id: c, scopes: [s]}}]",
        "discovery.kubernetes", "role = \"node\" | oauth2 { | client_id = \"c\" | scopes = [\"s\"] | } "
        + "| namespaces { | names = [\"a\"] | }")]
    public void A_discovery_feeds_a_file_source(string yaml, string component, string expected)
    {
        var text = System.Text.RegularExpressions.Regex.Replace(Converting.Job(yaml), " +=", " =");

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim('\t'));
        Assert.StartsWith($"{component} \"j\" {{ | {expected} | }} | loki.source.file \"j\" {{ "
            + $"| targets = {component}.j.targets |", string.Join(" | ", lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_a_source_that_takes_none_are_set_by_rules_before_the_others()
    {
        var text = Converting.Job(
            "gelf: {labels: {job: gelf$1}}\nrelabel_configs: [{target_label: a, replacement: b}]");

        Assert.Contains("""
            	rule {
            		target_label = "job"
            		replacement  = "gelf$$1"
            	}

            	rule {
            		target_label = "a"
            		replacement  = "b"
            	}
            """, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_of_a_source_that_takes_no_rules_pass_through_a_component_that_has_them()
    {
        var text = Converting.Job("windows_events: {}\nrelabel_configs: [{target_label: a, replacement: b}]");

        Assert.Equal("""
            loki.relabel "j" {
            	forward_to = [loki.write.default.receiver]

            	rule {
            		target_label = "a"
            		replacement  = "b"
            	}
            }

            loki.source.windowsevent "j" {
            	forward_to = [loki.relabel.j.receiver]
            }

            """, text);
    }

    [Theory]
    [InlineData("loki_push_api: {server: {http_listen_port: 3500, grpc_listen_port: 3600}, labels: {a: b}}",
        "5:3: warning: loki_push_api: raw lines are taken at /loki/api/v1/raw, not at /promtail/api/v1/raw "
        + "(change the path where senders use it)")]
    [InlineData("syslog: {}", "5:3: error: syslog needs the field \"listen_address\" (add listen_address: …)")]
    [InlineData("syslog: {listen_address: a, listen_protocol: sctp}",
        "5:48: error: invalid syslog.listen_protocol: expected one of tcp, udp")]
    [InlineData("syslog: {listen_address: a, idle_timeout: 60}",
        "5:45: warning: syslog.idle_timeout has no unit and is taken for seconds (write 60s)")]
    [InlineData("journl: {}", "5:3: error: unknown field \"journl\" in scrape_configs (did you mean \"journal\"?)")]
    [InlineData("static_configs: [{labels: {job: x}}]",
        "5:20: warning: this target has no __path__, so that nothing is read for it "
        + "(add the label __path__ with the path, or a glob, of the files)")]
    [InlineData("static_configs: [{label: {__path__: x}}]",
        "5:21: error: unknown field \"label\" in static_configs (did you mean \"labels\"?)")]
    [InlineData("encoding: utf-8", "5:3: warning: encoding has no effect: this job reads no files")]
    [InlineData("relabel_configs: [{action: replce}]",
        "5:30: error: invalid relabel_configs.action: expected one of replace, keep, ")]
    [InlineData("relabel_configs: {action: drop}",
        "5:20: error: relabel_configs is no list (put a - before each of its elements)")]
    [InlineData("docker_sd_configs: [{hots: x}]",
        "5:24: error: unknown field \"hots\" in docker_sd_configs (did you mean \"host\"?)")]
    [InlineData("kafka: {topics: t, brokers: [{a: b}]}", "5:31: error: invalid kafka.brokers: ")]
    public void A_mistake_has_a_place_and_a_remedy(string yaml, string expected)
    {
        var found = Converting.Complaints(yaml);

        Assert.Contains(found, problem => problem.StartsWith(expected, StringComparison.Ordinal));
    }
}
