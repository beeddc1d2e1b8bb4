using System.Text;
using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class EventStagesTests
{
    [Theory]
    [InlineData("a: 1\r\nb:2", "a=1 b=2")]
    [InlineData("a: 1", "a=1")]
    [InlineData("a:1:2", "a=1:2")]
    [InlineData("a:", "a=")]
    [InlineData("text\r\na:1\r\n", "a=1")]
    [InlineData("a:1\nb:2", "a=1\nb:2")]
    [InlineData("a: \t 1 \u00c2\u00a0", "a=1")]
    [InlineData("", "")]
    [InlineData("\r\n\r\n", "")]
    [InlineData("a b:1", "a_b=1")]
    [InlineData("1a:1", "_a=1")]
    [InlineData(":1", "_=1")]
    [InlineData("\tKey Length:1", "_Key_Length=1")]
    [InlineData("\u00c3\u00a9:1", "_=1")]
    [InlineData("\xff:1", "_=1")]
    [InlineData("a:\xff", "")]
    [InlineData("a:\u00c3\u00a9", "a=\u00c3\u00a9")]
    [InlineData("app:1", "app_extracted=1 app=x")]
    [InlineData("set:1", "set=old set_extracted=1")]
    [InlineData("a:1\r\na:2\r\na:3", "a=1 a_extracted=3")]
    public void Names_and_values_of_an_event_log_message_are_extracted(string message, string after) =>
        Assert.Equal(Sorted(after), Extracted(new EventLogMessageOptions(), message));

    [Theory]
    [InlineData(true, false, "a b:1\r\nc:2", "c=2")]
    [InlineData(true, false, ":1", "")]
    [InlineData(false, true, "set:1", "set=1")]
    [InlineData(false, true, "app:1", "app=1")]
    [InlineData(true, true, "set:1\r\na b:2", "set=1")]
    [InlineData(false, true, "a:1\r\na:2", "a=2")]
    public void Invalid_names_are_dropped_and_known_ones_overwritten_where_asked(
        bool drops, bool overwrites, string message, string after)
    {
        var eventLog = new EventLogMessageOptions { DropInvalidLabels = drops, OverwriteExisting = overwrites };

        Assert.Equal(Sorted(after), Extracted(eventLog, message));
    }

    [Theory]
    [InlineData("What was done.", "Description=What was done.")]
    [InlineData("", "Description=")]
    [InlineData("One\ttwo\r\nthree", "Description=Onetwothree")]
    [InlineData("D\r\n\r\na:1\r\nb: 2", "Description=D a=1 b=2")]
    [InlineData("D\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5\r\n\tLogon ID:\t0x3E7",
        "Description=D Subject_SecurityID=S-1-5 Subject_LogonID=0x3E7")]
    [InlineData("D\r\n\r\nA:\r\n\tx:1\r\n\r\nB:\r\n\tx:2", "Description=D A_x=1 B_x=2")]
    [InlineData("D\r\n\r\na:1\r\nB:\r\nc:2", "Description=D a=1 c=2")]
    [InlineData("D\r\n\r\nPrivileges:\tOne\r\n\t\t\tTwo\r\n\t\t\tThree\r\nb:2",
        "Description=D Privileges=One,Two,Three b=2")]
    [InlineData("D\r\n\r\ntext\r\na:1", "Description=D a=1")]
    [InlineData("D\r\n\r\na:1\r\n", "Description=D a=1")]
    [InlineData("D\r\n\r\nA B:\r\nc d:1", "Description=D AB_cd=1")]
    [InlineData("D\r\n\r\na-b:1\r\n1:2", "Description=D a_b=1 _=2")]
    [InlineData("D\r\n\r\na:\xff", "Description=D")]
    [InlineData("\xff\r\n\r\na:1", "a=1")]
    [InlineData("D\r\n\r\nset:1\r\napp:2", "Description=D set=old set_extracted=1 app=x app_extracted=2")]
    [InlineData("D\r\n\r\na:1\r\na:2", "Description=D a=1 a_extracted=2")]
    [InlineData("D\n\na:1", "Description=Da:1")]
    [InlineData("D\r\n\r\n\r\n\r\na:1", "Description=D a=1")]
    public void Sections_of_a_windows_event_are_extracted(string message, string after) =>
        Assert.Equal(Sorted(after), Extracted(new WindowsEventOptions(), message));

    [Theory]
    [InlineData(true, false, "D\r\n\r\na-b:1\r\nc:2", "Description=D c=2")]
    [InlineData(false, true, "D\r\n\r\nset:1\r\nset:2", "Description=D set=2")]
    [InlineData(false, true, "D\r\n\r\nDescription:1", "Description=1")]
    public void Windows_events_drop_invalid_names_and_overwrite_known_ones_where_asked(
        bool drops, bool overwrites, string message, string after)
    {
        var windows = new WindowsEventOptions { DropInvalidLabels = drops, OverwriteExisting = overwrites };

        Assert.Equal(Sorted(after), Extracted(windows, message));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("a:1", 0)]
    public void A_message_without_text_leaves_the_entry_as_it_is(string? message, int failures)
    {
        var rig = new StageRig(
            new Extract("message", message), new EventLogMessageOptions(), new WindowsEventOptions());

        var line = rig.One("line").Line;

        Assert.Equal(("line", failures, failures),
            (line, rig.Failed("eventlogmessage", "no_text"), rig.Failed("windowsevent", "no_text")));
    }

    [Fact]
    public void A_message_that_is_absent_counts_as_no_failure()
    {
        var rig = new StageRig(new EventLogMessageOptions { Source = "none" }, new WindowsEventOptions());

        rig.One("a:1");

        Assert.Equal((0, 0), (rig.Failed("eventlogmessage", "no_text"), rig.Failed("windowsevent", "no_text")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    public void A_source_that_no_label_can_be_is_refused(string source)
    {
        var problems = new OptionProblems();

        new EventLogMessageOptions { Source = source }.Validate(problems);
        new WindowsEventOptions { Source = source }.Validate(problems);

        Assert.Equal(["source", "source"], problems.Items.Select(item => item.Name));
    }

    [Theory]
    [InlineData(StageBatch.NameBytesMax, 1)]
    [InlineData(StageBatch.NameBytesMax + 1, 0)]
    public void Names_longer_than_any_fields_are_left_out(int length, int fields)
    {
        var name = new string('n', length);
        var rig = new StageRig(
            new Extract("message", $"{name}:1"), new EventLogMessageOptions(),
            new StructuredMetadataOptions { Regex = "^n" });

        Assert.Equal(fields, rig.One("line").Metadata.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Warm_stages_allocate_nothing()
    {
        var rig = new StageRig(
            new Extract("message", "D\r\n\r\nSubject:\r\n\tLogon ID:\t0x3E7\r\n\tmore"),
            new EventLogMessageOptions(), new WindowsEventOptions());

        Allocations.AssertNone(() => rig.Run(rig.Reused("line", "app=x")));
    }

    [Fact]
    public void Random_messages_give_valid_names_and_leave_the_line()
    {
        Fuzz.Run(500, random =>
        {
            string[] pieces =
                ["a", "B", ":", "\r\n", "\r\n\r\n", "\t", " ", "\xff", "\xc3\xa9", "1", "\n", new string('n', 700)];
            var text = Fuzz.Text(random, pieces, 40);
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            var rig = new StageRig(
                new Extract("message", text + Encoding.Latin1.GetString(bytes)),
                new EventLogMessageOptions { OverwriteExisting = random.Next(2) == 0 },
                new WindowsEventOptions { DropInvalidLabels = random.Next(2) == 0 },
                new StructuredMetadataOptions { Regex = "[^a-zA-Z0-9_]|^[0-9]|^$" });

            var entry = rig.One("line");

            Assert.Equal(("line", ""), (entry.Line, entry.Metadata));
        });
    }

    /// <summary>What the stage adds and what was there under the names that the messages use, sorted.</summary>
    private static string Extracted(IStageOptions stage, string message)
    {
        var rig = new StageRig(
            new Extract("hidden", message), new Extract("set", "old"),
            stage switch
            {
                EventLogMessageOptions eventLog => eventLog with { Source = "hidden" },
                WindowsEventOptions windows => windows with { Source = "hidden" },
                _ => stage,
            },
            new Extract("hidden", null), new StructuredMetadataOptions { Regex = "." });
        var batch = rig.Run(rig.Batch(("line", "app=x")));
        var pairs = new List<string>();
        var metadata = new Protocol.Loki.MetadataReader(batch.Metadata(batch[0]));
        while (metadata.Read())
            pairs.Add(Encoding.Latin1.GetString(metadata.Name) + "=" + Encoding.Latin1.GetString(metadata.Value));
        // Those that were there are only listed where the message speaks of them.
        if (!message.Contains("set", StringComparison.Ordinal)) pairs.Remove("set=old");
        if (!message.Contains("app", StringComparison.Ordinal)) pairs.Remove("app=x");
        return string.Join('|', pairs.Order(StringComparer.Ordinal));
    }

    /// <summary>Splits at spaces before a name.</summary>
    private static string Sorted(string pairs)
    {
        var parts = System.Text.RegularExpressions.Regex.Split(pairs, " (?=[A-Za-z_0-9]+=)");
        return string.Join('|', parts.Where(part => part.Length > 0).Order(StringComparer.Ordinal));
    }
}
