using Weir.Node.Sources.Journal;
using Weir.Routing.Components;
using Weir.Support;
using static Weir.Node.Tests.Sources.Journal.JournalReading;

namespace Weir.Node.Tests.Sources.Journal;

public sealed class JournalSourceTests : IAsyncLifetime
{
    private readonly FakeFiles _files = new();
    private readonly CollectingReceiver _receiver = new();
    private readonly MemoryPositions _positions = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-journal-").FullName;
    private RecordingHost _host = new("loki.source.journal.t");
    private JournalSourceOptions _options = new() { MaxAge = TimeSpan.FromDays(36_500) };
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private JournalSource _source = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_there_and_what_comes_is_delivered_once()
    {
        _files.Add(1, "MESSAGE=a", "PRIORITY=6");
        _options = _options with { RelabelRules = Copying("__journal_priority_keyword", "level") };
        await StartAsync();
        Assert.Equal(["a"], await _receiver.LinesAsync(1));

        _files.Add(2, "MESSAGE=b", "PRIORITY=3");

        Assert.Equal(["a", "b"], await _receiver.LinesAsync(2));
        Assert.Equal("""{job="loki.source.journal.t", level="error"}""", _receiver.Entries[1].Stream);
        Assert.Equal(2, _host.Metrics.Sum("loki_source_journal_target_lines_total"));
    }

    [Fact]
    public async Task A_restart_goes_on_behind_what_was_committed()
    {
        _files.Add(1, "MESSAGE=a");
        await StartAsync();
        await _receiver.LinesAsync(1);
        await StopAsync();
        _files.Add(2, "MESSAGE=b");

        await StartAsync();

        Assert.Equal(["a", "b"], await _receiver.LinesAsync(2));
    }

    [Fact]
    public async Task Lines_that_the_pipeline_gave_up_are_read_again()
    {
        _files.Add(1, "MESSAGE=a");
        _receiver.Close();
        await StartAsync();
        await _host.ReportedAsync(HealthState.Healthy, "followed");
        await StopAsync();
        _receiver.Open();

        await StartAsync();

        Assert.Equal(["a"], await _receiver.LinesAsync(1));
    }

