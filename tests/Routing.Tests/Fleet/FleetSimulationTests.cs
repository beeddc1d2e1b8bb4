using System.Collections.Concurrent;
using System.Globalization;

namespace Weir.Routing.Tests.Fleet;

public sealed class FleetSimulationTests
{
    private const int Seeds = 1000;

    [Fact]
    public void Without_faults_every_line_reaches_every_endpoint_once_and_hosts_share_pushes() =>
        Fuzz.Run(20, random =>
    {
        var fleet = new FleetSimulation(random.Next(), faults: false);

        fleet.Run();

        foreach (var endpoint in fleet.Endpoints)
        {
            AssertDelivered(fleet, endpoint);
            Assert.Equal(endpoint.Stored.Distinct().Count(), endpoint.Stored.Count);
            Assert.True(endpoint.JoinedPushes > 0, "no push carried fragments of several nodes");
        }
    });

    /// <summary>A seed that fails replays exactly: give it to the simulation alone.</summary>
    [Fact]
    public void Whatever_happens_to_a_fleet_nothing_is_lost_and_what_can_be_looked_up_is_there_once()
    {
        var failures = new ConcurrentBag<string>();

        Parallel.For(0, Seeds, seed =>
        {
            var fleet = new FleetSimulation(seed, faults: true);
            var fault = Record.Exception(() =>
            {
                fleet.Run();
                foreach (var endpoint in fleet.Endpoints) AssertDelivered(fleet, endpoint);
            });
            if (fault is not null) failures.Add($"seed {seed}: {fault.Message}\n{string.Join('\n', fleet.Story)}");
        });

        Assert.True(failures.IsEmpty, $"{failures.Count} of {Seeds} seeds fail; {failures.FirstOrDefault()}");
    }

    private static void AssertDelivered(FleetSimulation fleet, FleetEndpoint endpoint)
    {
        // Positions and fragments went together: whatever crashed, the spool got each line once.
        foreach (var agent in fleet.Agents)
        {
            var spooled = agent.Spool.Journal
                .SelectMany(fragment => ScriptedPushClient.Decode(fragment.Body.Span, ""))
                .Select(FleetSimulation.LineOf).Order();
            Assert.True(
                Enumerable.Range(0, agent.Lines).SequenceEqual(spooled),
                $"the spool of {agent.Id} got {string.Join(' ', spooled)}");
        }

        var written = from agent in fleet.Agents
                      from line in Enumerable.Range(0, agent.Lines)
                      select (agent.Id, line);
        var buried = fleet.DeadLetters.Where(letter => letter.Fields.Endpoint == endpoint.Name)
            .SelectMany(letter => ScriptedPushClient.Decode(letter.Payload.Span, "")).ToList();
        Assert.All(buried, entry => Assert.True(fleet.IsPoisoned(entry), $"{entry.Line} was buried alive"));
        var arrived = endpoint.Stored.Concat(buried)
            .Select(entry => (FleetSimulation.AgentOf(entry), FleetSimulation.LineOf(entry))).ToHashSet();
        var lost = written.Where(one => !arrived.Contains(one)).ToList();
        Assert.True(lost.Count == 0, $"{string.Join(' ', lost)} did not reach {endpoint.Name}");

        foreach (var copies in endpoint.Stored.GroupBy(entry => (entry.Tenant, entry.Stream, entry.Timestamp)))
        {
            Assert.Single(copies.Distinct());
            if (!endpoint.CanRead || fleet.HasPoison) continue;
            var arrivals = endpoint.Arrivals.Where(one => one.Entry == copies.First())
                .Select(one => $"at {one.At:mm:ss.fff} from {one.Writer}");
            Assert.True(copies.Count() == 1, $"{copies.First().Line} came {string.Join(", ", arrivals)}");
        }

        foreach (var stream in endpoint.Stored.GroupBy(entry => (entry.Tenant, entry.Stream)))
        {
            var first = stream.Select(entry => entry.Timestamp).Distinct().ToList();
            var came = string.Join(' ', first.Select(at => (at % 1000).ToString(CultureInfo.InvariantCulture)));
            Assert.True(first.Order().SequenceEqual(first), $"{stream.Key} came to {endpoint.Name} as {came}");
        }
    }
}
