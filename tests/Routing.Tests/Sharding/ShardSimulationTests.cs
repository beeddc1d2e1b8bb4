using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Tests.Sharding;

/// <summary>Writers under faults of all kinds, until all is delivered.</summary>
public sealed class ShardSimulationTests
{
    [Fact]
    public void Whatever_happens_to_writers_nothing_is_lost_and_the_order_stays() => Fuzz.Run(60, random =>
    {
        var simulation = new Simulation(random, stops: true, reads: false);

        simulation.Run();

        simulation.AssertDelivered(once: false);
    });

    [Fact]
    public void Where_endpoints_answer_queries_nothing_comes_twice() => Fuzz.Run(60, random =>
    {
        var simulation = new Simulation(random, stops: false, reads: true);

        simulation.Run();

        simulation.AssertDelivered(once: true);
    });

    private sealed class Simulation
    {
        private readonly Random _random;
        private readonly ShardFixture _fixture;
        private readonly ShardEndpoint[] _endpoints;
        private readonly bool _stops;
        private bool _isCalm;
        private int _started;

        public Simulation(Random random, bool stops, bool reads)
        {
            _random = random;
            _stops = stops;
            _fixture = new ShardFixture(random.Next(), 1 + random.Next(3));
            _endpoints = [.. Enumerable.Range(0, 1 + random.Next(2)).Select(i => EndpointOf($"e{i}", reads))];
        }

        public void Run() => _fixture.Run(async () =>
        {
            var hosts = Enumerable.Range(0, 3).Select(SendAsync).ToArray();
            await StartAsync();
            await StartAsync();
            for (var i = 0; i < 15; i++)
            {
                await _fixture.WaitAsync(_random.NextDouble() * 6);
                await HappenAsync();
            }

            _isCalm = true;
            foreach (var node in Live)
            {
                node.Connection.Mend();
                node.Continue();
            }

            if (Live.Length == 0) await StartAsync();
            Assign();
            await Task.WhenAll(hosts);
            await _fixture.DeliveredAsync();
        });

        public void AssertDelivered(bool once)
        {
            foreach (var endpoint in _endpoints) _fixture.AssertDelivered(endpoint, once);
            foreach (var node in _fixture.Nodes)
                Assert.DoesNotContain(node.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
        }

        private WriterNode[] Live => [.. _fixture.Nodes.Where(node => node.IsAlive)];

        private ShardEndpoint EndpointOf(string name, bool reads)
        {
            var endpoint = new ShardEndpoint(_fixture.Time, name)
            {
                Latency = TimeSpan.FromMilliseconds(20 + _random.Next(500)),
            };
            var badUntil = _fixture.Time.GetUtcNow();
            endpoint.Instead = push =>
            {
                var now = _fixture.Time.GetUtcNow();
                if (!_isCalm && _random.Next(40) == 0) badUntil = now + TimeSpan.FromSeconds(_random.Next(30));
                if (_isCalm || now >= badUntil) return null;
                return push.Tenant == "t1" || _random.Next(4) == 0
                    ? ScriptedPushClient.Status(429) with { RetryAfter = TimeSpan.FromSeconds(_random.Next(8)) } : null;
            };
            if (reads)
            {
                endpoint.Settings = endpoint.Settings with
                {
                    Lookup = new EndpointLookup(new ScriptedLogQuery(() => endpoint.Stored), true, false),
                };
            }

            return endpoint;
        }

        private async Task SendAsync(int host)
        {
            var lineBytes = _random.Next(3) == 0 ? 20_000 : 100;
            for (var i = 0; i < 40; i++)
            {
                await _fixture.SendAsync($"host{host}", $"t{_random.Next(3)}", 1 + _random.Next(5), lineBytes);
                await _fixture.WaitAsync(_random.NextDouble() * 2);
            }
        }

        private async Task StartAsync()
        {
            await _fixture.StartAsync($"w{++_started}", _endpoints);
            Assign();
        }

        private void Assign() => _fixture.Assign(Live);

        private async Task HappenAsync()
        {
            if (Live.Length == 0)
            {
                await StartAsync();
                return;
            }

            var node = Live[_random.Next(Live.Length)];
            switch (_random.Next(6))
            {
                case 0:
                    node.Kill();
                    await _fixture.WaitAsync(_random.NextDouble() * 8);
                    Assign();
                    break;
                case 1:
                    node.Connection.Cut();
                    await _fixture.WaitAsync(_random.NextDouble() * 8);
                    node.Connection.Mend();
                    break;
                case 2 when _stops:
                    await StandStillAsync(node);
                    break;
                case 3 when Live.Length > 1:
                    _fixture.Assign([.. Live.Where(one => one != node)]);
                    await node.DrainAsync();
                    break;
                case 4 when Live.Length < 4:
                    await StartAsync();
                    break;
                default:
                    // Presence is wrong for a while: a writer that lives does not count.
                    _fixture.Assign([.. Live.Where(_ => _random.Next(2) == 0)]);
                    await _fixture.WaitAsync(_random.NextDouble() * 8);
                    Assign();
                    break;
            }
        }

        private async Task StandStillAsync(WriterNode node)
        {
            node.Stop();
            await _fixture.WaitAsync(6);
            _fixture.Assign([.. Live.Where(one => one != node)]);
            await _fixture.WaitAsync(_random.NextDouble() * 20);
            node.Continue();
            await _fixture.WaitAsync(_random.NextDouble() * 3);
            Assign();
        }
    }
}
