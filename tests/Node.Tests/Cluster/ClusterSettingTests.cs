using Weir.Node.Cluster;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Support;

namespace Weir.Node.Tests.Cluster;

public sealed class ClusterSettingTests
{
    private static readonly ClusterBlockOptions Block = new() { Broker = new Secret("amqp://one"), Shards = 4 };

    [Fact]
    public async Task A_block_that_is_as_it_was_at_the_start_is_healthy()
    {
        await SaysAsync(Block, Block with { Broker = new Secret("amqp://one") }, HealthState.Healthy, "in force");
        await SaysAsync(atStart: null, Block, HealthState.Healthy, "in force");
    }

    [Fact]
    public async Task A_block_that_was_changed_since_the_start_says_so()
    {
        await SaysAsync(Block, Block with { Shards = 8 }, HealthState.Unhealthy, "restart");
        await SaysAsync(new ClusterBlockOptions(), Block, HealthState.Unhealthy, "restart");
    }

    private static async Task SaysAsync(
        ClusterBlockOptions? atStart, ClusterBlockOptions now, HealthState state, string part)
    {
        var host = new RecordingHost("cluster");
        await using var setting = new ClusterSetting(host, atStart);

        await setting.ApplyAsync((object)now, default);

        await host.ReportedAsync(state, part);
    }
}
