using System.Buffers;
using System.Text;
using Weir.Routing.Time;

namespace Weir.Routing.Tests.Time;

public sealed class GoTimeLayoutTests
{
    // 2026-11-21T04:00:00Z
    private const long Now = 1_795_233_600_000_000_000;

    [Theory]
    [InlineData("RFC3339", "2026-11-21T04:05:06Z", "2026-11-21T04:05:06.000000000")]
    [InlineData("RFC3339", "2026-11-21T04:05:06.123456789+02:00", "2026-11-21T02:05:06.123456789")]
    [InlineData("RFC3339Nano", "2026-11-21T04:05:06.5-00:30", "2026-11-21T04:35:06.500000000")]
    [InlineData("RFC3339Nano", "2026-11-21T04:05:06,5Z", "2026-11-21T04:05:06.500000000")]
    [InlineData("ANSIC", "Sat Nov  7 04:05:06 2026", "2026-11-07T04:05:06.000000000")]
    [InlineData("ANSIC", "Sat Nov 21 04:05:06 2026", "2026-11-21T04:05:06.000000000")]
    [InlineData("UnixDate", "Sat Nov 21 04:05:06 UTC 2026", "2026-11-21T04:05:06.000000000")]
    [InlineData("UnixDate", "Sat Nov 21 04:05:06 GMT+3 2026", "2026-11-21T01:05:06.000000000")]
    [InlineData("UnixDate", "Sat Nov 21 04:05:06 CEST 2026", "2026-11-21T04:05:06.000000000")]
    [InlineData("RubyDate", "Sat Nov 21 04:05:06 +0100 2026", "2026-11-21T03:05:06.000000000")]
    [InlineData("RFC822", "21 Nov 26 04:05 UTC", "2026-11-21T04:05:00.000000000")]
    [InlineData("RFC822Z", "21 Nov 69 04:05 -0700", "1969-11-21T11:05:00.000000000")]
    [InlineData("RFC850", "Saturday, 21-Nov-26 04:05:06 UTC", "2026-11-21T04:05:06.000000000")]
    [InlineData("RFC1123", "Sat, 21 Nov 2026 04:05:06 GMT", "2026-11-21T04:05:06.000000000")]
    [InlineData("RFC1123Z", "Sat, 21 Nov 2026 04:05:06 -0700", "2026-11-21T11:05:06.000000000")]
    [InlineData("Stamp", "Nov 21 04:05:06", "2026-11-21T04:05:06.000000000")]
    [InlineData("StampMilli", "Nov 21 04:05:06.789", "2026-11-21T04:05:06.789000000")]
    [InlineData("Unix", "1795233600", "2026-11-21T04:00:00.000000000")]
    [InlineData("Unix", "1795233600.123456789", "2026-11-21T04:00:00.123456789")]
    [InlineData("Unix", "-1", "1969-12-31T23:59:59.000000000")]
    [InlineData("UnixMs", "1795233600123", "2026-11-21T04:00:00.123000000")]
    [InlineData("UnixUs", "1795233600123456", "2026-11-21T04:00:00.123456000")]
    [InlineData("UnixNs", "1795233600123456789", "2026-11-21T04:00:00.123456789")]
    [InlineData("2006-01-02 15:04:05", "2026-11-21 4:05:06", "2026-11-21T04:05:06.000000000")]
    [InlineData("2006-01-02 15:04:05", "2026-11-21 04:05:06.25", "2026-11-21T04:05:06.250000000")]
    [InlineData("2006-01-02  15:04:05", "2026-11-21    04:05:06", "2026-11-21T04:05:06.000000000")]
    [InlineData("2006-01-02 15:04:05,000", "2026-11-21 04:05:06,123", "2026-11-21T04:05:06.123000000")]
    [InlineData("2006-01-02 15:04:05,000", "2026-11-21 04:05:06.123", "2026-11-21T04:05:06.123000000")]
    [InlineData("2006-01-02T15:04:05.999Z", "2026-11-21T04:05:06Z", "2026-11-21T04:05:06.000000000")]
    [InlineData("02/Jan/2006:15:04:05 -0700", "21/nov/2026:04:05:06 +0000", "2026-11-21T04:05:06.000000000")]
    [InlineData("January 2, 2006 3:04:05 PM", "November 1, 2026 4:05:06 PM", "2026-11-01T16:05:06.000000000")]
    [InlineData("1/2/06 3:04pm", "11/1/26 12:05am", "2026-11-01T00:05:00.000000000")]
    [InlineData("2006 002", "2026 325", "2026-11-21T00:00:00.000000000")]
    [InlineData("2006 __2", "2026  32", "2026-02-01T00:00:00.000000000")]
    [InlineData("2006-01-02 15:04:05 Z07", "2026-11-21 04:05:06 +01", "2026-11-21T03:05:06.000000000")]
    [InlineData("2006-01-02 15:04:05 -07:00:00", "2026-11-21 04:05:06 +01:00:01", "2026-11-21T03:05:05.000000000")]
    [InlineData("20060102150405", "20261121040506", "2026-11-21T04:05:06.000000000")]
    [InlineData("app_2006.01.02", "app_2026.11.21", "2026-11-21T00:00:00.000000000")]
    [InlineData("Month Jan 2006", "Month Nov 2026", "2026-11-01T00:00:00.000000000")]
    [InlineData("Jan 2 15:04:05", "Dec 31 23:59:59", "2026-12-31T23:59:59.000000000")]
    [InlineData("Jan 2 15:04:05", "Jan 1 00:00:01", "2027-01-01T00:00:01.000000000")]
    [InlineData("Jan 2 15:04:05", "Feb 29 00:00:00", "2027-03-01T00:00:00.000000000")]
    public void Reads_what_Go_reads(string layout, string text, string expected)
    {
        var compiled = GoTimeLayout.Compile(layout);

        Assert.True(compiled.TryParse(Encoding.UTF8.GetBytes(text), Now, out var nanoseconds),
            compiled.Explain(Encoding.UTF8.GetBytes(text)));

        Assert.Equal(expected, Format("2006-01-02T15:04:05.000000000", nanoseconds));
    }

