using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Weir.Node.Discovery;

namespace Weir.Node.Tests.Discovery;

/// <summary>A name server on a port of loopback, over UDP and TCP, that answers what a test says.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    public const ushort Success = 0x8180;
    public const ushort NameError = 0x8183;
    public const ushort Refused = 0x8185;
    private const ushort Truncated = 0x0200;

    private readonly Socket _datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _streams;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _work;

    /// <summary>Of a name with its type, the flags and the records in hexadecimal; names in them may point at byte
    /// 12, the question's.</summary>
    private readonly Func<string, (ushort Flags, string[] Records)> _answer;

    public NameServer(Func<string, (ushort Flags, string[] Records)> answer)
    {
        _answer = answer;
        _datagrams.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _streams = new TcpListener(IPAddress.Loopback, Endpoint.Port);
        _streams.Start();
        _work = [AnswerDatagramsAsync(), AnswerStreamsAsync()];
    }

    public IPEndPoint Endpoint => (IPEndPoint)_datagrams.LocalEndPoint!;

    /// <summary>Answers over UDP without records, so that TCP is needed.</summary>
    public bool Truncates { get; set; }

    public ConcurrentQueue<string> Asked { get; } = new();

    public ResolverSettings Settings => new([Endpoint], [], 1, TimeSpan.FromSeconds(30), 1);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _streams.Stop();
        foreach (var work in _work) await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _datagrams.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerDatagramsAsync()
    {
        var buffer = new byte[512];
        while (true)
        {
            var got = await _datagrams.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            var answer = Answer("udp", buffer.AsSpan(0, got.ReceivedBytes), Truncates);
            await _datagrams.SendToAsync(answer, got.RemoteEndPoint, _stop.Token);
        }
    }

    private async Task AnswerStreamsAsync()
    {
        while (true)
        {
            using var client = await _streams.AcceptTcpClientAsync(_stop.Token);
            var stream = client.GetStream();
            var length = new byte[2];
            await stream.ReadExactlyAsync(length, _stop.Token);
            var question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(question, _stop.Token);
            var answer = Answer("tcp", question, false);
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
            await stream.WriteAsync((byte[])[.. length, .. answer], _stop.Token);
        }
    }

    private byte[] Answer(string way, ReadOnlySpan<byte> question, bool truncates)
    {
        var name = new StringBuilder();
        var at = 12;
        for (; question[at] > 0; at += question[at] + 1)
            name.Append(Encoding.ASCII.GetString(question.Slice(at + 1, question[at]))).Append('.');
        var asked = $"{name} {BinaryPrimitives.ReadUInt16BigEndian(question[(at + 1)..])}";
        Asked.Enqueue($"{way} {asked}");
        var (flags, records) = _answer(asked);
        if (truncates) (flags, records) = ((ushort)(flags | Truncated), []);
        var header = new byte[12];
        question[..2].CopyTo(header);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), flags);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), (ushort)records.Length);
        return [.. header, .. question[12..], .. Convert.FromHexString(
            string.Concat(records).Replace(" ", "", StringComparison.Ordinal))];
    }
}
