using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Fleet;

/// <summary>An endpoint with moods, a process of its own: what was sent to it arrives, whatever becomes of the
/// sender.</summary>
/// <param name="canRead">Whether it answers queries, so that pushes of unknown outcome are looked up.</param>
internal sealed class FleetEndpoint(string name, FleetSimulation fleet, bool canRead, Random random)
{
    private static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(10);

    private readonly SimulatedProcess _process = new(fleet.Schedule);

    public string Name => name;

    public bool CanRead => canRead;

    /// <summary>Answers nothing at all.</summary>
    public bool IsAway { get; set; }

    /// <summary>Arrivals in order.</summary>
    public List<ReceivedEntry> Stored { get; } = [];

    /// <summary>When each came, and from whom.</summary>
    public List<(ReceivedEntry Entry, DateTimeOffset At, string Writer)> Arrivals { get; } = [];

    /// <summary>Pushes that carried fragments of several nodes.</summary>
    public int JoinedPushes { get; private set; }

    /// <summary>With a client of its own, as each node has.</summary>
    public EndpointSettings Connect(string writer) => new()
    {
        Name = name,
        Host = name,
        BatchBytes = 4096,
        BackoffMax = TimeSpan.FromSeconds(5),
        Client = new ScriptedPushClient((push, cancel) => PushAsync(writer, push, cancel)),
        Lookup = canRead ? new EndpointLookup(new ScriptedLogQuery(() => Stored), true, false) : null,
    };

    private async ValueTask<PushAnswer> PushAsync(string writer, ReceivedPush push, CancellationToken cancel)
    {
        if (IsAway) return new PushAnswer(PushOutcome.NotSent, 0, TimeSpan.Zero, "connection refused");
        var answer = new TaskCompletionSource<PushAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = _process.Run(async () => answer.TrySetResult(await AnswerAsync(writer, push)));
        await using var late = fleet.Time.CreateTimer(
            _ => answer.TrySetResult(new PushAnswer(PushOutcome.Unknown, 0, TimeSpan.Zero, "timeout")),
            null, LateAfter, Timeout.InfiniteTimeSpan);
        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<PushAnswer>)state!).TrySetCanceled(token), answer);
        return await answer.Task;
    }

    private async Task<PushAnswer> AnswerAsync(string writer, ReceivedPush push)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50)), fleet.Time);
        switch (fleet.IsCalm ? -1 : random.Next(30))
        {
            case 0: return ScriptedPushClient.Status(429) with { RetryAfter = TimeSpan.FromSeconds(random.Next(4)) };
            case 1: return ScriptedPushClient.Status(503);
            case 2: return ScriptedPushClient.Status(401);
            case 3: // stored, and the answer is no help
                Store(writer, push);
                return ScriptedPushClient.Status(500);
            case 4: // stored, and no answer came
                Store(writer, push);
                await Task.Delay(2 * LateAfter, fleet.Time);
                return ScriptedPushClient.Accepted;
            case 5: // slow, yet not slower than a push of unknown outcome is left alone
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(800)), fleet.Time);
                break;
        }

        Store(writer, push);
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20)), fleet.Time);
        return ScriptedPushClient.Status(push.Entries.Any(fleet.IsPoisoned) ? 400 : 204);
    }

    private void Store(string writer, ReceivedPush push)
    {
        foreach (var entry in push.Entries)
        {
            if (fleet.IsPoisoned(entry)) continue;
            Stored.Add(entry);
            Arrivals.Add((entry, fleet.Time.GetUtcNow(), writer));
        }

        if (push.Entries.Select(FleetSimulation.AgentOf).Distinct().Count() > 1) JoinedPushes++;
    }
}
