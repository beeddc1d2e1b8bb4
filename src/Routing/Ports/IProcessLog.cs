namespace Weir.Routing.Ports;

public enum LogSeverity : byte { Debug, Info, Warn, Error }

/// <summary>One field of a log line of Weir's own. Values are rendered with the invariant culture; never pass a
/// secret.</summary>
public readonly record struct LogField(string Key, object? Value);

/// <summary>Weir's own log: what it says about itself, on stderr and to <c>logging.write_to</c>.</summary>
public interface IProcessLog
{
    bool IsEnabled(LogSeverity severity);

    /// <param name="component">The component's id, or a part of the process ("spool", "admin").</param>
    void Write(LogSeverity severity, string component, string message, params ReadOnlySpan<LogField> fields);
}
