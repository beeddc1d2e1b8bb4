using Weir.Node.Admin;
using Weir.Node.Logging;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Agent;

/// <summary>The <c>logging</c> block, as a part of the graph: it may refer to components.</summary>
internal sealed class LoggingSetting(IComponentHost host, ProcessLog log, OwnLogSource own)
    : Component<LoggingBlockOptions>(host)
{
    public override ValueTask DisposeAsync()
    {
        log.Level = LogSeverity.Info;
        log.Format = ProcessLogFormat.Logfmt;
        own.Receivers = [];
        return base.DisposeAsync();
    }

    protected override ValueTask ApplyAsync(LoggingBlockOptions options, CancellationToken cancel)
    {
        log.Format = options.Format == "json" ? ProcessLogFormat.Json : ProcessLogFormat.Logfmt;
        log.Level = options.Level switch
        {
            "debug" => LogSeverity.Debug,
            "warn" => LogSeverity.Warn,
            "error" => LogSeverity.Error,
            _ => LogSeverity.Info,
        };
        own.Receivers = options.WriteTo;
        return ValueTask.CompletedTask;
    }
}

/// <summary>The <c>http</c> block.</summary>
internal sealed class HttpSetting(IComponentHost host, AdminAccess access) : Component<HttpBlockOptions>(host)
{
    public override ValueTask DisposeAsync()
    {
        access.Apply(new HttpBlockOptions());
        return base.DisposeAsync();
    }

    protected override ValueTask ApplyAsync(HttpBlockOptions options, CancellationToken cancel)
    {
        access.Apply(options);
        return ValueTask.CompletedTask;
    }
}
