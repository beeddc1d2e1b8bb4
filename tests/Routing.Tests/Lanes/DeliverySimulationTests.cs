using System.Text;

namespace Weir.Routing.Tests.Lanes;

public sealed class DeliverySimulationTests
{
    [Fact]
    public void Without_faults_every_line_arrives_once_and_in_order() => Fuzz.Run(200, random =>
    {
        var simulation = new DeliverySimulation(random.Next(), faults: false);

        simulation.Run();

        foreach (var endpoint in simulation.Endpoints)
        {
            Assert.Equal(simulation.Written.Order(), endpoint.Stored.Select(one =>
                SimulatedEndpoint.IdOf(one.Entry)).Order());
            AssertOrder(endpoint);
        }

        Assert.Equal(0, simulation.FragmentsLeft);
        Assert.Empty(simulation.DeadLetters);
    });

    [Fact]
    public void Under_faults_no_line_is_lost_and_only_what_was_in_doubt_comes_twice_byte_for_byte() =>
        Fuzz.Run(1000, random =>
    {
        var simulation = new DeliverySimulation(random.Next(), faults: true);

        simulation.Run();

        // Positions and fragments go together: whatever crashed, the spool got each line exactly once.
        Assert.Equal(simulation.Written.Order(), simulation.Journal
            .SelectMany(fragment => ScriptedPushClient.Decode(fragment.Body.Span, ""))
            .Select(SimulatedEndpoint.IdOf).Order());
        foreach (var endpoint in simulation.Endpoints) AssertDelivered(simulation, endpoint);
        Assert.Equal(0, simulation.FragmentsLeft);
    });

    [Fact]
    public void Under_faults_nothing_comes_twice_to_endpoints_that_say_what_they_have() =>
        Fuzz.Run(500, random =>
    {
        var simulation = new DeliverySimulation(random.Next(), faults: true, answers: true);

        simulation.Run();

        foreach (var endpoint in simulation.Endpoints) AssertDelivered(simulation, endpoint);
        Assert.Equal(0, simulation.FragmentsLeft);
    });

    private static void AssertDelivered(DeliverySimulation simulation, SimulatedEndpoint endpoint)
    {
        var buried = simulation.DeadLetters.Where(letter => letter.Letter.Lane.Endpoint == endpoint.Name)
            .SelectMany(letter => ScriptedPushClient.Decode(letter.Letter.Body.Span, ""))
            .Select(SimulatedEndpoint.IdOf).ToHashSet();
        var stored = endpoint.Stored.GroupBy(one => SimulatedEndpoint.IdOf(one.Entry)).ToDictionary(one => one.Key);
        foreach (var id in simulation.Written)
        {
            if (DeliverySimulation.IsPoisoned(id.Line)) Assert.Contains(id, buried);
            else Assert.True(stored.ContainsKey(id), $"{id} did not reach {endpoint.Name}");
        }

        foreach (var copies in stored.Values)
        {
            Assert.Single(copies.Select(copy => copy.Entry).Distinct());
            Assert.All(copies.Skip(1), copy =>
                Assert.True(copy.MayBeRepeated, $"{copies.Key} came twice without a doubt"));
            Assert.Equal(DeliverySimulation.TextOf(copies.Key.Source, copies.Key.Line), copies.First().Entry.Line);
        }

        Assert.All(buried, id => Assert.True(DeliverySimulation.IsPoisoned(id.Line), $"{id} was buried alive"));
        AssertOrder(endpoint);
    }

    /// <summary>First copies of each stream come in the order they were written.</summary>
    private static void AssertOrder(SimulatedEndpoint endpoint)
    {
        foreach (var stream in endpoint.Stored.Select(one => one.Entry).GroupBy(entry => (entry.Tenant, entry.Stream)))
        {
            var first = stream.DistinctBy(entry => entry.Timestamp).Select(entry => entry.Timestamp).ToList();
            Assert.Equal(first.Order(), first);
        }
    }
}
