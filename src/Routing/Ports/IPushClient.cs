namespace Weir.Routing.Ports;

/// <summary>How far a push got.</summary>
public enum PushOutcome : byte
{
    /// <summary>The endpoint answered: see the status.</summary>
    Answered,

    /// <summary>No byte of the body left this node: sending again cannot duplicate.</summary>
    NotSent,

    /// <summary>The body, or a part of it, was sent and no answer came: it may have been stored.</summary>
    Unknown,
}

/// <param name="Status">HTTP status; 0 unless answered.</param>
/// <param name="RetryAfter">What the endpoint asked for; zero where it did not.</param>
/// <param name="Detail">The answer's text or the failure, cut to <see cref="DetailMax"/>; never a secret.</param>
public readonly record struct PushAnswer(PushOutcome Outcome, int Status, TimeSpan RetryAfter, string Detail)
{
    public const int DetailMax = 4096;
}

/// <summary>One HTTP endpoint with its credentials, TLS and headers.</summary>
public interface IPushClient : IDisposable
{
    /// <summary>Posts one body, given in pieces. Failures of the network are answers, not exceptions.</summary>
    /// <param name="tenant">For <c>X-Scope-OrgID</c>; "" sends none.</param>
    /// <param name="mayLeave">Asked when the body is about to leave: a process may have stood still since the call. If
    /// not, nothing was sent. Null: it may.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> only; the endpoint's timeout is an
    /// answer.</exception>
    ValueTask<PushAnswer> PushAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> body, string tenant, CancellationToken cancel,
        Func<bool>? mayLeave = null);
}
