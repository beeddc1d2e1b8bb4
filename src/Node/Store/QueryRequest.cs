using System.Globalization;
using Weir.Protocol.Time;
using Weir.Routing.LogQl;

namespace Weir.Node.Store;

/// <summary>Parameters of a query, from the URL or a form. Times are ns since the epoch; -1 where malformed.</summary>
internal sealed class QueryRequest
{
    /// <summary>Steps that a range is cut into where the request names no step.</summary>
    private const int StepsDefault = 250;

    private const long SecondNanoseconds = 1_000_000_000;

    private const int DigitsOfSecondsMax = 10;

    private string _limit = "";
    private string _direction = "";

    public string Query { get; private init; } = "";

    /// <summary>Inclusive.</summary>
    public long From { get; private init; }

    /// <summary>Exclusive; the instant of an instant query.</summary>
    public long To { get; private init; }

    public long Step { get; private init; }

    public bool IsForward => _direction == "forward";

    public int Limit { get; private set; }

    /// <param name="span">How far a range reaches back where the request does not say.</param>
    public static async Task<QueryRequest> ReadAsync(HttpContext context, TimeProvider time, long span)
    {
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        var end = await OneAsync(context, "end");
        var to = Time(end.Length > 0 ? end : await OneAsync(context, "time"), now);
        if (await OneAsync(context, "since") is { Length: > 0 } since)
            span = LogQlQuantity.TryDuration(since, out var duration) ? duration.Ticks * 100 : -1;
        var from = Time(await OneAsync(context, "start"), to - span);
        return new QueryRequest
        {
            Query = await OneAsync(context, "query"),
            To = to,
            From = span < 0 ? -1 : from,
            Step = StepOf(await OneAsync(context, "step"), to - from),
            _direction = (await OneAsync(context, "direction")).ToLowerInvariant(),
            _limit = await OneAsync(context, "limit"),
        };
    }

    /// <summary>Whether the query and its times can be used.</summary>
    public bool TryCheckRange(out string fault)
    {
        fault = Query.Length == 0 ? "the parameter query is missing"
            : From < 0 || To < 0 ? "start, end, time and since are seconds, nanoseconds, RFC 3339 or a duration"
            : From > To ? "start lies behind end"
            : "";
        return fault.Length == 0;
    }

    /// <summary>Whether all of it can be used.</summary>
    public bool TryCheck(int limitDefault, int limitMax, out string fault)
    {
        Limit = limitDefault;
        if (!TryCheckRange(out fault)) return false;
        fault = Step <= 0 ? "step is a number of seconds or a duration, more than nothing"
            : (To - From) / Step > MetricEvaluation.StepsMax
                ? $"the range has more than {MetricEvaluation.StepsMax} steps"
            : _direction is not ("" or "forward" or "backward") ? "direction is forward or backward"
            : "";
        if (fault.Length > 0 || _limit.Length == 0) return fault.Length == 0;
        if (int.TryParse(_limit, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            && limit > 0 && limit <= limitMax) Limit = limit;
        else fault = $"limit is a number up to {limitMax}";
        return fault.Length == 0;
    }

    /// <summary>The instant behind one, unless time ends there.</summary>
    public static long Behind(long instant) => instant < long.MaxValue ? instant + 1 : instant;

    private static async Task<string> OneAsync(HttpContext context, string name)
    {
        var values = await LokiAnswer.ParametersAsync(context, name);
        return values.Count > 0 ? values[0] : "";
    }

    private static long StepOf(string text, long span)
    {
        if (text.Length == 0) return Math.Max(span / StepsDefault / SecondNanoseconds, 1) * SecondNanoseconds;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            return Nanoseconds(seconds);
        return LogQlQuantity.TryDuration(text, out var duration) ? duration.Ticks * 100 : -1;
    }

    /// <summary>Longer whole numbers are nanoseconds, others seconds, as in Loki.</summary>
    private static long Time(string text, long otherwise)
    {
        if (text.Length == 0) return otherwise;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return text.Length > DigitsOfSecondsMax ? whole : whole * SecondNanoseconds;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            return Nanoseconds(seconds);
        return Rfc3339.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var nanoseconds) ? nanoseconds : -1;
    }

    /// <summary>To the millisecond, which is as fine as a number of seconds that large can be.</summary>
    private static long Nanoseconds(double seconds) =>
        double.Abs(seconds) < long.MaxValue / SecondNanoseconds ? (long)Math.Round(seconds * 1000) * 1_000_000 : -1;
}
