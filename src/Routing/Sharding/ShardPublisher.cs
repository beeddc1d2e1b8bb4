using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

/// <summary>Puts messages into queues on behalf of a shard's owner: one at a time, in order, as long as it surely owns
/// the shard.</summary>
internal sealed class ShardPublisher(ShardId shard, ShardGate lease, ShardContext context)
{
    /// <summary>Returns when the broker has it, however long that takes.</summary>
    /// <param name="write">Makes the message; true: it may be in the queue already. Null: it is not needed any
    /// more.</param>
    public async ValueTask SendAsync(string queue, Func<bool, byte[]?> write, CancellationToken cancel)
    {
        var isResent = false;
        for (var failures = 0; ;)
        {
            if (!lease.IsHeld)
            {
                await Task.Delay(ShardGate.AskAgainAfter, context.Time, cancel);
                continue;
            }

            if (write(isResent) is not { } message) return;
            var outcome = await context.Broker.PublishAsync(queue, message, cancel);
            if (outcome == PublishOutcome.Confirmed) return;
            if (++failures == 1) context.Events.ParkingWaits(shard, queue, outcome);
            isResent |= outcome == PublishOutcome.Unknown;
            await Task.Delay(ShardLimits.RetryAfter, context.Time, cancel);
        }
    }
}
