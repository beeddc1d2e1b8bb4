using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class PackStageTests
{
    [Theory]
    [InlineData("a", "a=1 b=2", "line", """{"a":"1","_entry":"line"}""", "b=2")]
    [InlineData("b a", "a=1 b=2", "line", """{"a":"1","b":"2","_entry":"line"}""", "")]
    [InlineData("none", "a=1", "line", """{"_entry":"line"}""", "a=1")]
    [InlineData("a a", "a=1", "line", """{"a":"1","_entry":"line"}""", "")]
    [InlineData("x", "a=1", "line", """{"x":"v","_entry":"line"}""", "a=1")]
    [InlineData("empty", "", "line", """{"empty":"","_entry":"line"}""", "")]
    [InlineData("nil", "nil=1", "line", """{"_entry":"line"}""", "nil=1")]
    [InlineData("late", "", "line", """{"_entry":"line"}""", "late=set")]
    [InlineData("a", "a=1", "", """{"a":"1","_entry":""}""", "")]
    [InlineData("a", "a=1", "say \"hi\" \\ \t\n\r\b", """{"a":"1","_entry":"say \"hi\" \\ \t\n\r\u0008"}""", "")]
    [InlineData("a", "a=1", "<b>&", """{"a":"1","_entry":"\u003cb\u003e\u0026"}""", "")]
    [InlineData("a", "a=1", "{\"k\":1}", """{"a":"1","_entry":"{\"k\":1}"}""", "")]
    [InlineData("a", "a=1", "\xc3\xa9", "{\"a\":\"1\",\"_entry\":\"\xc3\xa9\"}", "")]
    [InlineData("a", "a=1", "\xff\xc3", """{"a":"1","_entry":"\ufffd\ufffd"}""", "")]
    [InlineData("a", "a=1", "\xe2\x80\xa8", """{"a":"1","_entry":"\u2028"}""", "")]
    [InlineData("a", "a=1", "\x7f\0", "{\"a\":\"1\",\"_entry\":\"\x7f\\u0000\"}", "")]
    public void Values_and_line_become_one_object_and_the_labels_go(
        string labels, string before, string line, string packed, string after)
    {
        var rig = new StageRig(
            new Extract("x", "v"), new Extract("empty", ""), new Extract("nil", null),
            new StaticLabelsOptions { Values = LabelStagesTests.Map(labels == "late" ? "late=set" : "") },
            new PackOptions { Labels = labels.Split(' ') });

        var entry = rig.One(line, before);

        Assert.Equal((packed, after), (entry.Line, entry.Labels));
    }

    [Theory]
    [InlineData(true, StageRig.Now + 5, StageRig.Now + 6)]
    [InlineData(false, StageRig.Now, StageRig.Now + 1)]
    public void The_time_is_now_unless_told_otherwise(bool ingest, long first, long second)
    {
        var rig = new StageRig(new PackOptions { Labels = ["a"], IngestTimestamp = ingest });

        var batch = rig.Run(rig.Batch(("x", ""), ("x", "")), StageRig.Now + 5);

        Assert.Equal((first, second), (batch[0].Timestamp, batch[1].Timestamp));
    }

    [Fact]
    public void The_key_of_the_line_is_refused_as_a_label()
    {
        var problems = new OptionProblems();

        new PackOptions { Labels = ["_entry"] }.Validate(problems);

        Assert.Equal("labels", Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(new PackOptions { Labels = ["app", "env"] });

        Allocations.AssertNone(() => rig.Run(rig.Reused("a \"line\"", "app=x env=y")));
    }
}
