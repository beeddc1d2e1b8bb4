using Weir.Protocol.Time;
using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class TimestampStageTests
{
    [Theory]
    [InlineData("RFC3339", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z")]
    [InlineData("RFC3339", "2024-01-02T03:04:05.5+02:00", "2024-01-02T01:04:05.5Z")]
    [InlineData("RFC3339Nano", "2024-01-02T03:04:05.123456789Z", "2024-01-02T03:04:05.123456789Z")]
    [InlineData("Unix", "1704164645", "2024-01-02T03:04:05Z")]
    [InlineData("Unix", "1704164645.25", "2024-01-02T03:04:05.25Z")]
    [InlineData("UnixMs", "1704164645250", "2024-01-02T03:04:05.25Z")]
    [InlineData("UnixUs", "1704164645250001", "2024-01-02T03:04:05.250001Z")]
    [InlineData("UnixNs", "1704164645250000001", "2024-01-02T03:04:05.250000001Z")]
    [InlineData("ANSIC", "Tue Jan  2 03:04:05 2024", "2024-01-02T03:04:05Z")]
    [InlineData("UnixDate", "Tue Jan  2 03:04:05 UTC 2024", "2024-01-02T03:04:05Z")]
    [InlineData("RubyDate", "Tue Jan 02 03:04:05 +0100 2024", "2024-01-02T02:04:05Z")]
    [InlineData("RFC822", "02 Jan 24 03:04 UTC", "2024-01-02T03:04:00Z")]
    [InlineData("RFC822Z", "02 Jan 24 03:04 +0000", "2024-01-02T03:04:00Z")]
    [InlineData("RFC850", "Tuesday, 02-Jan-24 03:04:05 UTC", "2024-01-02T03:04:05Z")]
    [InlineData("RFC1123", "Tue, 02 Jan 2024 03:04:05 UTC", "2024-01-02T03:04:05Z")]
    [InlineData("RFC1123Z", "Tue, 02 Jan 2024 03:04:05 -0500", "2024-01-02T08:04:05Z")]
    [InlineData("2006-01-02 15:04:05.000", "2024-01-02 03:04:05.678", "2024-01-02T03:04:05.678Z")]
    [InlineData("02/Jan/2006:15:04:05 -0700", "02/Jan/2024:03:04:05 +0000", "2024-01-02T03:04:05Z")]
    [InlineData("Jan _2 15:04:05", "Nov  2 03:04:05", "2023-11-02T03:04:05Z")]
    public void The_time_is_read_in_the_configured_format(string format, string text, string time)
    {
        var rig = new StageRig(new Extract("t", text), new TimestampOptions { Source = "t", Format = format });

        Assert.Equal(time, Written(rig.One("line").Timestamp));
    }

    [Theory]
    [InlineData("RFC3339", "2024-01-02")]
    [InlineData("RFC3339", "2024-13-02T03:04:05Z")]
    [InlineData("RFC3339", "")]
    [InlineData("RFC3339", "\xff")]
    [InlineData("Unix", "12x")]
    [InlineData("Unix", "1.2.3")]
    [InlineData("UnixMs", "99999999999999999999")]
    [InlineData("2006-01-02", "2024-01-02x")]
    public void What_is_no_time_keeps_the_time_of_reading_and_is_counted(string format, string text)
    {
        var rig = new StageRig(new Extract("t", text), new TimestampOptions { Source = "t", Format = format });

        Assert.Equal((StageRig.Now, 1), (rig.One("line").Timestamp, rig.Failed("timestamp", "not_a_time")));
    }

    [Fact]
    public void An_absent_source_and_one_without_text_are_counted()
    {
        var rig = new StageRig(
            new Extract("t", null), new TimestampOptions { Source = "t", Format = "RFC3339" },
            new TimestampOptions { Source = "none", Format = "RFC3339" });

        Assert.Equal((StageRig.Now, 2), (rig.One("line").Timestamp, rig.Failed("timestamp", "no_source")));
    }

    [Theory]
    [InlineData("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z")]
    [InlineData("1704164645", "2024-01-02T03:04:05Z")]
    [InlineData("2024-01-02 03:04", "2024-01-02T02:04:00Z")]
    public void Fallback_formats_are_tried_in_order_and_a_location_applies_to_layouts(string text, string time)
    {
        var rig = new StageRig(new Extract("t", text), new TimestampOptions
        {
            Source = "t", Format = "RFC3339",
            FallbackFormats = ["Unix", "2006-01-02 15:04"], Location = "Europe/Berlin",
        });

        Assert.Equal(time, Written(rig.One("line").Timestamp));
    }

    // Each line is "stream time": the time is a number of nanoseconds, or no time at all.
    [Theory]
    [InlineData("a 5|a x|a x|a 9|a x", "5 6 7 9 10", 0, 0)]
    [InlineData("a x|a 5", "now 5", 0, 0)]
    [InlineData("a 5|b x|b 7|a x", "5 now 7 6", 0, 0)]
    [InlineData("a 5|a x", "5 now", 1, 0)]
    [InlineData("a 5|a 5|a 5|a 9", "5 6 7 9", 0, 0)]
    [InlineData("a 5|b 5|a 5", "5 5 6", 0, 0)]
    [InlineData("a 5|a 5", "5 5", 0, 1)]
    [InlineData("a 5|a 5", "5 6", 1, 0)]
    [InlineData("a 5|a 5|a x", "5 5 now", 1, 1)]
    [InlineData("a 9|a 5|a x", "9 5 6", 0, 0)]
    public void Failures_and_duplicates_are_told_apart_a_stream(
        string lines, string times, int onFailure, int onDuplicate)
    {
        var rig = new StageRig(
            new RegexOptions { Expression = "(?P<s>\\w) (?P<t>.*)" },
            new LabelsOptions { Values = LabelStagesTests.Map("s") },
            new TimestampOptions
            {
                Source = "t", Format = "UnixNs", ActionOnFailure = (TimestampFailureAction)onFailure,
                ActionOnDuplicate = (TimestampDuplicateAction)onDuplicate,
            });

        var batch = rig.Run(rig.Batch([.. lines.Split('|').Select(line => (line, ""))]));

        Assert.Equal(times, string.Join(' ', batch.Entries.ToArray()
            .Select(entry => entry.Timestamp >= StageRig.Now ? "now" : $"{entry.Timestamp}")));
    }

    [Fact]
    public void The_last_time_of_a_stream_is_remembered_over_batches()
    {
        var rig = new StageRig(
            new RegexOptions { Expression = "(?P<t>.*)" }, new TimestampOptions { Source = "t", Format = "UnixNs" });
        rig.Lines("5");

        Assert.Equal(6, rig.One("x").Timestamp);
    }

    [Theory]
    [InlineData("", "RFC3339", "", "source")]
    [InlineData("t", "", "", "format")]
    [InlineData("t", "yyyy", "", "format")]
    [InlineData("t", "RFC3339", "Nowhere/City", "location")]
    public void Arguments_that_cannot_work_are_refused(string source, string format, string location, string argument)
    {
        var problems = new OptionProblems();

        new TimestampOptions { Source = source, Format = format, Location = location }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }

    [Fact]
    public void Random_texts_are_times_or_leave_the_time_of_reading()
    {
        string[] formats =
            ["RFC3339", "Unix", "UnixMs", "UnixNs", "RFC1123", "2006-01-02 15:04:05.000", "Jan _2 15:04:05"];
        string[] pieces =
        [
            "2024", "-", "01", "T", ":", "59", ".", "Z", "+02:00", " ", "Jan", "Mon", ",", "GMT", "1700000000", "\xff",
            "2024-01-02T03:04:05Z", "99999999999999999999",
        ];
        Fuzz.Run(2000, random =>
        {
            var line = Fuzz.Text(random, pieces, 8);
            var rig = new StageRig(
                new RegexOptions { Expression = "(?s)(?P<t>.*)" },
                new TimestampOptions
                {
                    Source = "t", Format = formats[random.Next(formats.Length)],
                    ActionOnFailure = TimestampFailureAction.Skip,
                });

            var entry = rig.One(line);

            Assert.Equal(line, entry.Line);
            Assert.True(rig.Failed("timestamp", "not_a_time") == 0 || entry.Timestamp == StageRig.Now, line);
        });
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        var rig = new StageRig(
            new RegexOptions { Expression = "(?P<t>.*)" },
            new TimestampOptions { Source = "t", Format = "RFC3339",
            FallbackFormats = ["2006-01-02 15:04"] });
        using var batch = rig.Batch([.. Enumerable.Repeat(("2024-01-02 03:04", "a=1"), 20)]);

        Allocations.AssertNone(() => rig.Run(batch));
    }

    private static string Written(long timestamp)
    {
        Span<byte> text = stackalloc byte[Rfc3339.BytesMax];
        return System.Text.Encoding.ASCII.GetString(text[..Rfc3339.Write(text, timestamp)]);
    }
}
