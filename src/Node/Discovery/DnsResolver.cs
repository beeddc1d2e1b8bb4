using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Weir.Protocol.Dns;
using Weir.Routing.Components;

namespace Weir.Node.Discovery;

/// <summary>Asks name servers for records of any kind, over UDP, and over TCP what does not fit.</summary>
/// <param name="settings">Read for each name: networks change.</param>
/// <param name="random">Numbers the questions.</param>
public sealed class DnsResolver(Func<ResolverSettings> settings, Random random, TimeProvider time)
{
    // Larger answers over UDP would have to be asked for with EDNS; they come over TCP instead.
    private const int DatagramBytesMax = 4096;

    /// <summary>The records of a name, found as the system's resolver finds names.</summary>
    /// <returns>Empty when there is no such name.</returns>
    /// <exception cref="ComponentException">No server gave an answer that could be used.</exception>
    public async Task<IReadOnlyList<DnsRecord>> ResolveAsync(string name, DnsType type, CancellationToken cancel)
    {
        var current = settings();
        string? problem = null;
        foreach (var full in current.NamesOf(name))
        {
            var (answer, reason) = await AskAnyAsync(current, full, type, cancel);
            if (answer is { Status: DnsStatus.Success }) return answer.Records;
            problem ??= reason;
        }

        return problem is null ? [] : throw new ComponentException($"{name}: {problem}");
    }

    private async Task<(DnsAnswer? Answer, string? Problem)> AskAnyAsync(
        ResolverSettings current, string name, DnsType type, CancellationToken cancel)
    {
        var problem = "no name server answered";
        for (var attempt = 0; attempt < current.Attempts; attempt++)
        {
            foreach (var server in current.Servers)
            {
                var question = new byte[DnsMessage.QuestionBytesMax];
                var id = (ushort)random.Next(ushort.MaxValue + 1);
                var length = DnsMessage.WriteQuestion(id, name, type, question);
                if (length == 0) return (null, "it is no name that DNS knows");
                try
                {
                    var answer = await AskAsync(current, server, question.AsMemory(0, length), cancel);
                    if (answer is { Status: DnsStatus.Success or DnsStatus.NameError }) return (answer, null);
                    problem = $"name server {server} {(answer is null ? "gave a malformed answer" : "refused")}";
                }
                catch (SocketException fault)
                {
                    problem = $"name server {server}: {fault.Message}";
                }
                catch (IOException fault)
                {
                    problem = $"name server {server}: {fault.Message}";
                }
                catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
                {
                    problem = $"name server {server} did not answer within {current.Timeout.TotalSeconds} s";
                }
            }
        }

        return (null, problem);
    }

    private async Task<DnsAnswer?> AskAsync(
        ResolverSettings current, IPEndPoint server, ReadOnlyMemory<byte> question, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(current.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        var answer = await AskByDatagramAsync(server, question, either.Token);
        return answer is { IsTruncated: true } ? await AskByStreamAsync(server, question, either.Token) : answer;
    }

    private static async Task<DnsAnswer?> AskByDatagramAsync(
        IPEndPoint server, ReadOnlyMemory<byte> question, CancellationToken cancel)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancel); // from here on, only this server's datagrams come
        await socket.SendAsync(question, cancel);
        var buffer = new byte[DatagramBytesMax];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, cancel);
            // Another number: the late answer to an earlier question.
            if (length < 2 || !buffer.AsSpan(0, 2).SequenceEqual(question.Span[..2])) continue;
            return DnsMessage.TryReadAnswer(buffer.AsSpan(0, length), question.Span);
        }
    }

    private static async Task<DnsAnswer?> AskByStreamAsync(
        IPEndPoint server, ReadOnlyMemory<byte> question, CancellationToken cancel)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancel);
        await using var stream = new NetworkStream(socket);
        var framed = new byte[sizeof(ushort) + question.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
        question.CopyTo(framed.AsMemory(sizeof(ushort)));
        await stream.WriteAsync(framed, cancel);
        var length = new byte[sizeof(ushort)];
        await stream.ReadExactlyAsync(length, cancel);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(message, cancel);
        return DnsMessage.TryReadAnswer(message, question.Span);
    }
}
