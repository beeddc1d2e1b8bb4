namespace Weir.Protocol.Syslog;

/// <summary>What severities and facilities are called in labels.</summary>
public static class SyslogNames
{
    private static readonly byte[][] Severities =
    [
        [.. "emergency"u8], [.. "alert"u8], [.. "critical"u8], [.. "error"u8],
        [.. "warning"u8], [.. "notice"u8], [.. "informational"u8], [.. "debug"u8],
    ];

    private static readonly byte[][] Facilities =
    [
        [.. "kern"u8], [.. "user"u8], [.. "mail"u8], [.. "daemon"u8], [.. "auth"u8], [.. "syslog"u8], [.. "lpr"u8],
        [.. "news"u8], [.. "uucp"u8], [.. "cron"u8], [.. "authpriv"u8], [.. "ftp"u8], [.. "ntp"u8],
        [.. "security"u8], [.. "console"u8], [.. "solaris-cron"u8], [.. "local0"u8], [.. "local1"u8],
        [.. "local2"u8], [.. "local3"u8], [.. "local4"u8], [.. "local5"u8], [.. "local6"u8], [.. "local7"u8],
    ];

    /// <param name="severity">0 to 7.</param>
    /// <returns>UTF-8.</returns>
    public static ReadOnlySpan<byte> OfSeverity(int severity) => Severities[severity];

    /// <param name="facility">0 to 23.</param>
    /// <returns>UTF-8.</returns>
    public static ReadOnlySpan<byte> OfFacility(int facility) => Facilities[facility];
}
