namespace Weir.Routing.Ports;

/// <summary>How a query ended.</summary>
public enum QueryOutcome : byte
{
    /// <summary>The server answered: see the status.</summary>
    Answered,

    /// <summary>No connection to the server came about.</summary>
    Unreachable,

    /// <summary>It broke off, or no answer came in time.</summary>
    Failed,

    /// <summary>The answer was larger than <see cref="LogQuery.AnswerBytesMax"/>.</summary>
    TooLarge,
}

/// <summary>One page of what an endpoint holds, oldest first.</summary>
/// <param name="Selector">LogQL: <c>{job="a", file=~"x|y"}</c>.</param>
/// <param name="From">Inclusive, ns since the epoch.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Limit">Entries at the most.</param>
/// <param name="AnswerBytesMax">Bytes of the answer at the most.</param>
public readonly record struct LogQuery(string Selector, long From, long To, int Limit, int AnswerBytesMax);

/// <param name="Status">HTTP status; 0 unless answered.</param>
/// <param name="Detail">The text of an answer other than 200, or the failure, cut to
/// <see cref="PushAnswer.DetailMax"/>; never a secret.</param>
/// <param name="Body">The JSON of a 200 as it came: nothing is known of it. Else empty.</param>
public readonly record struct QueryAnswer(QueryOutcome Outcome, int Status, string Detail, ReadOnlyMemory<byte> Body);

/// <summary>Asks one Loki endpoint what it has stored (<c>query_range</c>), with credentials, TLS and
/// headers.</summary>
public interface ILogQuery : IDisposable
{
    /// <summary>Failures of the network are answers, not exceptions.</summary>
    /// <param name="tenant">For <c>X-Scope-OrgID</c>; "" sends none.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> only; the timeout is an
    /// answer.</exception>
    ValueTask<QueryAnswer> QueryAsync(LogQuery query, string tenant, CancellationToken cancel);
}
