using Weir.Protocol.Batches;
using Weir.Routing.Language;
using Weir.Routing.Relabeling;

namespace Weir.Routing.Tests.Relabeling;

public sealed class RelabelRulesTests
{
    private readonly LabelSets _sets = new();

    public static TheoryData<RuleOptions, string, string?> Rules => new()
    {
        { new() { SourceLabels = ["a"], TargetLabel = "d", Replacement = "x$1" }, "a=foo", "a=foo d=xfoo" },
        { new() { SourceLabels = ["a", "b"], Regex = "f(.*);(.*)r", TargetLabel = "a", Replacement = "b${1}${2}m" },
            "a=foo b=bar", "a=boobam b=bar" },
        { new() { SourceLabels = ["a", "b"], Regex = "foo;bar", TargetLabel = "c", Replacement = "x" },
            "a=foo b=bar", "a=foo b=bar c=x" },
        { new() { SourceLabels = ["a", "b"], Separator = "-", TargetLabel = "c" }, "a=1 b=2", "a=1 b=2 c=1-2" },
        { new() { SourceLabels = ["a"], Regex = "o+", TargetLabel = "c", Replacement = "x" }, "a=foo", "a=foo" },
        { new() { SourceLabels = ["a"], Regex = "f.*", TargetLabel = "a", Replacement = "" }, "a=foo b=1", "b=1" },
        { new() { SourceLabels = ["no"], TargetLabel = "a" }, "a=foo", "" },
        { new() { TargetLabel = "job", Replacement = "docker" }, "a=1", "a=1 job=docker" },
        { new() { TargetLabel = "a", Replacement = "" }, "a=1 b=2", "b=2" },
        { new() { SourceLabels = ["a"], Regex = "(.+)-(.+)", TargetLabel = "${1}_x", Replacement = "$2" },
            "a=k-v", "a=k-v k_x=v" },
        { new() { SourceLabels = ["a"], Regex = "(.+)", TargetLabel = "${1}" }, "a=9-", "a=9-" },
        { new() { SourceLabels = ["a"], Regex = "some-(?P<n>[^-]+)-.*", TargetLabel = "b", Replacement = "$n" },
            "a=some-name-1", "a=some-name-1 b=name" },
        { new() { Action = RelabelAction.Keep, SourceLabels = ["a"], Regex = "f|foo" }, "a=foo", "a=foo" },
        { new() { Action = RelabelAction.Keep, SourceLabels = ["a"], Regex = "f" }, "a=foo", null },
        { new() { Action = RelabelAction.Keep, SourceLabels = ["no"], Regex = "" }, "a=foo", "a=foo" },
        { new() { Action = RelabelAction.Drop, SourceLabels = ["a"], Regex = ".*o.*" }, "a=foo", null },
        { new() { Action = RelabelAction.Drop, SourceLabels = ["a"], Regex = "o" }, "a=foo", "a=foo" },
        { new() { Action = RelabelAction.KeepEqual, SourceLabels = ["a"], TargetLabel = "b" }, "a=1 b=1", "a=1 b=1" },
        { new() { Action = RelabelAction.KeepEqual, SourceLabels = ["a"], TargetLabel = "b" }, "a=1 b=2", null },
        { new() { Action = RelabelAction.DropEqual, SourceLabels = ["a"], TargetLabel = "b" }, "a=1 b=1", null },
        { new() { Action = RelabelAction.DropEqual, SourceLabels = ["a"], TargetLabel = "b" }, "a=1", "a=1" },
        // The shards that Prometheus' own tests state.
        { new() { Action = RelabelAction.HashMod, SourceLabels = ["c"], TargetLabel = "d", Modulus = 1000 },
            "c=baz", "c=baz d=976" },
        { new() { Action = RelabelAction.HashMod, SourceLabels = ["a"], TargetLabel = "d", Modulus = 1000 },
            "a=foo\nbar", "a=foo\nbar d=734" },
        { new() { Action = RelabelAction.LabelMap, Regex = "__meta_(.+)" }, "__meta_x=1 b=2", "__meta_x=1 b=2 x=1" },
        { new() { Action = RelabelAction.LabelMap, Regex = "(b).*", Replacement = "${1}_x" }, "b1=1 b2=2",
            "b1=1 b2=2 b_x=2" },
        { new() { Action = RelabelAction.LabelDrop, Regex = "(b.*)" }, "a=1 b1=1 b2=2", "a=1" },
        { new() { Action = RelabelAction.LabelKeep, Regex = "(b.*)" }, "a=1 b1=1 b2=2", "b1=1 b2=2" },
        { new() { Action = RelabelAction.Lowercase, SourceLabels = ["a"], TargetLabel = "b" }, "a=FoÉ", "a=FoÉ b=foé" },
        { new() { Action = RelabelAction.Uppercase, SourceLabels = ["a"], TargetLabel = "b" }, "a=foé", "a=foé b=FOÉ" },
        { new() { Action = RelabelAction.Uppercase, SourceLabels = ["no"], TargetLabel = "a" }, "a=1", "" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_does_what_Prometheus_does(RuleOptions rule, string labels, string? expected)
    {
        var rules = new RelabelRules([rule]);

        var set = rules.Apply(Set(labels), _sets);
        var target = rules.Apply(Pairs(labels));

        Assert.Equal(expected, set is null ? null
            : Show(set.Labels.ToArray().Select(label => (label.Name, label.Value))));
        Assert.Equal(expected, target is null ? null : Show(target.Select(pair => (pair.Key, pair.Value))));
    }

    [Fact]
    public void Rules_work_in_order_and_stop_at_a_drop()
    {
        var rules = new RelabelRules([
            new() { SourceLabels = ["__name"], Regex = "/(.*)", TargetLabel = "container" },
            new() { Action = RelabelAction.Drop, SourceLabels = ["container"], Regex = "weir.*" },
            new() { Action = RelabelAction.LabelDrop, Regex = "__.*" },
        ]);

        var kept = rules.Apply(Set("__name=/web"), _sets);
        var dropped = rules.Apply(Set("__name=/weir-1"), _sets);

        Assert.Equal("{container=\"web\"}", kept!.ToString());
        Assert.Null(dropped);
    }

    [Fact]
    public void Rules_are_equal_when_they_say_the_same()
    {
        RelabelRules Make(string replacement) =>
            new([new() { SourceLabels = ["a"], TargetLabel = "b", Replacement = replacement }]);

        Assert.Equal(Make("x"), Make("x"));
        Assert.Equal(Make("x").GetHashCode(), Make("x").GetHashCode());
        Assert.NotEqual(Make("x"), Make("y"));
        Assert.NotEqual(Make("x"), RelabelRules.Empty);
    }

    public static TheoryData<RuleOptions, string?> Broken => new()
    {
        { new() { Regex = "(a", TargetLabel = "b" }, "regex" },
        { new() { SourceLabels = ["a"] }, null },
        { new() { TargetLabel = "a-b" }, "target_label" },
        { new() { Action = RelabelAction.HashMod, TargetLabel = "b" }, "modulus" },
        { new() { Action = RelabelAction.Lowercase, TargetLabel = "$1" }, "target_label" },
        { new() { Action = RelabelAction.Lowercase, TargetLabel = "a", Replacement = "x" }, "replacement" },
        { new() { Action = RelabelAction.LabelMap, Replacement = "a-b" }, "replacement" },
        { new() { Action = RelabelAction.LabelDrop, SourceLabels = ["a"] }, "source_labels" },
        { new() { Action = RelabelAction.KeepEqual, TargetLabel = "a", Regex = "x" }, "regex" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_rule_that_cannot_work_names_the_argument(RuleOptions rule, string? argument)
    {
        var problems = new OptionProblems();

        rule.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void The_cache_answers_as_the_rules_do_and_stays_bounded() => Fuzz.Run(50, random =>
    {
        var rules = new RelabelRules([
            new() { Action = RelabelAction.Drop, SourceLabels = ["a"], Regex = ".*0" },
            new() { SourceLabels = ["a"], TargetLabel = "b" },
        ]);
        var cache = new RelabelCache(rules, _sets, 1 + random.Next(5));
        for (var i = 0; i < 100; i++)
        {
            var labels = Set("a=" + random.Next(12));

            Assert.Equal(rules.Apply(labels, _sets), cache.Apply(labels));
            Assert.InRange(cache.Count, 0, cache.SizeMax);
        }

        Assert.Equal(100, cache.Hits + cache.Misses);
    });

    [Fact]
    public void A_known_set_costs_no_allocation()
    {
        var rules = new RelabelRules([new() { SourceLabels = ["a"], TargetLabel = "b" }]);
        var cache = new RelabelCache(rules, _sets, 10);
        LabelSet[] sets = [Set("a=1"), Set("a=2")];

        Allocations.AssertNone(() =>
        {
            foreach (var set in sets) cache.Apply(set);
        });
    }

    [Fact]
    public void No_rule_and_no_label_breaks_it() => Fuzz.Run(2000, random =>
    {
        string[] pieces = ["a", "(", ")", ".*", "$1", "${x}", "$", "{", "b_", "-", "é", "|", "?P<x>"];
        var rule = new RuleOptions
        {
            Action = (RelabelAction)random.Next(11),
            Modulus = (ulong)random.Next(1, 9),
            Regex = Fuzz.Text(random, pieces, 5),
            Replacement = Fuzz.Text(random, pieces, 4),
            TargetLabel = Fuzz.Text(random, pieces, 3),
            SourceLabels = ["a", "b_"],
        };
        var problems = new OptionProblems();
        rule.Validate(problems);
        if (problems.Items.Any(problem => problem.Name == "regex"
            && problem.Message.StartsWith("error", StringComparison.Ordinal))) return;

        var labels = new RelabelRules([rule]).Apply(Set("a=" + Fuzz.Text(random, pieces, 4).Replace('=', '-')), _sets);

        if (labels is not null) Assert.All(labels.Labels.ToArray(), label => Assert.NotEmpty(label.Value));
    });

    private static Dictionary<string, string> Pairs(string labels) =>
        labels.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    private static string Show(IEnumerable<(string Name, string Value)> labels) => string.Join(' ',
        labels.OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}={label.Value}"));

    private LabelSet Set(string labels) => _sets.Of(Pairs(labels));
}
