using System.Text;
using Weir.Node.Sources.Journal;
using Weir.Routing.Relabeling;
using static Weir.Node.Tests.Sources.Journal.JournalReading;

namespace Weir.Node.Tests.Sources.Journal;

public sealed class JournalLabelsTests
{
    [Fact]
    public void Without_rules_a_line_has_the_labels_of_the_component_and_its_id_as_job()
    {
        var labels = Labels(new JournalSourceOptions { Labels = new Dictionary<string, string> { ["host"] = "h" } });

        Assert.Equal("""{host="h", job="loki.source.journal.t"}""", Of(labels, "MESSAGE=m", "_PID=1"));
    }

    [Fact]
    public void A_job_that_the_user_names_stands()
    {
        var labels = Labels(new() { Labels = new Dictionary<string, string> { ["job"] = "systemd" } });

        Assert.Equal("""{job="systemd"}""", Of(labels, "MESSAGE=m"));
    }

    [Theory]
    [InlineData("0", "emerg")]
    [InlineData("1", "alert")]
    [InlineData("2", "crit")]
    [InlineData("3", "error")]
    [InlineData("4", "warning")]
    [InlineData("5", "notice")]
    [InlineData("6", "info")]
    [InlineData("7", "debug")]
    [InlineData("8", "8")]
    [InlineData("66", "66")]
    public void A_priority_is_there_as_number_and_as_word(string priority, string keyword)
    {
        var labels = With(Copying("__journal_priority", "p", "__journal_priority_keyword", "level"));

        Assert.Equal($$"""{job="t", level="{{keyword}}", p="{{priority}}"}""", Of(labels, $"PRIORITY={priority}"));
    }

    [Fact]
    public void Fields_are_labels_with_their_names_in_lower_case_for_the_rules_only()
    {
        var labels = With(Copying("__journal__systemd_unit", "unit", "__journal_container_name", "__container"));

        Assert.Equal("""{job="t", unit="nginx.service"}""",
            Of(labels, "_SYSTEMD_UNIT=nginx.service", "CONTAINER_NAME=c", "_HOSTNAME=h"));
    }

    [Fact]
    public void Of_a_field_that_occurs_twice_the_last_one_counts()
    {
        var labels = With(Copying("__journal_a", "a"));

        Assert.Equal("""{a="2", job="t"}""", Of(labels, "A=1", "A=2"));
    }

    [Fact]
    public void A_rule_may_drop_an_entry()
    {
        var labels = With(new RelabelRules(
        [
            new RuleOptions
            {
                SourceLabels = ["__journal_priority"], Regex = "[0-4]", Action = RelabelAction.Keep,
            },
        ]));

        Assert.Null(Of(labels, "PRIORITY=6"));
        Assert.NotNull(Of(labels, "PRIORITY=3"));
        Assert.Null(Of(labels, "MESSAGE=without a priority"));
    }

    [Fact]
    public void Rules_may_leave_no_label()
    {
        var labels = With(new RelabelRules([new RuleOptions { Regex = "job", Action = RelabelAction.LabelDrop }]));

        Assert.Equal("{}", Of(labels, "PRIORITY=6"));
    }

    [Fact]
    public void A_labelmap_takes_the_fields_that_its_pattern_names()
    {
        var labels = With(new RelabelRules(
        [
            new RuleOptions { Regex = "__journal__(comm|uid)", Replacement = "$1", Action = RelabelAction.LabelMap },
        ]));

        Assert.Equal("""{comm="sshd", job="t", uid="0"}""", Of(labels, "_COMM=sshd", "_UID=0", "_GID=0"));
    }

    [Fact]
    public void Rules_run_once_for_each_combination_of_the_fields_that_they_read()
    {
        var labels = With(Copying("__journal__systemd_unit", "unit"));

        for (var i = 0; i < 100; i++) Of(labels, $"MESSAGE={i}", $"_SYSTEMD_UNIT=u{i % 4}", $"_PID={i}");

        Assert.Equal(4, labels.Misses);
    }

    [Fact]
    public void Combinations_are_bounded_and_stay_right()
    {
        var labels = With(Copying("__journal_n", "n"));

        for (var i = 0; i < JournalLabels.CombinationsMax + 10; i++)
            Assert.Equal($$"""{job="t", n="{{i}}"}""", Of(labels, $"N={i}"));

        Assert.Equal("""{job="t", n="0"}""", Of(labels, "N=0"));
    }

    [Fact]
    public void Values_that_are_no_text_become_one()
    {
        var labels = With(Copying("__journal_a", "a"));

        labels.Begin();
        labels.Add([.. "A=x"u8, 0xff], 1);

        Assert.Equal("{a=\"x\ufffd\", job=\"t\"}", labels.Resolve()!.ToString());
    }

    private static JournalLabels With(RelabelRules rules) => Labels(new JournalSourceOptions
    {
        RelabelRules = rules,
        Labels = new Dictionary<string, string> { ["job"] = "t" },
    });

    private static string? Of(JournalLabels labels, params string[] fields)
    {
        labels.Begin();
        foreach (var field in fields) labels.Add(Encoding.UTF8.GetBytes(field), field.IndexOf('='));
        return labels.Resolve()?.ToString();
    }
}
