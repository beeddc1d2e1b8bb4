using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Writers;

/// <summary>An endpoint that stores what it says it does, answers by script, and tells what it has.</summary>
internal sealed class StoringEndpoint
{
    public static readonly PushAnswer Timeout = new(PushOutcome.Unknown, 0, TimeSpan.Zero, "timeout");

    private readonly Queue<(int Entries, PushAnswer Answer)> _fates = new();

    public StoringEndpoint()
    {
        Client = new ScriptedPushClient((push, _) => ValueTask.FromResult(Take(push)));
        Query = new ScriptedLogQuery(() => Held);
    }

    public List<ReceivedEntry> Held { get; } = [];

    public ScriptedPushClient Client { get; }

    public ScriptedLogQuery Query { get; }

    /// <summary>Whether queries go to the server that takes the pushes.</summary>
    public bool SharesServer { get; init; } = true;

    public bool IsInsisted { get; init; }

    public EndpointSettings Settings => DeliveryFixture.Endpoint(Client) with
    {
        Lookup = new EndpointLookup(Query, SharesServer, IsInsisted),
    };

    /// <summary>The next push that has no fate yet stores its first <paramref name="entries"/> and is answered so;
    /// when there is no fate left, all is stored and accepted.</summary>
    public StoringEndpoint Then(PushAnswer answer, int entries = int.MaxValue)
    {
        _fates.Enqueue((entries, answer));
        return this;
    }

    /// <summary>Lines as they arrived, each copy of them.</summary>
    public string Lines => string.Join(' ', Held.Select(entry => entry.Line));

    private PushAnswer Take(ReceivedPush push)
    {
        var (entries, answer) = _fates.TryDequeue(out var fate) ? fate : (int.MaxValue, ScriptedPushClient.Accepted);
        Held.AddRange(push.Entries.Take(entries));
        return answer;
    }
}
