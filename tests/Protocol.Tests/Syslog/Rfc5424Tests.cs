using System.Text;
using Weir.Protocol.Syslog;

namespace Weir.Protocol.Tests.Syslog;

public sealed class Rfc5424Tests
{
    private const string Sound = "<165>1 2003-10-11T22:14:15.003Z host app 12 ID47 [a@1 b=\"c\\\"d\" e=\"\"][f] text";

    [Theory]
    [InlineData("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed",
        "4|2|1065910455003000000|mymachine.example.com|su||ID47||'su root' failed")]
    [InlineData("<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time",
        "20|5|1061727255000003000|192.0.2.1|myproc|8710|||%% It's time")]
    [InlineData("<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [e@32473 iut=\"3\" s=\"App\"][x y=\"z\"] BOM",
        "20|5|1065910455003000000|h|evntslog||ID47|[e@32473 iut=\"3\" s=\"App\"][x y=\"z\"]|BOM")]
    [InlineData("<165>1 2003-10-11T22:14:15Z h a - - [e@32473 i=\"3\"]",
        "20|5|1065910455000000000|h|a|||[e@32473 i=\"3\"]|")]
    [InlineData("<0>1 - - - - - -", "0|0|-||||||")]
    [InlineData("<191>999 - - - - - - ", "23|7|-||||||")]
    [InlineData("<13>1 - - - - - -  two spaces", "1|5|-|||||| two spaces")]
    [InlineData("<13>1 - - - - - - line\nfeed", "1|5|-||||||line\nfeed")]
    [InlineData("<13>1 - - - - - [i n=\"a]b\\]\\\\\"] m", "1|5|-|||||[i n=\"a]b\\]\\\\\"]|m")]
    [InlineData("<13>1 - - - - - - \ufefftext", "1|5|-||||||text")]
    public void A_message_is_taken_apart(string text, string expected)
    {
        Assert.True(Rfc5424.TryParse(Encoding.UTF8.GetBytes(text), out var message, out var fault), fault);

        Assert.Equal(expected, Shown(message));
    }

    [Theory]
    [InlineData("", "no priority")]
    [InlineData("text", "no priority")]
    [InlineData("<>1 - - - - - -", "no priority")]
    [InlineData("<192>1 - - - - - -", "no priority")]
    [InlineData("<1234>1 - - - - - -", "no priority")]
    [InlineData("<1a>1 - - - - - -", "no priority")]
    [InlineData("<13", "no priority")]
    [InlineData("<13>Oct 11 22:14:15 host su: text", "rfc3164")]
    [InlineData("<13> - - - - - -", "no version")]
    [InlineData("<13>0 - - - - - -", "no version")]
    [InlineData("<13>1 yesterday - - - - -", "timestamp")]
    [InlineData("<13>1 2003-13-11T22:14:15Z - - - - -", "timestamp")]
    [InlineData("<13>1 - - - - -", "structured data")]
    [InlineData("<13>1 -", "structured data")]
    [InlineData("<13>1 - - - - - [] m", "structured data")]
    [InlineData("<13>1 - - - - - [a b] m", "structured data")]
    [InlineData("<13>1 - - - - - [a b=c] m", "structured data")]
    [InlineData("<13>1 - - - - - [a b=\"c] m", "structured data")]
    [InlineData("<13>1 - - - - - [a b=\"c\" m", "structured data")]
    [InlineData("<13>1 - - - - - [a b=\"c\\", "structured data")]
    [InlineData("<13>1 - - - - - text", "structured data")]
    [InlineData("<13>1 - - - - - -text", "no space")]
    public void A_malformed_message_is_refused_with_the_reason(string text, string reason)
    {
        Assert.False(Rfc5424.TryParse(Encoding.UTF8.GetBytes(text), out _, out var fault));

        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_of_structured_data_are_walked_and_unescaped()
    {
        Assert.True(Rfc5424.TryParse(Encoding.UTF8.GetBytes(Sound), out var message, out _));
        var found = new List<string>();
        var reader = new StructuredDataReader(message.StructuredData);
        while (reader.Read())
        {
            var value = new byte[reader.Escaped.Length];
            var length = StructuredDataReader.Unescape(reader.Escaped, value);
            found.Add($"{Text(reader.Id)} {Text(reader.Name)} {Text(value.AsSpan(0, length))}");
        }

        Assert.Equal(["a@1 b c\"d", "a@1 e "], found);
    }

    [Fact]
    public void Damaged_messages_break_nothing() => Fuzz.Run(3000, random =>
    {
        var bytes = Fuzz.Damage(random, Encoding.UTF8.GetBytes(Sound));

        if (!Rfc5424.TryParse(bytes, out var message, out var fault))
        {
            Assert.NotEmpty(fault);
            return;
        }

        Assert.InRange(message.Priority, 0, SyslogMessage.PriorityMax);
        var reader = new StructuredDataReader(message.StructuredData);
        while (reader.Read())
            Assert.True(StructuredDataReader.Unescape(reader.Escaped, new byte[bytes.Length]) <= reader.Escaped.Length);
    });

    [Fact]
    public void Parsing_allocates_nothing()
    {
        var bytes = Encoding.UTF8.GetBytes(Sound);

        Allocations.AssertNone(() => Assert.True(Rfc5424.TryParse(bytes, out _, out _)));
    }

    internal static string Shown(SyslogMessage message) => string.Join('|',
        message.Facility, message.Severity, message.HasTimestamp ? message.Timestamp : "-", Text(message.Hostname),
        Text(message.AppName), Text(message.ProcessId), Text(message.MessageId), Text(message.StructuredData),
        Text(message.Text));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
