using Weir.Routing.Ports;

namespace Weir.Node.RabbitMq;

/// <summary>The arguments that queues are declared with.</summary>
internal static class QueueSettings
{
    private const int UnlimitedDeliveriesSince = 4;

    // Newer brokers take a consumer that holds a message this long for stuck; older ones know only their own setting.
    private static readonly TimeSpan HoldMax = TimeSpan.FromDays(1);

    /// <param name="brokerVersion">As the broker states it.</param>
    public static Dictionary<string, object?> Of(QueueUse use, QueueSizes sizes, string brokerVersion)
    {
        var settings = new Dictionary<string, object?>
        {
            ["x-queue-type"] = "quorum",
            ["x-single-active-consumer"] = true,
            ["x-overflow"] = "reject-publish",
            ["x-max-length-bytes"] = use switch
            {
                QueueUse.Shard => sizes.Shard,
                QueueUse.Parked => sizes.Parked,
                QueueUse.ParkedIndex => QueueSizes.ParkedIndex,
                _ => sizes.DeadLetters,
            },
            ["x-consumer-timeout"] = (long)HoldMax.TotalMilliseconds,
        };
        // From 4.0 on there is a limit unless it is switched off; earlier there is none, and -1 would mean no delivery
        // after the first.
        if (MajorOf(brokerVersion) >= UnlimitedDeliveriesSince) settings["x-delivery-limit"] = -1;
        return settings;
    }

    private static int MajorOf(string version) =>
        int.TryParse(version.AsSpan(0, Math.Max(version.IndexOf('.', StringComparison.Ordinal), 0)), out var major)
            ? major : 0;
}
