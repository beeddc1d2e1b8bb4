using System.Text.Json;
using Weir.Node.Logging;
using Weir.Routing.Ports;
using Weir.Support;

namespace Weir.Node.Tests.Logging;

public sealed class ProcessLogTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly ManualTime _time = new();
    private readonly ProcessLog _log;

    public ProcessLogTests() => _log = new ProcessLog(_output, _time);

    public void Dispose() => _output.Dispose();

    [Fact]
    public void Logfmt_quotes_what_needs_it_and_nothing_else()
    {
        _log.Write(LogSeverity.Warn, "loki.write.default", "not sent", new("plain", "a-b/c"), new("spaced", "a b"),
            new("quoted", "say \"hi\""), new("lines", "a\nb\tc\u0001"), new("empty", ""), new("none", null),
            new("number", 1.5), new("unicode", "é\U0001F600"), new("equals", "a=b"), new("half", "x\ud800y z"));

        Assert.Equal(
            """ts=2024-01-02T03:04:05.0000000Z level=warn component=loki.write.default msg="not sent" plain=a-b/c """
            + """spaced="a b" quoted="say \"hi\"" lines="a\nb\tc\u0001" empty="" none="" number=1.5 unicode=é"""
            + "\U0001F600 equals=\"a=b\" half=\"x\\uFFFDy z\"\n", _output.ToString());
    }

    [Fact]
    public void JSON_lines_are_valid_whatever_they_hold()
    {
        _log.Format = ProcessLogFormat.Json;

        _log.Write(LogSeverity.Error, "node", "a \"message\"", new("text", "a\nb\u0000\ud800"), new("number", 3));

        using var line = JsonDocument.Parse(_output.ToString());
        Assert.Equal(
            ["2024-01-02T03:04:05.0000000Z", "error", "node", "a \"message\"", "a\nb\0\ufffd", "3"],
            line.RootElement.EnumerateObject().Select(property => property.Value.GetString()));
    }

    [Fact]
    public void A_window_lets_a_burst_through_and_the_next_one_says_what_was_left_out()
    {
        for (var i = 0; i < ProcessLog.BurstMax + 5; i++) _log.Write(LogSeverity.Info, "a", "again");
        var first = Lines().Count;
        _time.Advance(ProcessLog.Window - TimeSpan.FromTicks(1));
        _log.Write(LogSeverity.Info, "a", "again");
        var still = Lines().Count;
        _time.Advance(TimeSpan.FromTicks(1));
        _log.Write(LogSeverity.Info, "a", "again");
        _log.Write(LogSeverity.Info, "a", "again");

        Assert.Equal((ProcessLog.BurstMax, ProcessLog.BurstMax), (first, still));
        Assert.EndsWith(" suppressed=6", Lines()[^2], StringComparison.Ordinal);
        Assert.DoesNotContain("suppressed", Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Other_messages_and_components_have_budgets_of_their_own()
    {
        for (var i = 0; i < 50; i++) _log.Write(LogSeverity.Info, "a", "again");
        _log.Write(LogSeverity.Info, "a", "something else");
        _log.Write(LogSeverity.Info, "b", "again");

        Assert.Equal(ProcessLog.BurstMax + 2, Lines().Count);
    }

    [Fact]
    public void Past_the_limit_of_kinds_new_ones_share_a_budget_and_known_ones_keep_theirs()
    {
        for (var i = 0; i < ProcessLog.KindsMax + 100; i++) _log.Write(LogSeverity.Info, "a", $"message {i}");
        var flood = Lines().Count;
        _log.Write(LogSeverity.Info, "a", "message 0");

        Assert.Equal(ProcessLog.KindsMax + ProcessLog.BurstMax, flood);
        Assert.Equal(flood + 1, Lines().Count);
    }

    [Fact]
    public void Level_and_format_follow_a_change()
    {
        _log.Write(LogSeverity.Debug, "a", "hidden");
        _log.Level = LogSeverity.Debug;
        _log.Format = ProcessLogFormat.Json;
        _log.Write(LogSeverity.Debug, "a", "shown");
        _log.Level = LogSeverity.Error;
        _log.Write(LogSeverity.Warn, "a", "hidden again");

        var line = Assert.Single(Lines());
        Assert.Contains("\"msg\":\"shown\"", line, StringComparison.Ordinal);
        Assert.False(_log.IsEnabled(LogSeverity.Warn));
    }

    private List<string> Lines() =>
        [.. _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
}
