using Weir.Protocol.Fragments;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

/// <summary>Puts what an endpoint refused for good into the destination's dead-letter queue.</summary>
internal sealed class DeadLetterBox(ShardContext context, string destination)
{
    // Leaves room in the header for the names, which the answer must not push out.
    private const int DetailMax = 300;

    private readonly string _queue = context.Names.DeadLetters(destination);

    /// <summary>Returns when the broker has it, however long that takes.</summary>
    public ValueTask KeepAsync(DeadLetter letter, CancellationToken cancel) => KeepAsync(
        letter.Facts.ToHeader(),
        Fields(letter.Reason, letter.Detail) with
        {
            Tenant = letter.Lane.Tenant,
            Endpoint = letter.Lane.Endpoint,
            Status = letter.StatusCode,
        },
        letter.Body, cancel);

    /// <summary>Keeps a message that cannot be read, as it came.</summary>
    public ValueTask KeepDamagedAsync(
        ReadOnlyMemory<byte> message, string fault, CancellationToken cancel) => KeepAsync(
        FragmentHeader.WithoutEntries(message.Length), Fields(DropReason.Damaged, fault), message, cancel);

    private async ValueTask KeepAsync(
        FragmentHeader header, FragmentFields fields, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var message = FragmentMessage.Write(header, fields, body.Span);
        for (var failures = 1; ; failures++)
        {
            var outcome = await context.Broker.PublishAsync(_queue, message, cancel);
            if (outcome == PublishOutcome.Confirmed) return;
            if (failures == 1) context.Events.DeadLetterWaits(destination, outcome);
            await Task.Delay(ShardLimits.RetryAfter, context.Time, cancel);
        }
    }

    /// <summary>The sequence is the letter's id: unlike any other of the node, the same in each copy of it.</summary>
    private FragmentFields Fields(string reason, string detail) => new()
    {
        Node = context.Node,
        Destination = destination,
        Sequence = context.NextLetter(),
        Reason = reason,
        Detail = detail.Length > DetailMax ? detail[..DetailMax] : detail,
        RefusedAt = context.Time.GetUtcNow().ToUnixTimeMilliseconds(),
    };
}
