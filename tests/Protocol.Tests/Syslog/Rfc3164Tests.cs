using System.Globalization;
using System.Text;
using Weir.Protocol.Syslog;

namespace Weir.Protocol.Tests.Syslog;

public sealed class Rfc3164Tests
{
    private static readonly long Now = Nanoseconds("2024-03-10T00:00:00Z");

    [Theory]
    [InlineData("<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
        "2023-10-11T22:14:15Z|mymachine|su||'su root' failed")]
    [InlineData("<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!", "2024-02-05T17:32:18Z|10.0.0.99|||Use the BFG!")]
    [InlineData("<13>Feb 5 17:32:18 h app[12]: text", "2024-02-05T17:32:18Z|h|app|12|text")]
    [InlineData("<13>Feb 05 17:32:18 h app[12] text", "2024-02-05T17:32:18Z|h|app|12|text")]
    [InlineData("<13>Feb  5 17:32:18 app[12]: without a host", "2024-02-05T17:32:18Z||app|12|without a host")]
    [InlineData("<13>Feb  5 17:32:18 app: without a host", "2024-02-05T17:32:18Z||app||without a host")]
    [InlineData("<13>Feb  5 17:32:18 h app:no space", "2024-02-05T17:32:18Z|h|app||no space")]
    [InlineData("<13>Feb  5 17:32:18 h [12]: text", "2024-02-05T17:32:18Z|h|||[12]: text")]
    [InlineData("<13>Feb  5 17:32:18 h a[open: text", "2024-02-05T17:32:18Z|h|||a[open: text")]
    [InlineData("<13>Feb  5 17:32:18 h", "2024-02-05T17:32:18Z||||h")]
    [InlineData("<13>Feb  5 17:32:18", "2024-02-05T17:32:18Z||||")]
    [InlineData("<13>Feb 5 2022 17:32:18 h app: text", "2022-02-05T17:32:18Z|h|app||text")]
    [InlineData("<13>2022-02-05T17:32:18.5+01:00 h app: text", "2022-02-05T16:32:18.5Z|h|app||text")]
    [InlineData("<13>Feb 29 00:00:00 h app: leap", "2024-02-29T00:00:00Z|h|app||leap")]
    [InlineData("<13>Feb 30 00:00:00 h app: none", "-||||Feb 30 00:00:00 h app: none")]
    [InlineData("<13>Feb  5 24:00:00 h app: none", "-||||Feb  5 24:00:00 h app: none")]
    [InlineData("<13>no time", "-||||no time")]
    [InlineData("<13>1 2003-10-11T22:14:15Z h a - - - x", "-||||1 2003-10-11T22:14:15Z h a - - - x")]
    [InlineData("<13>", "-||||")]
    public void A_message_is_taken_apart_and_what_cannot_be_told_stays_in_the_text(string text, string expected)
    {
        Assert.True(Rfc3164.TryParse(Encoding.UTF8.GetBytes(text), Now, CiscoParts.None, out var message, out _));

        Assert.Equal(expected, Shown(message));
    }

    [Theory]
    [InlineData("2024-12-31T23:59:59Z", "Jan  1 00:00:05", "2025-01-01T00:00:05Z")]
    [InlineData("2025-01-01T00:00:05Z", "Dec 31 23:59:59", "2024-12-31T23:59:59Z")]
    [InlineData("2025-06-01T00:00:00Z", "Jun  1 00:10:00", "2025-06-01T00:10:00Z")]
    [InlineData("2026-03-01T00:00:00Z", "Feb 29 00:00:00", "2024-02-29T00:00:00Z")]
    public void A_time_without_a_year_gets_the_nearest(string now, string time, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes($"<13>{time} h a: b");

        Assert.True(Rfc3164.TryParse(bytes, Nanoseconds(now), CiscoParts.None, out var message, out _));

        Assert.Equal(Nanoseconds(expected), message.Timestamp);
    }

    [Theory]
    [InlineData("<189>237: router1: 000485: *Jan  8 19:46:03.295: %SYS-5-CONFIG_I: Configured", CiscoParts.All,
        "2024-01-08T19:46:03.295Z|router1|%SYS-5-CONFIG_I||Configured", "237 000485")]
    [InlineData("<189>237: *Jan  8 19:46:03: %SYS-5-X: text", CiscoParts.MessageCounter,
        "2024-01-08T19:46:03Z||%SYS-5-X||text", "237 ")]
    [InlineData("<189>*Jan  8 19:46:03.295: %SYS-5-X: text", CiscoParts.SecondFractions,
        "2024-01-08T19:46:03.295Z||%SYS-5-X||text", " ")]
    [InlineData("<189>Jan  8 19:46:03 h app: plain", CiscoParts.All, "2024-01-08T19:46:03Z|h|app||plain", " ")]
    [InlineData("<189>237: no time", CiscoParts.All, "-||||237: no time", " ")]
    public void What_ciscos_devices_add_is_read(string text, CiscoParts parts, string expected, string numbers)
    {
        Assert.True(Rfc3164.TryParse(Encoding.UTF8.GetBytes(text), Now, parts, out var message, out _));

        Assert.Equal(expected, Shown(message));
        Assert.Equal(numbers, $"{Text(message.MessageCounter)} {Text(message.Sequence)}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Oct 11 22:14:15 mymachine su: text")]
    [InlineData("<999>Oct 11 22:14:15 mymachine su: text")]
    public void A_message_without_a_priority_is_refused(string text)
    {
        Assert.False(Rfc3164.TryParse(Encoding.UTF8.GetBytes(text), Now, CiscoParts.None, out _, out var fault));

        Assert.Contains("no priority", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_messages_break_nothing() => Fuzz.Run(3000, random =>
    {
        var bytes = Fuzz.Damage(random, [.. "<189>237: r: 000485: *Jan  8 19:46:03.295: app[12]: text"u8]);

        var isSound = Rfc3164.TryParse(bytes, Now, (CiscoParts)random.Next(16), out var message, out _);

        if (isSound) Assert.True(bytes.AsSpan().EndsWith(message.Text));
    });

    private static string Shown(SyslogMessage message)
    {
        var time = DateTime.UnixEpoch.AddTicks(message.Timestamp / 100)
            .ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        return string.Join('|', message.HasTimestamp ? time + "Z" : "-", Text(message.Hostname),
            Text(message.AppName), Text(message.ProcessId), Text(message.Text));
    }

    private static long Nanoseconds(string time) =>
        (DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
