using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Weir.Protocol.Cluster;

namespace Weir.Routing.Membership;

/// <summary>What came of a request to a node.</summary>
/// <param name="Error">Why there is no result, for people; "" where there is one.</param>
/// <param name="Json">The result, UTF-8.</param>
public readonly record struct NodeAnswer(string Error, ReadOnlyMemory<byte> Json)
{
    public bool IsError => Error.Length > 0;
}

/// <summary>Does what other nodes ask of this one.</summary>
public interface INodeService
{
    /// <summary>One request at a time.</summary>
    ValueTask<NodeAnswer> AnswerAsync(Request request, CancellationToken cancel);
}

/// <summary>Asks nodes, this one included, and answers them.</summary>
public sealed class NodeRequests(
    NodeLink link, INodeService service, RoutingEvents events, TimeProvider time, Random random)
{
    /// <summary>Requests of others that wait; more are refused.</summary>
    private const int WaitingMax = 64;

    /// <summary>Requests of this node that are under way.</summary>
    private const int AskedMax = 1024;

    private readonly ConcurrentDictionary<ulong, Asked> _asked = new();
    private readonly Channel<(string From, Request Request)> _waiting =
        Channel.CreateBounded<(string, Request)>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });

    private long _lastId = random.NextInt64();

    /// <summary>Asks a node and waits for <see cref="MembershipLimits.AnswerWithin"/> at the most.</summary>
    public async ValueTask<NodeAnswer> AskAsync(string node, Request request, CancellationToken cancel)
    {
        if (_asked.Count >= AskedMax) return Failed("too many requests to nodes are under way: try again");
        request.Id = (ulong)Interlocked.Increment(ref _lastId);
        var asked = new Asked(node);
        _asked[request.Id] = asked;
        await using var timer = time.CreateTimer(
            _ => asked.Answered.TrySetResult(Failed(
                $"node {node} did not answer within {MembershipLimits.AnswerWithin.TotalSeconds:0} s")),
            null, MembershipLimits.AnswerWithin, Timeout.InfiniteTimeSpan);
        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((Asked)state!).Answered.TrySetCanceled(token), asked);
        try
        {
            if (!await link.SendAsync(node, new NodeMessage { Request = request }, cancel))
                return Failed($"node {node} cannot be reached: there is no connection to the broker");
            return await asked.Answered.Task;
        }
        finally
        {
            _asked.TryRemove(request.Id, out _);
        }
    }

    /// <summary>Takes the answer of a node; what nobody waits for any more is skipped.</summary>
    public void Complete(string from, Answer answer)
    {
        if (_asked.TryGetValue(answer.Id, out var asked) && asked.Node == from)
            asked.Answered.TrySetResult(new NodeAnswer(answer.Error, answer.Json.Memory));
        else events.NodeMessageSkipped("late_answer", $"from {from}");
    }

    /// <summary>Takes the request of a node; it is answered by <see cref="RunAsync"/>.</summary>
    public void Take(string from, Request request)
    {
        if (!_waiting.Writer.TryWrite((from, request))) events.NodeMessageSkipped("too_many_requests", $"from {from}");
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            var (from, request) = await _waiting.Reader.ReadAsync(cancel);
            var answer = await AnswerAsync(request, cancel);
            await link.SendAsync(from, new NodeMessage
            {
                Answer = new Answer
                {
                    Id = request.Id,
                    Error = answer.Error,
                    Json = UnsafeByteOperations.UnsafeWrap(answer.Json),
                },
            }, cancel);
        }
    }

    private async ValueTask<NodeAnswer> AnswerAsync(Request request, CancellationToken cancel)
    {
        if (request.WhatCase == Request.WhatOneofCase.None)
            return Failed($"node {link.Self.Id} runs version {link.Self.Version}, which does not know this request");
        var answer = await service.AnswerAsync(request, cancel);
        // Room for the head of the message.
        return answer.Json.Length < MembershipLimits.MessageBytesMax - 1024
            ? answer : Failed($"the answer of node {link.Self.Id} is too large to be sent: {answer.Json.Length} bytes");
    }

    private static NodeAnswer Failed(string error) => new(error, default);

    private sealed record Asked(string Node)
    {
        public TaskCompletionSource<NodeAnswer> Answered { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
