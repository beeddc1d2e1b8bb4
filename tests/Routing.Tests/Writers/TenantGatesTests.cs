using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Tests.Writers;

public sealed class TenantGatesTests
{
    private readonly ManualTime _time = new();
    private int _writers = 1;

    [Fact]
    public void A_tenant_is_held_to_its_rate_and_another_one_is_not()
    {
        var limits = new TenantLimits(RateBytes: 1000, BurstBytes: 2000, InFlightBytes: 0);
        var gates = Gates();
        var (one, other) = (GateOf(gates, limits, "one"), GateOf(gates, limits, "other"));

        Assert.Equal(TimeSpan.Zero, one.Enter(2000).Wait);
        Assert.Equal(TimeSpan.FromSeconds(1), one.Enter(1000).Wait);
        Assert.Equal(TimeSpan.Zero, other.Enter(2000).Wait);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, one.Enter(1000).Wait);
        Assert.Equal(LaneState.Throttled, one.Enter(1000).State);
    }

    [Fact]
    public void Over_a_minute_what_passes_is_the_rate_whatever_the_size_of_pushes()
    {
        var gate = GateOf(Gates(), new TenantLimits(1000, 500, 0), "one");
        var passed = 0;

        for (var until = _time.GetUtcNow() + TimeSpan.FromMinutes(1); _time.GetUtcNow() < until;)
        {
            var turn = gate.Enter(2000); // four times the burst
            if (turn.Wait > TimeSpan.Zero) _time.Advance(turn.Wait);
            else passed += 2000;
        }

        Assert.InRange(passed, 58_000, 62_500);
    }

    [Fact]
    public void Writers_that_serve_a_tenant_share_its_limits_and_take_them_over_from_those_that_go()
    {
        _writers = 4;
        var gate = GateOf(Gates(), new TenantLimits(1000, 1000, 400), "one");

        Assert.Equal(TimeSpan.Zero, gate.Enter(100).Wait);
        Assert.True(gate.Enter(1).Wait > TimeSpan.Zero, "in flight is a quarter of 400");
        gate.Leave(100);
        Assert.Equal(TimeSpan.Zero, gate.Enter(150).Wait);
        gate.Leave(150);
        Assert.Equal(TimeSpan.FromSeconds(0.4), gate.Enter(100).Wait);
        _writers = 1;
        _time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(TimeSpan.Zero, gate.Enter(400).Wait);
    }

    [Fact]
    public void One_push_is_always_let_through_however_small_the_limit()
    {
        var gate = GateOf(Gates(), new TenantLimits(0, 0, 10), "one");

        Assert.Equal(TimeSpan.Zero, gate.Enter(1000).Wait);
        Assert.True(gate.Enter(1).Wait > TimeSpan.Zero);
        gate.Leave(1000);
        Assert.Equal(TimeSpan.Zero, gate.Enter(1000).Wait);
    }

    [Fact]
    public void A_single_node_sends_no_faster_than_its_configuration_allows()
    {
        var fixture = new DeliveryFixture();
        var client = new ScriptedPushClient();
        var endpoint = DeliveryFixture.Endpoint(client) with
        {
            BatchBytes = 100,
            TenantLimits = new TenantLimits(100, 100, 0),
        };
        var took = TimeSpan.Zero;

        fixture.Run(DeliveryFixture.Settings(endpoint), async () =>
        {
            var began = fixture.Time.GetUtcNow();
            await fixture.SendAsync(DeliveryFixture.Numbered(40, bytes: 50));
            await fixture.DeliveredAsync();
            took = fixture.Time.GetUtcNow() - began;
        });

        Assert.InRange(took, TimeSpan.FromSeconds(18), TimeSpan.FromSeconds(30));
        Assert.Equal(40, client.Pushes.Sum(push => push.Entries.Count));
    }

    private TenantGates Gates() => new(_time, (_, _, _) => _writers);

    private static IPushGate GateOf(TenantGates gates, TenantLimits limits, string tenant) => gates.Of(
        new LaneKey("d", "a", tenant, 0),
        DeliveryFixture.Endpoint(new ScriptedPushClient()) with { TenantLimits = limits });
}
