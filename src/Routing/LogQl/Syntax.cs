namespace Weir.Routing.LogQl;

/// <summary>A query: of lines or of numbers.</summary>
public abstract record LogQlQuery;

/// <summary><c>{app="x"} |= "error" | json | status >= 500</c></summary>
public sealed record LogQuery(StreamSelector Selector, IReadOnlyList<LogStage> Stages) : LogQlQuery;

/// <summary><c>rate({app="x"}[5m])</c></summary>
/// <param name="Function">count_over_time, rate, bytes_over_time or bytes_rate.</param>
public sealed record RangeQuery(string Function, LogQuery Lines, TimeSpan Range, TimeSpan Offset) : LogQlQuery;

/// <summary><c>sum by (app) (rate(…))</c></summary>
/// <param name="Function">sum, avg, min, max, count, topk or bottomk.</param>
/// <param name="By">Labels kept, or where <paramref name="IsWithout"/>, taken away; null: all are merged.</param>
/// <param name="Count">The k of topk and bottomk.</param>
public sealed record AggregateQuery(
    string Function, LogQlQuery Inner, IReadOnlyList<string>? By, bool IsWithout, int Count) : LogQlQuery;

/// <summary>A number; only within arithmetic.</summary>
public sealed record NumberQuery(double Value) : LogQlQuery;

/// <summary><c>vector(1)</c>: a series without labels.</summary>
public sealed record VectorQuery(double Value) : LogQlQuery;

/// <summary><c>sum(rate(…)) / sum(rate(…))</c>: series with the same labels are taken together.</summary>
/// <param name="Operator">+, -, *, / or %.</param>
public sealed record ArithmeticQuery(string Operator, LogQlQuery Left, LogQlQuery Right) : LogQlQuery;

/// <summary>What happens to a line on its way to the answer.</summary>
public abstract record LogStage;

/// <summary><c>|= "a" or "b"</c></summary>
public sealed record LineFilterStage(LineFilter Filter) : LogStage;

/// <summary><c>| json</c> or <c>| json status="response.status"</c>.</summary>
/// <param name="Wanted">Label and path; empty: everything.</param>
public sealed record JsonStage(IReadOnlyList<KeyValuePair<string, string>> Wanted) : LogStage;

/// <summary><c>| logfmt</c> or <c>| logfmt status, code="status"</c>.</summary>
public sealed record LogfmtStage(IReadOnlyList<KeyValuePair<string, string>> Wanted) : LogStage;

/// <summary><c>| level="error" and duration > 10s</c></summary>
public sealed record LabelFilterStage(LabelFilter Filter) : LogStage;

/// <summary><c>| line_format "{{.method}} {{.path}}"</c>: text and labels, nothing else.</summary>
/// <param name="Parts">Texts, and at odd places names of labels.</param>
public sealed record LineFormatStage(IReadOnlyList<string> Parts) : LogStage;

/// <summary><c>| drop a, b</c> and <c>| keep a, b</c>.</summary>
public sealed record LabelListStage(IReadOnlyList<string> Names, bool IsKeep) : LogStage;

/// <summary>A condition on labels.</summary>
public abstract record LabelFilter;

public sealed record BothFilter(LabelFilter Left, LabelFilter Right) : LabelFilter;

public sealed record EitherFilter(LabelFilter Left, LabelFilter Right) : LabelFilter;

/// <summary>Compares a label's text as a stream selector does.</summary>
public sealed record TextFilter(LabelMatcher Matcher) : LabelFilter;

/// <summary>Compares a label's number; durations are seconds, sizes bytes.</summary>
public sealed record NumberFilter(string Label, string Comparison, double Value, NumberUnit Unit) : LabelFilter;

public enum NumberUnit : byte { None, Duration, Bytes }
