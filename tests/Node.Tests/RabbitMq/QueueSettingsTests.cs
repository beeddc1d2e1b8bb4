using Weir.Node.RabbitMq;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.RabbitMq;

public sealed class QueueSettingsTests
{
    [Theory]
    [InlineData("3.10.8", false)]
    [InlineData("3.13.7", false)]
    [InlineData("4.0.2", true)]
    [InlineData("", false)]
    public void Redelivery_has_no_limit_in_any_version(string version, bool isSaid)
    {
        var settings = QueueSettings.Of(QueueUse.Shard, new QueueSizes(), version);

        Assert.Equal(isSaid, settings.ContainsKey("x-delivery-limit"));
    }

    [Fact]
    public void A_full_queue_pushes_back()
    {
        var settings = QueueSettings.Of(QueueUse.Parked, new QueueSizes { Parked = 7 }, "3.10.8");

        Assert.Equal(("reject-publish", 7L, true, "quorum"), (settings["x-overflow"], settings["x-max-length-bytes"],
            settings["x-single-active-consumer"], settings["x-queue-type"]));
    }
}
