using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Routing.Ports;

namespace Weir.Node.Logging;

public enum ProcessLogFormat : byte { Logfmt, Json }

/// <summary>Weir's own log: one line an event, logfmt or JSON, to stderr.</summary>
/// <remarks>
/// Throttled per component and message: past <see cref="BurstMax"/> lines in <see cref="Window"/> further ones are
/// counted, and the next window's first line says how many were left out. A failing endpoint can so not fill a disk,
/// and
/// a node that collects its own container's log cannot feed itself in a loop.
/// </remarks>
public sealed class ProcessLog(TextWriter output, TimeProvider time) : IProcessLog
{
    /// <summary>Lines of one kind that a window lets through.</summary>
    public const int BurstMax = 10;

    /// <summary>Kinds of lines that are told apart; past that all share one budget.</summary>
    public const int KindsMax = 4096;

    /// <summary>How long a budget lasts from its first line on.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(string Component, string Message), Budget> _budgets = new();
    private readonly Lock _gate = new();
    private readonly StringBuilder _line = new(512);

    public LogSeverity Level { get; set; } = LogSeverity.Info;

    public ProcessLogFormat Format { get; set; } = ProcessLogFormat.Logfmt;

    /// <summary>Gets each line as it is written: where <c>logging.write_to</c> sends it on.</summary>
    public Action<LogSeverity, string>? Written { get; set; }

    public bool IsEnabled(LogSeverity severity) => severity >= Level;

    public void Write(
        LogSeverity severity, string component, string message, params ReadOnlySpan<LogField> fields)
    {
        if (!IsEnabled(severity) || !Admit(component, message, out var suppressed)) return;
        lock (_gate)
        {
            _line.Clear();
            if (Format == ProcessLogFormat.Json) RenderJson(severity, component, message, fields, suppressed);
            else RenderLogfmt(severity, component, message, fields, suppressed);
            var line = _line.ToString();
            output.WriteLine(line);
            output.Flush();
            Written?.Invoke(severity, line);
        }
    }

    private bool Admit(string component, string message, out int suppressed)
    {
        if (!_budgets.TryGetValue((component, message), out var budget))
        {
            var kind = _budgets.Count < KindsMax ? (component, message) : ("", "");
            budget = _budgets.GetOrAdd(kind, static _ => new Budget());
        }

        return budget.Take(time.GetTimestamp(), time, out suppressed);
    }

    private void RenderLogfmt(
        LogSeverity severity, string component, string message, ReadOnlySpan<LogField> fields, int suppressed)
    {
        _line.Append("ts=").Append(Now()).Append(" level=").Append(NameOf(severity));
        Pair("component", component);
        Pair("msg", message);
        foreach (var (key, value) in fields) Pair(key, Text(value));
        if (suppressed > 0) Pair("suppressed", suppressed.ToString(CultureInfo.InvariantCulture));
    }

    private void Pair(string key, string value)
    {
        _line.Append(' ').Append(key).Append('=');
        if (value.Length > 0 && !value.AsSpan().ContainsAny(QuoteNeeded)) _line.Append(value);
        else _line.Append('"').Append(JsonText.Encoder.Encode(value)).Append('"');
    }

    private void RenderJson(
        LogSeverity severity, string component, string message, ReadOnlySpan<LogField> fields, int suppressed)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("ts", Now());
            json.WriteString("level", NameOf(severity));
            json.WriteString("component", component);
            json.WriteString("msg", message);
            foreach (var (key, value) in fields) json.WriteString(key, Text(value));
            if (suppressed > 0) json.WriteNumber("suppressed", suppressed);
            json.WriteEndObject();
        }

        _line.Append(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private string Now() =>
        time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string NameOf(LogSeverity severity) => severity switch
    {
        LogSeverity.Debug => "debug",
        LogSeverity.Info => "info",
        LogSeverity.Warn => "warn",
        _ => "error",
    };

    private static readonly SearchValues<char> QuoteNeeded = SearchValues.Create(
        " \"=\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013"
        + "\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\u007f");

    /// <summary>How many lines of one kind may still be written in this window.</summary>
    private sealed class Budget
    {
        private readonly Lock _gate = new();
        private long _windowStarted;
        private int _written;
        private int _suppressed;

        public bool Take(long now, TimeProvider time, out int suppressed)
        {
            lock (_gate)
            {
                suppressed = 0;
                if (_written == 0 || time.GetElapsedTime(_windowStarted, now) >= Window)
                {
                    _windowStarted = now;
                    suppressed = _suppressed;
                    _suppressed = 0;
                    _written = 1;
                    return true;
                }

                if (_written++ < BurstMax) return true;
                _suppressed++;
                return false;
            }
        }
    }
}
