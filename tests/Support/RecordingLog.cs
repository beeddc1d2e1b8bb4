using System.Collections.Concurrent;
using System.Globalization;
using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>Keeps what Weir says about itself.</summary>
public sealed class RecordingLog : IProcessLog
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Signals _signals = new();

    /// <summary>Each as <c>severity component: message key=value …</c></summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public bool IsEnabled(LogSeverity severity) => true;

    public void Write(LogSeverity severity, string component, string message, params ReadOnlySpan<LogField> fields)
    {
        var text = $"{severity} {component}: {message}";
        foreach (var (key, value) in fields) text += string.Create(CultureInfo.InvariantCulture, $" {key}={value}");
        _lines.Enqueue(text);
        _signals.Raise();
    }

    /// <summary>Waits for a line with this in it, and returns the first.</summary>
    public Task<string> SeenAsync(string part) => _signals.UntilAsync(
        $"a line with \"{part}\"", () => _lines.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal)));
}
