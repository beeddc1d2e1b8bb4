using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Sharding;

/// <summary>An endpoint that stores what it is sent, some moments later, unless a test has it answer something
/// else.</summary>
internal sealed class ShardEndpoint
{
    private readonly ManualTime _time;

    public ShardEndpoint(ManualTime time, string name = "a")
    {
        _time = time;
        Client = new ScriptedPushClient(AnswerAsync);
        Settings = new EndpointSettings { Name = name, Host = name, Client = Client };
    }

    public EndpointSettings Settings { get; set; }

    public ScriptedPushClient Client { get; }

    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Asked first; null: it is stored.</summary>
    public Func<ReceivedPush, PushAnswer?> Instead { get; set; } = _ => null;

    /// <summary>Arrivals in order.</summary>
    public List<ReceivedEntry> Stored { get; } = [];

    /// <summary>When each came.</summary>
    public List<(ReceivedEntry Entry, DateTimeOffset At)> Arrivals { get; } = [];

    private async ValueTask<PushAnswer> AnswerAsync(ReceivedPush push, CancellationToken cancel)
    {
        await Task.Delay(Latency / 2, _time, cancel);
        if (Instead(push) is { } instead) return instead;
        foreach (var entry in push.Entries)
        {
            Stored.Add(entry);
            Arrivals.Add((entry, _time.GetUtcNow()));
        }

        await Task.Delay(Latency / 2, _time, cancel);
        return ScriptedPushClient.Accepted;
    }
}
