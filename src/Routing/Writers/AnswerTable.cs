using System.Globalization;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>What a push's answer asks for.</summary>
internal enum Verdict : byte
{
    /// <summary>Stored.</summary>
    Accepted,

    /// <summary>Some entries are invalid; the valid ones were stored.</summary>
    Invalid,

    /// <summary>Refused as a whole and for good.</summary>
    Refused,

    /// <summary>Too large at once: split and send again.</summary>
    TooLarge,

    /// <summary>Wait as asked; no failure.</summary>
    Throttled,

    /// <summary>Wrong address or credentials: keep the data, try again slowly, say so loudly.</summary>
    Misconfigured,

    /// <summary>Not stored, or nobody knows: try again.</summary>
    Failed,
}

/// <param name="Reason">The word for counters where entries are given up.</param>
internal readonly record struct Decision(Verdict Verdict, string Reason = "");

/// <summary>What each answer of a Loki endpoint means: a table without state.</summary>
internal static class AnswerTable
{
    private const int IngestionBlocked = 260;

    // Of the streams of a push, only those above their own limit were refused.
    private const string StreamLimited = "Per stream rate limit exceeded";

    /// <param name="retryOnRateLimit">Whether 429 is waited out.</param>
    public static Decision Decide(in PushAnswer answer, bool retryOnRateLimit)
    {
        if (answer.Outcome != PushOutcome.Answered) return new Decision(Verdict.Failed);
        return answer.Status switch
        {
            IngestionBlocked => new Decision(Verdict.Refused, DropReason.IngestionBlocked),
            >= 200 and < 300 => new Decision(Verdict.Accepted),
            400 or 422 => new Decision(Verdict.Invalid, DropReason.IngesterError),
            408 or 425 => new Decision(Verdict.Failed),
            413 => new Decision(Verdict.TooLarge, DropReason.IngesterError),
            429 when !retryOnRateLimit => new Decision(Verdict.Refused, DropReason.RateLimited),
            429 => new Decision(ExceedsBurst(answer.Detail) ? Verdict.TooLarge : Verdict.Throttled,
                DropReason.RateLimited),
            // 401, 403, 404, 405, redirects, what a proxy says: nothing that the data is to blame for.
            >= 300 and < 500 => new Decision(Verdict.Misconfigured),
            _ => new Decision(Verdict.Failed),
        };
    }

    /// <summary>Whether some of a push that is to be sent again may have been stored already.</summary>
    public static bool MayBeStored(in PushAnswer answer) => answer.Outcome switch
    {
        PushOutcome.NotSent => false,
        PushOutcome.Unknown => true,
        _ => answer.Status is 408 or >= 500
            || (answer.Status == 429 && answer.Detail.Contains(StreamLimited, StringComparison.Ordinal)),
    };

    /// <summary>Loki says how much a push held and what a second allows: above that, waiting alone may never
    /// help.</summary>
    private static bool ExceedsBurst(string detail) =>
        NumberAfter(detail, "limit: ") is { } limit && NumberAfter(detail, "totaling '") is { } total
        && limit > 0 && total > limit;

    private static long? NumberAfter(string text, string word)
    {
        var at = text.IndexOf(word, StringComparison.Ordinal);
        if (at < 0) return null;
        var start = at + word.Length;
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
        return long.TryParse(text.AsSpan(start, end - start), CultureInfo.InvariantCulture, out var number)
            ? number : null;
    }
}
