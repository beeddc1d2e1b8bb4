using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>A push on its way to a decision: what of it is still to be sent, and whether that may have been stored
/// already.</summary>
internal sealed class PendingPush(PushBody push)
{
    private readonly PushBody _whole = push;
    private int _lookupFailures;

    /// <summary>The push, or what of it was not found stored.</summary>
    public PushBody Body { get; private set; } = push;

    public bool IsInDoubt { get; set; } = push.IsInDoubt;

    /// <summary>Takes over what a lookup found.</summary>
    /// <returns>What that settles instead of sending; null: send <see cref="Body"/>.</returns>
    public PushAnswer? Conclude(in Lookup lookup, EndpointLookup endpoint)
    {
        switch (lookup.Outcome)
        {
            case LookupOutcome.Found:
                return new PushAnswer(PushOutcome.Answered, 204, TimeSpan.Zero, "found stored");
            case LookupOutcome.Missing or LookupOutcome.Partly:
                Body = lookup.Rest ?? Body;
                IsInDoubt = false;
                _lookupFailures = 0;
                return null;
            // A server that is away takes no push either: it is asked again until it is back.
            case LookupOutcome.Unreachable when endpoint.SharesServer:
            case LookupOutcome.Unreachable or LookupOutcome.Failed when ++_lookupFailures < Reconciliation.FailuresMax:
                return new PushAnswer(PushOutcome.NotSent, 0, TimeSpan.Zero, $"looking up a push: {lookup.Detail}");
            default:
                return null;
        }
    }

    public Settlement Settle(Decision decision, int status, string detail) =>
        new(decision, status, detail) { Rest = ReferenceEquals(Body, _whole) ? null : Body };
}
