using System.Globalization;
using System.Text;
using Weir.Protocol.Time;

namespace Weir.Protocol.Tests.Time;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0L)]
    [InlineData("2024-01-02T03:04:05.123456789Z", 1_704_164_645_123_456_789)]
    [InlineData("2024-01-02T05:34:05.5+02:30", 1_704_164_645_500_000_000)]
    [InlineData("2024-01-01T20:04:05-07:00", 1_704_164_645_000_000_000)]
    [InlineData("2024-01-02t03:04:05z", 1_704_164_645_000_000_000)]
    [InlineData("2024-01-02 03:04:05,1Z", 1_704_164_645_100_000_000)]
    [InlineData("2024-01-02T03:04:05.1234567899Z", 1_704_164_645_123_456_789)]
    [InlineData("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000)]
    [InlineData("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000)]
    [InlineData("1969-12-31T23:59:59.999999999Z", -1L)]
    [InlineData("2262-04-11T23:47:16.854775807Z", long.MaxValue)]
    [InlineData("1677-09-21T00:12:43.145224192Z", long.MinValue)]
    public void Times_are_read(string text, long expected)
    {
        Assert.True(Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out var timestamp));
        Assert.Equal(expected, timestamp);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2024-01-02T03:04:05")]
    [InlineData("2024-01-02T03:04:05.Z")]
    [InlineData("2024-01-02T03:04:05.1")]
    [InlineData("2024-01-02T03:04:05Zx")]
    [InlineData("2024-01-02T03:04:05+0200")]
    [InlineData("2024-01-02T03:04:05+24:00")]
    [InlineData("2024-01-02T03:04:05+02:60")]
    [InlineData("2024-13-02T03:04:05Z")]
    [InlineData("2024-00-02T03:04:05Z")]
    [InlineData("2024-01-32T03:04:05Z")]
    [InlineData("2024-01-00T03:04:05Z")]
    [InlineData("2023-02-29T03:04:05Z")]
    [InlineData("1900-02-29T03:04:05Z")]
    [InlineData("2024-01-02T24:04:05Z")]
    [InlineData("2024-01-02T03:60:05Z")]
    [InlineData("2024-01-02T03:04:61Z")]
    [InlineData("2024-01-02_03:04:05Z")]
    [InlineData("2024/01/02T03:04:05Z")]
    [InlineData("20x4-01-02T03:04:05Z")]
    [InlineData("2262-04-11T23:47:16.854775808Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    public void Anything_else_is_refused(string text) =>
        Assert.False(Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void The_time_that_a_text_begins_with_is_measured()
    {
        Assert.True(Rfc3339.TryParse("2024-01-02T03:04:05.5Z rest"u8, out _, out var consumed));
        Assert.Equal(22, consumed);
    }

    [Theory]
    [InlineData(0L, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000000Z")]
    [InlineData(1_704_164_645_120_000_000, "2024-01-02T03:04:05.12Z", "2024-01-02T03:04:05.120000000Z")]
    [InlineData(-1L, "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z")]
    [InlineData(long.MinValue, "1677-09-21T00:12:43.145224192Z", "1677-09-21T00:12:43.145224192Z")]
    public void Times_are_written_short_and_fixed(long timestamp, string expected, string expectedFixed)
    {
        var text = new byte[Rfc3339.BytesMax];

        Assert.Equal(expected, Encoding.ASCII.GetString(text, 0, Rfc3339.Write(text, timestamp)));
        Assert.Equal(expectedFixed, Encoding.ASCII.GetString(text, 0, Rfc3339.WriteFixed(text, timestamp)));
    }

    [Fact]
    public void Random_times_survive_a_round_trip_and_agree_with_the_calendar()
    {
        Fuzz.Run(3_000, random =>
        {
            var timestamp = random.NextInt64(long.MinValue, long.MaxValue) / (random.Next(2) == 0 ? 1 : 1_000_000);
            var text = new byte[Rfc3339.BytesMax];

            var written = Rfc3339.Write(text, timestamp);

            Assert.True(Rfc3339.TryParse(text.AsSpan(0, written), out var back));
            Assert.Equal(timestamp, back);
            var ticks = (long)Math.Floor((decimal)timestamp / 100);
            var calendar = DateTime.UnixEpoch.AddTicks(ticks).ToString("s", CultureInfo.InvariantCulture);
            Assert.Equal(calendar, Encoding.ASCII.GetString(text, 0, 19));
        });
    }

    [Fact]
    public void Damaged_texts_are_read_or_refused()
    {
        Fuzz.Run(5_000, random =>
        {
            var text = Fuzz.Damage(random, "2024-01-02T03:04:05.123456789+01:00"u8.ToArray());

            if (Rfc3339.TryParse(text, out _, out var consumed)) Assert.InRange(consumed, 20, text.Length);
        });
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        var text = new byte[Rfc3339.BytesMax];
        var ok = true;

        Allocations.AssertNone(() =>
        {
            Rfc3339.WriteFixed(text, 1_704_164_645_123_456_789);
            ok &= Rfc3339.TryParse(text, out _);
        });

        Assert.True(ok);
    }
}
