namespace Weir.Routing.Tests.Promtail;

public sealed class StageConversionTests
{
    [Theory]
    [InlineData("- docker: {}", "stage.docker { }")]
    [InlineData("- docker:", "stage.docker { }")]
    [InlineData("- cri:", "stage.cri { }")]
    [InlineData("- cri: {max_partial_lines: 5, max_partial_line_size: 1024, max_partial_line_size_truncate: yes}",
        "stage.cri { | max_partial_lines = 5 | max_partial_line_size = 1024 "
        + "| max_partial_line_size_truncate = true | }")]
    [InlineData("- decolorize:", "stage.decolorize { }")]
    [InlineData("- regex: {expression: '^(?P<level>\\w+) .*$'}",
        "stage.regex { | expression = `^(?P<level>\\w+) .*$` | }")]
    [InlineData("- regex: {expression: 'a', source: s}", "stage.regex { | expression = \"a\" | source = \"s\" | }")]
    [InlineData("- json: {expressions: {a: b, c: }, source: s, drop_malformed: true}",
        "stage.json { | expressions = { | a = \"b\", | c = \"\", | } | source = \"s\" | drop_malformed = true | }")]
    [InlineData("- logfmt: {mapping: {level: , 'a-b': x}}",
        "stage.logfmt { | mapping = { | level = \"\", | \"a-b\" = \"x\", | } | }")]
    [InlineData("- template: {source: a, template: '{{ .Value | ToUpper }}'}",
        "stage.template { | source = \"a\" | template = \"{{ .Value | ToUpper }}\" | }")]
    [InlineData("- timestamp: {source: t, format: RFC3339, "
        + "fallback_formats: [Unix], location: Europe/Paris, action_on_failure: skip}",
        "stage.timestamp { | source = \"t\" | format = \"RFC3339\" | fallback_formats = [\"Unix\"] "
        + "| location = \"Europe/Paris\" | action_on_failure = \"skip\" | }")]
    [InlineData("- timestamp: {source: t, format: RFC3339, action_on_failure: fudge}",
        "stage.timestamp { | source = \"t\" | format = \"RFC3339\" | }")]
    [InlineData("- output: {source: o}", "stage.output { | source = \"o\" | }")]
    [InlineData("- labels: {a: , b: c, d: ''}",
        "stage.labels { | values = { | a = null, | b = \"c\", | d = \"\", | } | }")]
    [InlineData("- labeldrop: [a, b]", "stage.label_drop { | values = [\"a\", \"b\"] | }")]
    [InlineData("- labeldrop: {a: , b: }", "stage.label_drop { | values = [\"a\", \"b\"] | }")]
    [InlineData("- labelallow: [a]", "stage.label_keep { | values = [\"a\"] | }")]
    [InlineData("- static_labels: {a: b, n: 5, none: }",
        "stage.static_labels { | values = { | a = \"b\", | n = \"5\", | } | }")]
    [InlineData("- structured_metadata: {trace: , user: u}",
        "stage.structured_metadata { | values = { | trace = null, | user = \"u\", | } | }")]
    [InlineData("- tenant: {value: t}", "stage.tenant { | value = \"t\" | }")]
    [InlineData("- tenant: {label: l}", "stage.tenant { | label = \"l\" | }")]
    [InlineData("- replace: {expression: '(a)', replace: '', source: s}",
        "stage.replace { | expression = \"(a)\" | source = \"s\" | replace = \"\" | }")]
    [InlineData("- drop: {source: [a, b], separator: ',', expression: x}",
        "stage.drop { | source = \"a,b\" | separator = \",\" | expression = \"x\" | }")]
    [InlineData("- drop: {source: a, value: '', drop_counter_reason: r}",
        "stage.drop { | source = \"a\" | value = \"\" | drop_counter_reason = \"r\" | }")]
    [InlineData("- drop: {older_than: 24h, longer_than: 8kb}",
        "stage.drop { | older_than = \"24h\" | longer_than = \"8KiB\" | }")]
    [InlineData("- drop: {longer_than: 1000}", "stage.drop { | longer_than = \"1000B\" | }")]
    [InlineData("- limit: {rate: 10.5, burst: 20, drop: true, by_label_name: app, max_distinct_labels: 10000}",
        "stage.limit { | rate = 10.5 | burst = 20 | drop = true | by_label_name = \"app\" | }")]
    [InlineData("- multiline: {firstline: '^\\S', max_wait_time: 3s, max_lines: 256}",
        "stage.multiline { | firstline = `^\\S` | max_lines = 256 | }")]
    [InlineData("- pack: {labels: [a], ingest_timestamp: false}",
        "stage.pack { | labels = [\"a\"] | ingest_timestamp = false | }")]
    [InlineData("- sampling: {rate: 0.25}", "stage.sampling { | rate = 0.25 | }")]
    [InlineData("- geoip: {db: /g.mmdb, source: ip, db_type: city}",
        "stage.geoip { | db = \"/g.mmdb\" | source = \"ip\" | db_type = \"city\" | }")]
    [InlineData("- eventlogmessage:", "stage.eventlogmessage { }")]
    [InlineData("- eventlogmessage: {source: m, overwrite_existing: true}",
        "stage.eventlogmessage { | source = \"m\" | overwrite_existing = true | }")]
    public void A_stage_becomes_a_block(string yaml, string expected) =>
        Assert.Equal(expected, OnOneLine(Converting.Stages(yaml)));