    [Fact]
    public async Task Where_nothing_was_read_entries_older_than_max_age_are_left_alone()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch.AddMicroseconds(FakeFiles.Base).AddHours(8));
        _host = new RecordingHost("loki.source.journal.t", time);
        _files.Add(0, "MESSAGE=eight hours old");
        _files.Add(7_200_000_000L, "MESSAGE=six hours old");
        _options = new JournalSourceOptions();

        await StartAsync();

        Assert.Equal(["six hours old"], await _receiver.LinesAsync(1));
    }

    [Fact]
    public async Task A_journal_that_cannot_be_read_is_tried_again_and_says_what_to_do()
    {
        _files.Add(1, "MESSAGE=a");
        _files.Fault = "this user may not read the journal: add it to the group systemd-journal";
        await StartAsync();
        await _host.ReportedAsync(HealthState.Unhealthy, "add it to the group systemd-journal; it is tried again");

        _files.Fault = null;

        Assert.Equal(["a"], await _receiver.LinesAsync(1));
        await _host.ReportedAsync(HealthState.Healthy, "followed");
    }

    [Fact]
    public async Task A_journal_that_is_read_in_part_is_unhealthy()
    {
        _files.Problem = "2 of 3 files are not read";

        await StartAsync();

        await _host.ReportedAsync(HealthState.Unhealthy, "2 of 3 files are not read");
    }

    [Fact]
    public async Task Other_labels_are_taken_over_without_opening_again()
    {
        _files.Add(1, "MESSAGE=a");
        await StartAsync();
        await _receiver.LinesAsync(1);

        await ApplyAsync(_options with { Labels = new Dictionary<string, string> { ["job"] = "new" } });
        _files.Add(2, "MESSAGE=b");

        await _receiver.LinesAsync(2);
        Assert.Equal("""{job="new"}""", _receiver.Entries[1].Stream);
        Assert.Equal(1, _files.Opened);
    }

    [Fact]
    public async Task Other_matches_open_it_again_and_repeat_nothing()
    {
        _files.Add(1, "MESSAGE=a");
        await StartAsync();
        await _receiver.LinesAsync(1);

        await ApplyAsync(_options with { Matches = "PRIORITY=3" });
        _files.Add(2, "MESSAGE=b");

        Assert.Equal(["a", "b"], await _receiver.LinesAsync(2));
        Assert.Equal(2, _files.Opened);
    }

    [Fact]
    public async Task Entries_that_were_removed_before_they_were_read_are_counted_and_logged()
    {
        for (var i = 1; i <= 2; i++) _files.Add(i, $"MESSAGE={i}");
        await StartAsync();
        await _receiver.LinesAsync(2);
        await StopAsync();
        for (var i = 3; i <= 9; i++) _files.Add(i, $"MESSAGE={i}");
        _files.Vacuum(6);

        await StartAsync();

        Assert.Equal(["1", "2", "7", "8", "9"], await _receiver.LinesAsync(5));
        Assert.Equal(4, _host.Metrics.Sum("weir_source_journal_lost_entries_total"));
        Assert.Contains(_host.Log.Lines, line => line.Contains("entries=4") && line.Contains("SystemMaxUse"));
    }

    [Fact]
    public async Task Many_entries_that_rules_drop_move_the_position_on()
    {
        for (var i = 0; i < 12_000; i++) _files.Add(i, "PRIORITY=6");
        _files.Add(20_000, "MESSAGE=kept");

        await StartAsync();

        await _receiver.LinesAsync(1);
        Assert.Equal(12_000, _host.Metrics.Sum("loki_source_journal_target_parsing_errors_total"));
        Assert.Equal(12_001, Assert.Single(_positions.List(_host.Id)).Offset);
    }

    [Theory]
    [InlineData("cursor-systemd")]
    [InlineData("journal-systemd")]
    public async Task It_goes_on_where_promtail_left_off_once(string key)
    {
        for (var i = 1; i <= 3; i++) _files.Add(i, $"MESSAGE={i}");
        var file = Path.Combine(_folder, "positions.yaml");
        await File.WriteAllTextAsync(file, $"positions:\n  {key}: {_files.Entries[1].Cursor}\n  /a.log: \"5\"\n");
        _options = _options with { LegacyPosition = new LegacyPositionOptions { File = file, Name = "systemd" } };

        await StartAsync();
        Assert.Equal(["3"], await _receiver.LinesAsync(1));
        await StopAsync();
        _files.Add(4, "MESSAGE=4");
        await StartAsync();

        Assert.Equal(["3", "4"], await _receiver.LinesAsync(2));
        Assert.Equal(1, _host.Metrics.Sum("weir_source_journal_legacy_positions_total"));
    }

    [Fact]
    public async Task A_position_that_is_no_cursor_costs_no_line()
    {
        _positions.Put(new(new(_host.Id, "journal"), 5, "rubbish"));
        _files.Add(1, "MESSAGE=a");

        await StartAsync();

        Assert.Equal(["a"], await _receiver.LinesAsync(1));
        Assert.Equal(1, _host.Metrics.Sum("weir_source_journal_lost_cursors_total"));
    }

    private async Task StartAsync()
    {
        _source = new JournalSource(_host, _positions, _ => _files.Open());
        await ApplyAsync(_options);
        _running = _source.RunAsync(_stop.Token);
    }

    private ValueTask ApplyAsync(JournalSourceOptions options)
    {
        _options = options with { ForwardTo = [_receiver] };
        return _source.ApplyAsync((object)_options, default);
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _stop = new CancellationTokenSource();
    }
}
