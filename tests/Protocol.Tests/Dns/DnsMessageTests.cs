using Weir.Protocol.Dns;

namespace Weir.Protocol.Tests.Dns;

public sealed class DnsMessageTests
{
    // id 0x1234, a question for _web._tcp.example.com SRV, two answers whose names point back, an OPT record behind.
    private const string Answer =
        "1234 8580 0001 0003 0000 0001 "
        + "045f776562 045f746370 076578616d706c65 03636f6d 00 0021 0001 "
        + "c00c 0021 0001 0000003c 000a 0001 0002 1f90 0161 c016 "
        + "c00c 0021 0001 0000003c 000a 0001 0002 1f91 0162 c016 "
        + "c016 0010 0001 0000003c 0003 026869 "
        + "00 0029 1000 00000000 0000";

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static byte[] Question(string name, DnsType type, ushort id = 0x1234)
    {
        var bytes = new byte[DnsMessage.QuestionBytesMax];
        return bytes[..DnsMessage.WriteQuestion(id, name, type, bytes)];
    }

    [Fact]
    public void A_question_is_written_as_the_standard_has_it() => Assert.Equal(
        Bytes("1234 0100 0001 0000 0000 0000 045f776562 045f746370 076578616d706c65 03636f6d 00 0021 0001"),
        Question("_web._tcp.example.com.", DnsType.Srv));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("ä.de")]
    public void What_is_no_name_is_not_written(string name) => Assert.Empty(Question(name, DnsType.A));

    [Fact]
    public void Names_are_written_up_to_their_limits()
    {
        var label = new string('a', 63);
        var longest = $"{label}.{label}.{label}.{label[..61]}";

        Assert.Equal(DnsMessage.QuestionBytesMax, Question(longest, DnsType.A).Length);
        Assert.Empty(Question(longest + "a", DnsType.A));
        Assert.Empty(Question(label + "a", DnsType.A));
    }

    [Fact]
    public void An_answer_is_read_with_names_that_point_back()
    {
        var answer = DnsMessage.TryReadAnswer(Bytes(Answer), Question("_WEB._tcp.example.com", DnsType.Srv))!;

        Assert.Equal((DnsStatus.Success, false), (answer.Status, answer.IsTruncated));
        Assert.Equal(
        [
            new DnsRecord(DnsType.Srv, "a.example.com.", 8080), new DnsRecord(DnsType.Srv, "b.example.com.", 8081),
        ], answer.Records);
    }

    [Theory]
    [InlineData(DnsType.A, "c00c 0001 0001 00000000 0004 0a000001", "10.0.0.1")]
    [InlineData(DnsType.Aaaa, "c00c 001c 0001 00000000 0010 20010db8000000000000000000000001", "2001:db8::1")]
    [InlineData(DnsType.Mx, "c00c 000f 0001 00000000 0009 000a 046d61696c c00c", "mail.x.")]
    [InlineData(DnsType.Ns, "c00c 0002 0001 00000000 0006 036e7331 c00c", "ns1.x.")]
    [InlineData(DnsType.Mx, "c00c 000f 0001 00000000 0003 0000 00", ".")]
    public void Records_of_every_kind_are_read(DnsType type, string record, string target)
    {
        var question = Question("x", type);
        byte[] message = [.. Bytes("1234 8180 0001 0001 0000 0000"), .. question.AsSpan(12), .. Bytes(record)];

        var answer = DnsMessage.TryReadAnswer(message, question)!;

        Assert.Equal([new DnsRecord(type, target)], answer.Records);
    }

    [Theory]
    [InlineData("8183", DnsStatus.NameError, false)]
    [InlineData("8182", DnsStatus.Failure, false)]
    [InlineData("8380", DnsStatus.Success, true)]
    public void The_flags_say_how_it_went(string flags, DnsStatus status, bool isTruncated)
    {
        var question = Question("x", DnsType.A);
        byte[] message = [.. Bytes($"1234 {flags} 0001 0000 0000 0000"), .. question.AsSpan(12)];

        var answer = DnsMessage.TryReadAnswer(message, question)!;

        Assert.Equal((status, isTruncated), (answer.Status, answer.IsTruncated));
    }

    [Theory]
    [InlineData("1235 8180 0001 0000 0000 0000 0178 00 0001 0001")] // another number
    [InlineData("1234 0180 0001 0000 0000 0000 0178 00 0001 0001")] // a question
    [InlineData("1234 8180 0001 0000 0000 0000 0179 00 0001 0001")] // another name
    [InlineData("1234 8180 0001 0000 0000 0000 0178 00 001c 0001")] // another type
    [InlineData("1234 8180 0001 0001 0000 0000 0178 00 0001 0001")] // a record is missing
    [InlineData("1234 8180 0001 0001 0000 0000 0178 00 0001 0001 c013 0001 0001 00000000 0004 01020304")] // in a circle
    [InlineData("1234 8180 0001 0001 0000 0000 0178 00 0001 0001 c00c 0001 0001 00000000 0003 010203")] // no address
    public void What_is_no_answer_to_the_question_is_refused(string message) =>
        Assert.Null(DnsMessage.TryReadAnswer(Bytes(message), Question("x", DnsType.A)));

    [Fact]
    public void No_message_crashes_or_hangs_the_reader() => Fuzz.Run(20_000, random =>
    {
        var question = Question("_web._tcp.example.com", DnsType.Srv);
        var message = Fuzz.Damage(random, Bytes(Answer));

        var answer = DnsMessage.TryReadAnswer(message, question);

        Assert.True(answer is null || answer.Records.All(record => record.Target.Length is > 0 and < 512));
    });
}
