using System.Globalization;
using Weir.Cluster.Tests.Support;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Journal;

/// <summary>A node that reads a real systemd-journald.</summary>
public sealed class JournalTests(JournaldFixture journald, ITestOutputHelper output)
    : SinkTrial, IClassFixture<JournaldFixture>
{
    private const int Kills = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private int _written;

    [Fact]
    public async Task Fields_become_labels_by_the_rules_and_bytes_become_text()
    {
        var configuration = WriteConfiguration(journald.Folder, "MATCHED=yes");
        await journald.WriteAsync("MESSAGE=plain é", "PRIORITY=4", "SYSLOG_IDENTIFIER=app", "MATCHED=yes");
        await journald.WriteAsync("MESSAGE=of somebody else", "MATCHED=no");
        await journald.WriteAsync("PRIORITY=4", "MATCHED=yes");
        await journald.WriteAsync(
            [.. "MATCHED=yes\nMESSAGE\n"u8, 5, 0, 0, 0, 0, 0, 0, 0, (byte)'a', 0xff, (byte)'\n', 0xfe, (byte)'b']);

        await using var weir = Start(configuration);
        await Sink.WaitAsync(arrivals => arrivals.Count() >= 2, Patience, "both entries");
        await journald.WriteAsync("MESSAGE=live", "PRIORITY=0", "MATCHED=yes");
        await Sink.WaitAsync(arrivals => arrivals.Count() >= 3, Patience, "an entry written meanwhile");

        Assert.Equal(
            [
                ("""{host="h", ident="app", job="journal", level="warning"}""", "plain é"),
                ("""{host="h", job="journal"}""", "a\ufffd\n\ufffdb"),
                ("""{host="h", job="journal", level="emerg"}""", "live"),
            ],
            Sink.Arrivals.OrderBy(arrival => arrival.Timestamp).Select(arrival => (arrival.Stream, arrival.Line)));
        Assert.Equal(1, await weir.MetricAsync("loki_source_journal_target_parsing_errors_total"));
        Assert.Equal(0, await weir.StopAsync());
    }

    [Fact]
    public async Task Kills_while_the_journal_is_written_and_rotated_neither_lose_nor_double_an_entry()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var configuration = WriteConfiguration(journald.Folder, "TEST=kills");
        for (var kill = 0; kill < Kills; kill++)
        {
            await WriteAsync("kills", random.Next(1, 300));
            await using var weir = Start(configuration);
            if (random.Next(2) == 0) await weir.AddressAsync();
            if (random.Next(3) == 0) await journald.RotateAsync();
            await WriteAsync("kills", random.Next(1, 300));
            await Task.Delay(random.Next(400));
            await weir.KillAsync();
        }

        await using var last = Start(configuration);
        await last.AddressAsync();
        await Sink.WaitAsync(
            arrivals => arrivals.Distinct().Count() >= _written, Patience, $"{_written} entries (seed {seed})");
        Assert.Equal(0, await last.StopAsync());

        output.WriteLine($"{_written} entries, {Sink.Count - _written} of them sent again, byte for byte the same");
        // In the journal's order, each once: a copy that differed in its timestamp would be another arrival.
        Assert.Equal(
            Enumerable.Range(0, _written).Select(i => i.ToString(CultureInfo.InvariantCulture)),
            Sink.Arrivals.Distinct().OrderBy(arrival => arrival.Timestamp).Select(arrival => arrival.Line));
    }

    [Fact]
    public async Task Lines_that_a_stage_held_at_a_kill_are_read_again_and_others_keep_their_timestamps()
    {
        var configuration = WriteConfiguration(journald.Folder, "TEST=held");
        var text = await File.ReadAllTextAsync(configuration);
        await File.WriteAllTextAsync(configuration, text.Replace(
            "forward_to    = [loki.write.sink.receiver]", "forward_to    = [loki.process.t.receiver]",
            StringComparison.Ordinal) + """
            loki.process "t" {
            	forward_to = [loki.write.sink.receiver]

            	stage.match {
            		selector = `{ident="many"}`

            		stage.multiline {
            			firstline     = "^START"
            			max_wait_time = "10m"
            		}
            	}
            }

            """);
        await HeldAsync("one", "a", "b");
        await HeldAsync("many", "START 1", "more 1");
        await HeldAsync("one", "c");
        await using (var killed = Start(configuration))
        {
            await Sink.WaitAsync(arrivals => arrivals.Count() >= 3, Patience, "what no stage holds");
            await killed.KillAsync();
        }

        await HeldAsync("one", "d");
        await using var weir = Start(configuration);
        await Sink.WaitAsync(arrivals => arrivals.Any(arrival => arrival.Line == "d"), Patience, "the fourth line");
        await HeldAsync("many", "more 2", "START 2");
        await Sink.WaitAsync(
            arrivals => arrivals.Any(arrival => arrival.Line == "START 1\nmore 1\nmore 2"), Patience, "the held lines");
        await weir.StopAsync();

        Assert.Equal(["START 1\nmore 1\nmore 2", "START 2", "a", "b", "c", "d"],
            Sink.Arrivals.Distinct().Select(arrival => arrival.Line).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Entries_that_journald_removed_before_they_were_read_are_counted_and_the_rest_is_read()
    {
        var configuration = WriteConfiguration(journald.Folder, "TEST=vacuum");
        await using (var weir = Start(configuration))
        {
            await WriteAsync("vacuum", 3);
            await Sink.WaitAsync(arrivals => arrivals.Count() >= 3, Patience, "the first entries");
            await weir.StopAsync();
        }

        await WriteAsync("vacuum", 40);
        await journald.RotateAsync();
        await WriteAsync("vacuum", 5);
        await journald.VacuumAsync();
        await using var after = Start(configuration);
        await Sink.WaitAsync(arrivals => arrivals.Count() >= 8, Patience, "the entries after the gap");

        Assert.Equal(["0", "1", "2", "43", "44", "45", "46", "47"],
            Sink.Arrivals.OrderBy(arrival => arrival.Timestamp).Select(arrival => arrival.Line));
        // journald may have written entries of its own into the gap.
        Assert.InRange(await after.MetricAsync("weir_source_journal_lost_entries_total"), 40, 60);
        await after.SaidAsync("journald removed entries before they were read");
    }

    [Fact]
    public async Task A_file_made_elsewhere_is_read_from_max_age_on_and_as_json()
    {
        var files = Directory.CreateDirectory(Path.Combine(Folder, "files")).FullName;
        var export = Path.Combine(Folder, "in.export");
        await File.WriteAllTextAsync(export,
            JournalExport.Entry(1, TimeSpan.FromHours(3), "MESSAGE=too old", "PRIORITY=6")
            + JournalExport.Entry(2, TimeSpan.FromHours(1), "MESSAGE=young enough", "PRIORITY=6"));
        await JournalExport.StoreAsync(export, Path.Combine(files, "a.journal"));

        await using var weir = Start(WriteConfiguration(files, "", "max_age = \"2h\"\n\tformat_as_json = true"));
        await Sink.WaitAsync(arrivals => arrivals.Any(), Patience, "the younger entry");
        await weir.StopAsync();

        var line = Assert.Single(Sink.Arrivals).Line;
        Assert.StartsWith("{\"MESSAGE\":\"young enough\",\"PRIORITY\":\"6\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promtails_file_goes_on_in_the_journal_where_promtail_left_off()
    {
        await WriteAsync("promtail", 5);
        var positions = Path.Combine(Folder, "positions.yaml");
        var cursors = await journald.CursorsAsync("TEST=promtail");
        await File.WriteAllTextAsync(positions, $"positions:\n  cursor-systemd: {cursors[2]}\n");
        var configuration = Configure(
            $$"""
            server: {http_listen_port: 9080, grpc_listen_port: 0}
            positions: {filename: {{positions}}}
            clients: [{url: "{{Sink.PushUrl}}"}]
            scrape_configs:
            - job_name: systemd
              journal:
                path: {{journald.Folder}}
                matches: TEST=promtail
                max_age: 12h
                labels: {job: systemd-journal}
              relabel_configs:
              - {source_labels: [__journal__transport], target_label: transport}

            """, "promtail.yaml");

        await using var weir = Start(configuration, "--config.format=promtail");
        await Sink.WaitAsync(arrivals => arrivals.Count() >= 2, Patience, "what Promtail had not read");
        await WriteAsync("promtail", 1);
        await Sink.WaitAsync(arrivals => arrivals.Count() >= 3, Patience, "an entry written meanwhile");
        await weir.StopAsync();

        Assert.Equal(["3", "4", "5"], Sink.Arrivals.Select(arrival => arrival.Line));
        Assert.All(Sink.Arrivals, arrival =>
            Assert.Equal("""{job="systemd-journal", transport="journal"}""", arrival.Stream));
    }

    [Fact]
    public async Task A_journal_that_is_not_there_leaves_the_component_unhealthy_until_it_is()
    {
        var elsewhere = Path.Combine(Folder, "journal");
        await using var weir = Start(WriteConfiguration(elsewhere, "TEST=later"));
        await weir.SaidAsync($"there is no directory {elsewhere}");

        Directory.CreateSymbolicLink(elsewhere, journald.Folder);
        await WriteAsync("later", 2);

        await Sink.WaitAsync(arrivals => arrivals.Count() >= 2, Patience, "what the journal holds");
    }

    private async Task HeldAsync(string identifier, params string[] messages)
    {
        foreach (var message in messages)
            await journald.WriteAsync($"MESSAGE={message}", $"SYSLOG_IDENTIFIER={identifier}", "TEST=held");
    }

    private async Task WriteAsync(string test, int entries)
    {
        for (; entries > 0; entries--) await journald.WriteAsync($"MESSAGE={_written++}", $"TEST={test}");
    }

    private string WriteConfiguration(string journal, string matches, string more = "") => Configure(
        $$"""
        loki.relabel "journal" {
        	forward_to = []

        	rule {
        		source_labels = ["__journal_priority_keyword"]
        		target_label  = "level"
        	}

        	rule {
        		source_labels = ["__journal_syslog_identifier"]
        		target_label  = "ident"
        	}
        }

        loki.source.journal "t" {
        	path          = "{{journal}}"
        	matches       = "{{matches}}"
        	labels        = { job = "journal", host = "h" }
        	relabel_rules = loki.relabel.journal.rules
        	forward_to    = [loki.write.sink.receiver]
        	{{more}}
        }

        loki.write "sink" {
        	endpoint {
        		url            = "{{Sink.PushUrl}}"
        		batch_wait     = "100ms"
        		remote_timeout = "2s"
        	}
        }

        """);
}
