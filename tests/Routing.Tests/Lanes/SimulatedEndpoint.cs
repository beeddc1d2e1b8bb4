using System.Globalization;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Lanes;

/// <summary>An endpoint with moods: it stores, refuses, throttles, hangs and dies, and remembers why an entry may come
/// twice.</summary>
/// <param name="answers">It says what it has stored: then nothing may come twice.</param>
internal sealed class SimulatedEndpoint(string name, int seed, bool faults, bool answers)
{
    private readonly Random _random = new(seed);
    private readonly HashSet<(int Source, int Line)> _maybeAgain = [];
    private readonly List<(int Source, int Line)> _sinceCrash = [];

    public string Name => name;

    /// <summary>Arrivals in order.</summary>
    public List<(ReceivedEntry Entry, bool MayBeRepeated)> Stored { get; } = [];

    public EndpointSettings Settings(ManualTime time, bool isCalm) => new()
    {
        Name = name,
        Host = name,
        TenantId = "own",
        BatchBytes = 4096,
        Client = new ScriptedPushClient((push, cancel) => AnswerAsync(push, time, isCalm, cancel)),
        Lookup = answers ? new EndpointLookup(Query(time), sharesServer: true, isInsisted: false) : null,
    };

    /// <summary>The node died: what was sent and not yet acknowledged in the spool may come again.</summary>
    public void Crashed()
    {
        if (!answers) foreach (var id in _sinceCrash) _maybeAgain.Add(id);
        _sinceCrash.Clear();
    }

    public static (int Source, int Line) IdOf(ReceivedEntry entry)
    {
        var parts = entry.Line.Split(':');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private ScriptedLogQuery Query(ManualTime time) => new(() => Stored.Select(one => one.Entry))
    {
        Delay = async cancel => await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(50)), time, cancel),
        Instead = _ => _random.Next(5) == 0
            ? new QueryAnswer(QueryOutcome.Unreachable, 0, "connection refused", default) : null,
        IsCategorized = seed % 2 == 0,
        Added = seed % 3 == 0 ? ",service_name=\"unknown_service\"" : "",
    };

    private async ValueTask<PushAnswer> AnswerAsync(
        ReceivedPush push, ManualTime time, bool isCalm, CancellationToken cancel)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(50)), time, cancel);
        var mood = faults && !isCalm ? _random.Next(24) : 100;
        switch (mood)
        {
            case 0: return ScriptedPushClient.Status(429) with { RetryAfter = TimeSpan.FromSeconds(_random.Next(20)) };
            case 1: return ScriptedPushClient.Status(503);
            case 2: return new PushAnswer(PushOutcome.NotSent, 0, TimeSpan.Zero, "connection refused");
            case 3: return ScriptedPushClient.Status(401);
            case 4:
                await Task.Delay(TimeSpan.FromSeconds(_random.Next(60)), time, cancel);
                return new PushAnswer(PushOutcome.Unknown, 0, TimeSpan.Zero, "timeout");
            case 8 when push.Entries.Count > 1: // a part of it stored, and nobody heard of that
                var part = push.Entries.Take(_random.Next(push.Entries.Count));
                Store(push with { Entries = [.. part] }, again: !answers);
                return ScriptedPushClient.Status(500, "DeadlineExceeded");
            case 5 or 6: // stored, and nobody heard of it
                Store(push, again: !answers);
                return mood == 5 ? ScriptedPushClient.Status(500) : new PushAnswer(PushOutcome.Unknown, 0, default,
                    "reset");
            case 7 when push.Entries.Count > 1: return ScriptedPushClient.Status(413);
        }

        var isPartial = faults && push.Entries.Any(entry => DeliverySimulation.IsPoisoned(IdOf(entry).Line));
        Store(push, again: isPartial && !answers); // a search sends the valid ones again
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(20)), time, cancel);
        return ScriptedPushClient.Status(isPartial ? 400 : 204);
    }

    private void Store(ReceivedPush push, bool again)
    {
        foreach (var entry in push.Entries)
        {
            var id = IdOf(entry);
            if (faults && DeliverySimulation.IsPoisoned(id.Line)) continue;
            Stored.Add((entry, _maybeAgain.Contains(id)));
            _sinceCrash.Add(id);
            if (again) _maybeAgain.Add(id);
        }
    }
}