    [Theory]
    [InlineData("RFC3339", "2026-13-21T04:05:06Z",
        "parsing time \"2026-13-21T04:05:06Z\" as \"2006-01-02T15:04:05Z07:00\": "
            + "cannot parse \"13-21T04:05:06Z\" as \"01\"")]
    [InlineData("2006-01-02", "2026-02-29", "parsing time \"2026-02-29\" as \"2006-01-02\": day out of range")]
    [InlineData("2006-01-02", "2026-02-01x", "parsing time \"2026-02-01x\" as \"2006-01-02\": extra text: \"x\"")]
    [InlineData("2006-01-02", "9999-01-01",
        "parsing time \"9999-01-01\" as \"2006-01-02\": outside the years 1678 to 2261")]
    [InlineData("2006-01-02", "", "parsing time \"\" as \"2006-01-02\": cannot parse \"\" as \"2006\"")]
    [InlineData("15:04", "24:00", "parsing time \"24:00\" as \"15:04\": cannot parse \"24:00\" as \"15\"")]
    [InlineData("15:04 MST", "04:05 xy", "parsing time \"04:05 xy\" as \"15:04 MST\": cannot parse \"xy\" as \"MST\"")]
    [InlineData("05.000", "06.12", "parsing time \"06.12\" as \"05.000\": cannot parse \".12\" as \".000\"")]
    [InlineData("UnixMs", "1.5", "parsing time \"1.5\" as UnixMs: not a number of that unit")]
    [InlineData("UnixNs", "99999999999999999999",
        "parsing time \"99999999999999999999\" as UnixNs: not a number of that unit")]
    [InlineData("Unix", "99999999999999", "parsing time \"99999999999999\" as Unix: not a number of that unit")]
    public void Refuses_and_says_why(string layout, string text, string expected)
    {
        var compiled = GoTimeLayout.Compile(layout);

        var isRead = compiled.TryParse(Encoding.UTF8.GetBytes(text), Now, out _);

        Assert.False(isRead);
        Assert.Equal(expected, compiled.Explain(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData("Jan _2 15:04:05.000", "Nov  7 04:05:06.120")]
    [InlineData("Monday January 02 2006 03:04PM", "Saturday November 07 2026 04:05AM")]
    [InlineData("Mon 2 Jan 06 .999 ,999999 .000000000", "Sat 7 Nov 26 .12 ,12 .120000000")]
    [InlineData("RFC3339Nano", "2026-11-07T04:05:06.12Z")]
    [InlineData("-0700 -07 Z07:00 MST 002 __2 3 4 5 1", "+0000 +00 Z UTC 311 311 4 5 6 11")]
    [InlineData("Unix", "1794024306.12")]
    [InlineData("UnixMs", "1794024306120")]
    public void Writes_what_Go_writes(string layout, string expected) =>
        Assert.Equal(expected, Format(layout, 1_794_024_306_120_000_000));

    [Fact]
    public void A_location_places_times_without_an_offset()
    {
        if (!GoTimeLayout.TryCompile("2006-01-02 15:04", "Europe/Berlin", out var berlin, out var error))
        {
            Assert.Contains("Europe/Berlin", error, StringComparison.Ordinal); // no time zones here
            return;
        }

        Assert.True(berlin.TryParse("2026-07-01 12:00"u8, Now, out var summer));
        Assert.True(berlin.TryParse("2026-12-01 12:00"u8, Now, out var winter));

        Assert.Equal("2026-07-01 10:00", Format("2006-01-02 15:04", summer));
        Assert.Equal("2026-12-01 11:00", Format("2006-01-02 15:04", winter));
    }

    [Fact]
    public void An_unknown_location_or_layout_is_refused_with_a_remedy()
    {
        var isLocated = GoTimeLayout.TryCompile("15:04", "Nowhere/Town", out _, out var noLocation);
        var isLayout = GoTimeLayout.TryCompile("yyyy", "", out _, out var noLayout);

        Assert.False(isLocated || isLayout);
        Assert.Contains("Nowhere/Town", noLocation, StringComparison.Ordinal);
        Assert.Contains("2006-01-02", noLayout, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var layout = GoTimeLayout.Compile("2006-01-02T15:04:05.999999999Z07:00");

        Allocations.AssertNone(() => layout.TryParse("2026-11-21T04:05:06.123456789+02:00"u8, Now, out _));
    }

    [Fact]
    public void What_is_written_is_read_back() => Fuzz.Run(2000, random =>
    {
        var nanoseconds = random.NextInt64(long.MinValue, long.MaxValue) / 2;
        string[] layouts =
        [
            "RFC3339Nano", "Mon, 2 Jan 2006 3:04:05.000000000 PM -0700", "2006 002 15:04:05.999999999",
            "January _2 2006 15:04:05.000000000 MST",
        ];
        var layout = layouts[random.Next(layouts.Length)];

        var isRead = GoTimeLayout.Compile(layout).TryParse(Encoding.UTF8.GetBytes(Format(layout, nanoseconds)), Now,
            out var read);

        Assert.True(isRead);
        Assert.Equal(nanoseconds, read);
    });

    [Fact]
    public void No_text_and_no_layout_breaks_the_reader() => Fuzz.Run(3000, random =>
    {
        string[] pieces =
        [
            "2006", "01", "02", "15", "04", "05", ".000", ",999", "Jan", "Mon", "MST", "Z07:00", "-0700", "PM",
            "_2", "__2",
            "002", " ", "-", ":", "T", "x", "é", "12", "UTC", "GMT+3", "+1", "999",
        ];
        if (!GoTimeLayout.TryCompile(Fuzz.Text(random, pieces, 8), "", out var layout, out var error))
        {
            Assert.NotEmpty(error);
            return;
        }

        var text = Encoding.UTF8.GetBytes(Fuzz.Text(random, pieces, 8));

        if (!layout.TryParse(text, Now, out _)) Assert.NotEmpty(layout.Explain(text));
    });

    private static string Format(string layout, long nanoseconds)
    {
        var target = new ArrayBufferWriter<byte>();
        GoTimeLayout.Compile(layout).Format(nanoseconds, target);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }
}
