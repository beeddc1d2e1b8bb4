using Weir.Node.Sources.Docker;
using Weir.Routing.Components;
using Weir.Routing.Relabeling;
using static Weir.Node.Tests.Sources.Docker.LogText;
using static Weir.Node.Tests.Sources.Docker.SourceTrial;

namespace Weir.Node.Tests.Sources.Docker;

public sealed class DockerSourceTests
{
    [Fact]
    public async Task Lines_carry_the_labels_of_their_target_and_of_the_component()
    {
        await using var trial = await SourceTrial.CreateAsync();
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, Out(1, "a"), Err(2, "b")));

        await trial.StartAsync();
        await trial.ApplyAsync(trial.Options with
        {
            Targets = [Target("web")],
            Labels = new Dictionary<string, string> { ["host"] = "h1", ["container"] = "wins" },
        });

        Assert.Equal(["a", "b"], await trial.Receiver.LinesAsync(2));
        Assert.All(trial.Receiver.Entries, entry =>
            Assert.Equal("""{container="wins", host="h1"}""", entry.Stream));
        Assert.Equal("""{container="wins", host="h1"}""", Assert.Single(trial.Tails).Stderr);
    }

    [Fact]
    public async Task Relabelling_rules_see_the_stream_and_may_drop_it()
    {
        await using var trial = await SourceTrial.CreateAsync();
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, Err(1, "dropped"), Out(2, "kept")));

        await trial.StartAsync();
        await trial.ApplyAsync(trial.Options with
        {
            Targets = [Target("web")],
            RelabelRules = new RelabelRules(
            [
                new RuleOptions { SourceLabels = ["__meta_docker_container_log_stream"], TargetLabel = "stream" },
                new RuleOptions { SourceLabels = ["stream"], Regex = "stdout", Action = RelabelAction.Keep },
            ]),
        });

        Assert.Equal(["kept"], await trial.Receiver.LinesAsync(1));
        Assert.Equal("""{container="web", stream="stdout"}""", trial.Receiver.Entries[0].Stream);
    }

    [Fact]
    public async Task A_stream_that_breaks_goes_on_behind_the_last_line()
    {
        await using var trial = await SourceTrial.CreateAsync();
        LogMessage[] log = [Out(1, "a"), Err(3, "b"), Out(2, "c"), Out(2, "d")];
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", Breaks(cutBytes: 5, log[..3]));
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, log));

        await trial.StartAsync(Target("web"));

        Assert.Equal(["a", "b", "c", "d"], await trial.Receiver.LinesAsync(4));
    }

    [Fact]
    public async Task A_restart_resumes_from_the_committed_position()
    {
        await using var trial = await SourceTrial.CreateAsync();
        LogMessage[] log = [Out(1, "a"), Err(2, "b"), Out(2, "c"), Out(20_000_000_000, "d")];
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, log[..2]));
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, log));
        await trial.StartAsync(Target("web"));
        await trial.Receiver.LinesAsync(2);

        await trial.StopAsync();
        await trial.StartAsync(Target("web"));

        Assert.Equal(["a", "b", "c", "d"], await trial.Receiver.LinesAsync(4));
        Assert.Contains(trial.Engine.Requests, request => request.EndsWith("since=1699999990.000000002"));
    }

    [Fact]
    public async Task It_goes_on_in_the_second_in_which_promtail_left_off_once()
    {
        await using var trial = await SourceTrial.CreateAsync();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "positions:\n  cursor-web: \"1700000002\"\n  cursor-job: s=1;i=2\n");
        const long second = 1_000_000_000;
        LogMessage[] log =
        [
            Out(second, "a"), Err(2 * second - 1, "b"), Out(2 * second, "c"), Err(2 * second, "d"),
            Out(9 * second, "e"),
        ];
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, log));
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, [.. log, Out(10 * second, "f")]));
        trial.Options = trial.Options with { LegacyPositionsFile = file };

        await trial.StartAsync(Target("web"));
        await trial.Receiver.LinesAsync(3);
        await trial.StopAsync();
        await trial.StartAsync(Target("web"));

        Assert.Equal(["c", "d", "e", "f"], await trial.Receiver.LinesAsync(4));
        Assert.Equal(1, trial.Host.Metrics.Sum("weir_source_docker_legacy_positions_total"));
        File.Delete(file);
    }

    [Fact]
    public async Task Lines_that_the_pipeline_gave_up_are_read_again()
    {
        await using var trial = await SourceTrial.CreateAsync();
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, Out(1, "a")));
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, Out(1, "a")));
        trial.Receiver.Close();
        await trial.StartAsync(Target("web"));
        await trial.Engine.RequestedAsync("/containers/web/logs");

        await trial.StopAsync();
        trial.Receiver.Open();
        await trial.StartAsync(Target("web"));

        Assert.Equal(["a"], await trial.Receiver.LinesAsync(1));
    }

    [Fact]
    public async Task An_engine_that_fails_is_asked_again()
    {
        await using var trial = await SourceTrial.CreateAsync();
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, Out(1, "a")));
        trial.Engine.FailWith = 500;
        await trial.StartAsync(Target("web"));
        await trial.Host.ReportedAsync(HealthState.Unhealthy, "scripted failure");

        trial.Engine.FailWith = 0;

        Assert.Equal(["a"], await trial.Receiver.LinesAsync(1));
    }

    [Fact]
    public async Task Bytes_that_are_no_frame_cost_the_connection_and_no_line()
    {
        await using var trial = await SourceTrial.CreateAsync();
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", async (_, answer, closed) =>
        {
            await answer.Body.WriteAsync((byte[])[.. Out(1, "a").Frame(), .. "HTTP/1.1 200 OK"u8], closed);
        });
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, Out(1, "a"), Out(2, "b")));

        await trial.StartAsync(Target("web"));

        Assert.Equal(["a", "b"], await trial.Receiver.LinesAsync(2));
    }

    [Fact]
    public async Task A_container_that_starts_after_its_creation_is_read_at_once()
    {
        await using var trial = await SourceTrial.CreateAsync();
        trial.Engine.Put("job", state: "created");
        await trial.StartAsync(Target("job"));
        await trial.Engine.ListenedAsync();
        await trial.Engine.RequestedAsync("/containers/job/json");

        trial.Engine.AnswerLog("job", Sends(staysOpen: false, Out(1, "a")));
        trial.Engine.Put("job");
        await trial.Engine.EventAsync("start", "job");

        Assert.Equal(["a"], await trial.Receiver.LinesAsync(1));
    }

    [Fact]
    public async Task A_container_that_the_engine_did_not_know_yet_is_read_once_it_starts()
    {
        await using var trial = await SourceTrial.CreateAsync();
        await trial.StartAsync(Target("job"));
        await trial.Engine.ListenedAsync();
        await trial.Engine.RequestedAsync("/containers/job/json");
        await trial.Engine.Signals.UntilAsync("the tail's end", () => trial.Tails.Count == 0 || Poke(trial));

        trial.Engine.AnswerLog("job", Sends(staysOpen: false, Out(1, "a")));
        trial.Engine.Put("job");
        await trial.Engine.EventAsync("start", "job");

        Assert.Equal(["a"], await trial.Receiver.LinesAsync(1));
    }

    [Fact]
    public async Task A_container_that_is_gone_ends_its_tail_and_keeps_its_position()
    {
        await using var trial = await SourceTrial.CreateAsync();
        trial.Engine.Put("job");
        trial.Engine.AnswerLog("job", async (_, answer, closed) =>
        {
            await answer.Body.WriteAsync(Piece(1, "no line break").Frame(), closed);
            trial.Engine.Remove("job");
        });

        await trial.StartAsync(Target("job"));

        Assert.Equal(["no line break"], await trial.Receiver.LinesAsync(1));
        await trial.Engine.Signals.UntilAsync("the tail's end", () => trial.Tails.Count == 0 || Poke(trial));
        Assert.NotNull(trial.Positions.Find(new(trial.Host.Id, "job")));
    }

    [Fact]
    public async Task Containers_that_ended_before_weir_was_there_are_left_alone()
    {
        await using var trial = await SourceTrial.CreateAsync();
        trial.Engine.Put("old", state: "exited")["FinishedAt"] = "2001-02-03T04:05:06.789Z";
        trial.Engine.Put("missed", state: "exited")["FinishedAt"] = "2100-02-03T04:05:06.789Z";
        trial.Engine.AnswerLog("old", Sends(staysOpen: false, Out(1, "history")));
        trial.Engine.AnswerLog("missed", Sends(staysOpen: false, Out(2, "news")));

        await trial.StartAsync(Target("missed"), Target("old"));
        await trial.Engine.RequestedAsync("/containers/old/json");

        Assert.Equal(["news"], await trial.Receiver.LinesAsync(1));
    }

    [Fact]
    public async Task A_log_that_was_read_to_its_end_is_not_asked_for_again_after_a_restart()
    {
        await using var trial = await SourceTrial.CreateAsync();
        trial.Engine.Put("job", state: "exited")["FinishedAt"] = "2100-02-03T04:05:06.789Z";
        trial.Engine.AnswerLog("job", Sends(staysOpen: false, Out(1, "a")));
        await trial.StartAsync(Target("job"));
        await trial.Receiver.LinesAsync(1);
        await trial.Engine.RequestedAsync("/containers/job/json", times: 2);

        await trial.StopAsync();
        var asked = trial.Engine.Requests.Count(request => request.Contains("/job/logs"));
        await trial.StartAsync(Target("job"));
        await trial.Engine.RequestedAsync("/containers/job/json", times: 3);
        await trial.StopAsync();

        Assert.Equal(2, asked);
        Assert.Equal(asked, trial.Engine.Requests.Count(request => request.Contains("/job/logs")));
        Assert.Equal(["a"], trial.Receiver.Lines);
    }

    [Fact]
    public async Task A_stream_that_ends_early_with_its_container_and_brings_nothing_new_is_asked_for_again()
    {
        await using var trial = await SourceTrial.CreateAsync();
        LogMessage[] log = [Out(1, "a"), Out(2, "b")];
        trial.Engine.Put("job");
        trial.Engine.AnswerLog("job", Sends(staysOpen: true, log[0]));
        await trial.StartAsync(Target("job"));
        await trial.Receiver.LinesAsync(1);
        await trial.StopAsync();

        trial.Engine.AnswerLog("job", async (query, answer, closed) =>
        {
            trial.Engine.Put("job", state: "exited")["FinishedAt"] = "2100-02-03T04:05:06.789Z";
            await Sends(staysOpen: false, log[0])(query, answer, closed);
        });
        trial.Engine.AnswerLog("job", Sends(staysOpen: false, log));
        await trial.StartAsync(Target("job"));

        Assert.Equal(["a", "b"], await trial.Receiver.LinesAsync(2));
    }

    [Fact]
    public async Task A_container_that_runs_and_is_no_target_any_more_is_left()
    {
        await using var trial = await SourceTrial.CreateAsync();
        var left = new TaskCompletionSource();
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", async (query, answer, closed) =>
        {
            using var watch = closed.Register(left.SetResult);
            await Sends(staysOpen: true, Out(1, "a"))(query, answer, closed);
        });
        await trial.StartAsync(Target("web"));
        await trial.Receiver.LinesAsync(1);

        await trial.ApplyAsync(trial.Options with { Targets = [] });

        await left.Task.WaitAsync(Support.Signals.Patience);
    }

    [Fact]
    public async Task A_full_pipeline_stops_the_reading_and_loses_nothing()
    {
        await using var trial = await SourceTrial.CreateAsync();
        LogMessage[] log = [.. Enumerable.Range(1, 20_000).Select(i => Out(i, $"line {i} {new string('x', 200)}"))];
        trial.Engine.Put("web");
        trial.Engine.AnswerLog("web", Sends(staysOpen: true, log));
        trial.Receiver.Close();
        await trial.StartAsync(Target("web"));
        await trial.Engine.RequestedAsync("/containers/web/logs");

        trial.Receiver.Open();
        var lines = await trial.Receiver.LinesAsync(log.Length);

        Assert.Equal(log.Select(message => message.Text.TrimEnd('\n')), lines);
    }

    private static bool Poke(SourceTrial trial)
    {
        trial.Engine.Signals.Raise();
        return false;
    }
}