    [Theory]
    [InlineData("type: Counter\n      config: {action: inc}",
        "metric.counter { | name = \"m\" | prefix = \"promtail_custom_\" | action = \"inc\" | }")]
    [InlineData("type: COUNTER\n      prefix: p_\n      source: s\n      description: d\n      max_idle_duration: 10m\n"
        + "      config: {match_all: true, count_entry_bytes: true, action: ADD}",
        "metric.counter { | name = \"m\" | description = \"d\" | prefix = \"p_\" | source = \"s\" "
        + "| max_idle_duration = \"10m\" | match_all = true | count_entry_bytes = true "
        + "| action = \"add\" | }")]
    [InlineData("type: gauge\n      Config: {Action: set}",
        "metric.gauge { | name = \"m\" | prefix = \"promtail_custom_\" | action = \"set\" | }")]
    [InlineData("type: Histogram\n      config: {buckets: [0.1, 1, 10]}",
        "metric.histogram { | name = \"m\" | prefix = \"promtail_custom_\" | buckets = [0.1, 1, 10] | }")]
    [InlineData("type: histogram\n      config: {value: v}",
        "metric.histogram { | name = \"m\" | prefix = \"promtail_custom_\" | value = \"v\" "
        + "| buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] | }")]
    public void A_metric_keeps_the_names_that_Promtail_gives_it(string yaml, string expected)
    {
        var text = OnOneLine(Converting.Stages("- metrics:\n    m:\n      " + yaml));

        Assert.Equal($"stage.metrics {{ | {expected} | }}", text);
    }

    [Fact]
    public void A_match_holds_its_stages()
    {
        var text = Converting.Stages("""
            - match:
                selector: '{app="x"} |= "err"'
                pipeline_name: p
                stages:
                - json: {expressions: {a: }}
                - match: {selector: '{a=""}', action: drop, drop_counter_reason: quiet}
            """);

        Assert.Equal("""
            stage.match {
            	selector = `{app="x"} |= "err"`
            	pipeline_name = "p"

            	stage.json {
            		expressions = {
            			a = "",
            		}
            	}

            	stage.match {
            		selector = `{a=""}`
            		action = "drop"
            		drop_counter_reason = "quiet"
            	}
            }
            """, Unaligned(text));
    }

    [Theory]
    [InlineData("- rgex: {}", "6:5: error: there is no stage \"rgex\" in Promtail (did you mean \"regex\"?)")]
    [InlineData("- docker", "6:5: error: \"docker\" is no stage: a stage ends with a colon (write \"- docker: {}\")")]
    [InlineData("- {regex: {expression: a}, output: {source: b}}",
        "6:30: error: \"output\" stands in the same list element as stage \"regex\" "
        + "(one - holds one stage: begin another, or indent its fields)")]
    [InlineData("- regex: {expression: '(a'}",
        "6:25: error: invalid regex.expression: invalid regular expression: ")]
    [InlineData("- regex: {}", "6:5: error: regex needs the field \"expression\" (add expression: …)")]
    [InlineData("- output:",
        "6:5: error: stage \"output\" has no fields (indent its fields by two more spaces than its name)")]
    [InlineData("- output: {source: a, remove_keys: [b]}",
        "6:25: warning: stage output has no field \"remove_keys\"; Promtail ignores it (remove it)")]
    [InlineData("- drop: {longer_than: 8 apples}",
        "6:25: error: invalid drop.longer_than: expected a size such as \"1MiB\", \"512KB\" or \"100B\"")]
    [InlineData("- drop: {older_than: 1d}",
        "6:24: error: invalid drop.older_than: unknown unit \"d\" in duration: the units are ns, us, ms, s, m and h; "
        + "write \"24h\"")]
    [InlineData("- drop: {value: a, expression: b}",
        "6:5: error: drop has both a value and an expression (remove one of them)")]
    [InlineData("- tenant: {value: a, source: b}", "6:5: error: tenant needs exactly one of label, source and value")]
    [InlineData("- labels: {a-b: }", "6:14: error: \"a-b\" in labels is no name of a label "
        + "(use letters, digits and underscores, and begin with no digit)")]
    [InlineData("- structured_metadata: {a.b: }", "6:27: error: \"a.b\" in structured_metadata is no name of a label ")]
    [InlineData("- metrics: {m: {type: Summary, config: {}}}",
        "6:25: error: there is no such type of metric (there are: counter, gauge, histogram)")]
    [InlineData("- metrics: {m: {type: Gauge, config: {action: sett}}}",
        "6:49: error: invalid metrics.m.config.action: expected one of inc, dec, set, add, sub")]
    [InlineData("- match: {selector: '{a=', stages: [{docker: {}}]}", "6:23: error: invalid match.selector: ")]
    [InlineData("- match: {selector: '{a=\"b\"}'}",
        "6:5: error: match has no stages (add stages: […], or action: drop)")]
    [InlineData("- labeldrop: ",
        "6:5: error: stage \"labeldrop\" takes a list of labels (write labeldrop: [one, another])")]
    public void A_mistake_has_a_place_and_a_remedy(string yaml, string expected)
    {
        var found = Converting.Complaints("pipeline_stages:\n" + yaml);

        Assert.StartsWith(expected, Assert.Single(found),
            StringComparison.Ordinal);
    }

    private static string OnOneLine(string text) => string.Join(" | ",
        Unaligned(text).Split('\n').Select(line => line.Trim('\t')));

    private static string Unaligned(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, " +=", " =");
}
