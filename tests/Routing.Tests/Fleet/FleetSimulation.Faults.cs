namespace Weir.Routing.Tests.Fleet;

/// <summary>What happens to it; each fault ends by itself.</summary>
internal sealed partial class FleetSimulation
{
    private FleetAgent AnAgent => _agents[_random.Next(AgentCount)];

    private FleetWriter AWriter => _writers[_random.Next(WriterCount)];

    private Task HappenAsync()
    {
        Func<Task>[] faults =
        [
            AgentRestartsAsync, AgentStandsStillAsync, AgentIsCutOffAsync, WriterIsKilledAsync, WriterStandsStillAsync,
            WriterIsCutOffAsync, WriterDrainsAsync, ViewsDifferAsync, BrokerBlocksAsync, QueuesAreFullAsync,
            BrokerIsAwayAsync, EndpointIsAwayAsync,
        ];
        var fault = faults[_random.Next(faults.Length)];
        Story.Add($"{Time.GetUtcNow():mm:ss.fff} {fault.Method.Name}");
        return fault();
    }

    private Task AgentRestartsAsync()
    {
        AnAgent.Restart();
        return Task.CompletedTask;
    }

    private async Task AgentStandsStillAsync()
    {
        var agent = AnAgent;
        agent.Stop();
        await WaitAsync(0, 25_000);
        agent.Continue();
    }

    private async Task AgentIsCutOffAsync()
    {
        var agent = AnAgent;
        agent.Connection.Cut();
        await WaitAsync(0, 10_000);
        agent.Connection.Mend();
    }

    private async Task WriterIsKilledAsync()
    {
        var writer = AWriter;
        if (!writer.IsAlive) return;
        writer.Kill();
        await WaitAsync(0, 10_000);
        Believe();
        await ComeBackAsync(writer);
    }

    /// <summary>Two nodes will believe that they own its shards.</summary>
    private async Task WriterStandsStillAsync()
    {
        var writer = AWriter;
        writer.Stop();
        await WaitAsync(0, 5_000);
        Believe(except: writer);
        await WaitAsync(0, 25_000);
        writer.Continue();
        await WaitAsync(0, 5_000);
        Believe();
    }

    /// <summary>Not one that stands still: the broker would give its shards to another one at once, and it would go on
    /// for one step before it noticed.</summary>
    private async Task WriterIsCutOffAsync()
    {
        var writer = AWriter;
        if (writer.IsStopped) return;
        writer.Connection.Cut();
        await WaitAsync(0, 10_000);
        writer.Connection.Mend();
    }

    private async Task WriterDrainsAsync()
    {
        var writer = AWriter;
        if (!writer.IsAlive) return;
        var draining = writer.DrainAsync();
        Believe();
        await draining;
        await ComeBackAsync(writer);
    }

    private async Task ComeBackAsync(FleetWriter writer)
    {
        await WaitAsync(0, 10_000);
        if (!writer.IsAlive) writer.Start();
        Believe();
    }

    private async Task ViewsDifferAsync()
    {
        foreach (var writer in _writers)
        {
            if (_random.Next(2) == 0) continue;
            writer.Believe([.. _writers.Where(_ => _random.Next(2) == 0).Select(other => other.Id)]);
        }

        await WaitAsync(0, 10_000);
        Believe();
    }

    private async Task BrokerBlocksAsync()
    {
        Broker.IsBlocked = true;
        await WaitAsync(0, 10_000);
        Broker.IsBlocked = false;
    }

    private async Task QueuesAreFullAsync()
    {
        Broker.QueueBytesMax = 200 + _random.Next(2000);
        await WaitAsync(0, 20_000);
        Broker.QueueBytesMax = long.MaxValue;
    }

    private async Task BrokerIsAwayAsync()
    {
        foreach (var agent in _agents) agent.Connection.Cut();
        foreach (var writer in _writers) writer.Connection.Cut();
        await WaitAsync(0, 20_000);
        foreach (var agent in _agents) agent.Connection.Mend();
        foreach (var writer in _writers) writer.Connection.Mend();
    }

    private async Task EndpointIsAwayAsync()
    {
        var endpoint = Endpoints[_random.Next(Endpoints.Count)];
        endpoint.IsAway = true;
        await WaitAsync(0, 20_000);
        endpoint.IsAway = false;
    }
}
