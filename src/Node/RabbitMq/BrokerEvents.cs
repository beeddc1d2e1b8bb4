using System.Globalization;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;

namespace Weir.Node.RabbitMq;

/// <summary>What happens between this node and the broker: one method an event, with its log line and its
/// counter.</summary>
internal sealed class BrokerEvents(IProcessLog log, MetricRegistry metrics, TimeProvider time)
{
    private const string Part = "broker";

    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(5);
    private static readonly double[] ConfirmSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

    private readonly Metric _connections =
        metrics.Counter("weir_broker_connections_total", "Connections made to a broker.").With();

    private readonly Metric _connectFailures =
        metrics.Counter("weir_broker_connect_failures_total", "Attempts to connect that failed.").With();

    private readonly Metric _blocked = metrics.Gauge(
        "weir_broker_blocked", "1 while the broker takes nothing because of an alarm (memory, disk).").With();

    private readonly MetricFamily _published =
        metrics.Counter("weir_broker_published_total", "Messages handed to the broker.", "outcome");

    private readonly Metric _publishedBytes =
        metrics.Counter("weir_broker_published_bytes_total", "Bytes of messages that the broker confirmed.").With();

    private readonly Metric _confirmDuration = metrics.Histogram(
        "weir_broker_confirm_duration_seconds", "From a message's way out to its confirm.", ConfirmSeconds).With();

    private readonly Metric _consumed =
        metrics.Counter("weir_broker_consumed_total", "Messages that the broker delivered.").With();

    private readonly Metric _redelivered = metrics.Counter(
        "weir_broker_redelivered_total", "Messages delivered that somebody had in hand before.").With();

    private readonly Metric _sessionsLost =
        metrics.Counter("weir_broker_sessions_lost_total", "Sessions that ended without being closed.").With();

    private readonly Metric _nodeMessagesDropped = metrics.Counter(
        "weir_broker_node_messages_dropped_total", "Messages of other nodes that came faster than they were read.")
        .With();

    private readonly Lock _gate = new();
    private string _said = "";
    private long _saidAt;

    public void Connected(string purpose, string node)
    {
        _connections.Increment();
        lock (_gate) _said = "";
        log.Write(LogSeverity.Info, Part, "connected", new("for", purpose), new("node", node));
    }

    /// <summary>Said once, and again when it is another trouble or has lasted.</summary>
    public void ConnectFailed(string error)
    {
        _connectFailures.Increment();
        lock (_gate)
        {
            if (_said == error && time.GetElapsedTime(_saidAt) < RepeatAfter) return;
            (_said, _saidAt) = (error, time.GetTimestamp());
        }

        log.Write(LogSeverity.Error, Part, "no connection; nothing is lost, the spool keeps what comes",
            new LogField("error", error));
    }

    public void Disconnected(string purpose, string reason) =>
        log.Write(LogSeverity.Warn, Part, "the connection ended", new("for", purpose), new("reason", reason));

    public void Blocked(string reason)
    {
        _blocked.Set(1);
        log.Write(LogSeverity.Error, Part,
            "the broker takes nothing; nothing is lost, spools fill until it does: give it memory or disk",
            new LogField("reason", reason));
    }

    public void Unblocked()
    {
        _blocked.Set(0);
        log.Write(LogSeverity.Info, Part, "the broker takes messages again");
    }

    /// <summary>The connection that said so is gone: the next one hears of an alarm by itself.</summary>
    public void BlockForgotten() => _blocked.Set(0);

    public void Published(PublishOutcome outcome, int bytes, TimeSpan took)
    {
        _published.With(outcome.ToString().ToLower(CultureInfo.InvariantCulture)).Increment();
        if (outcome != PublishOutcome.Confirmed) return;
        _publishedBytes.Add((long)bytes);
        _confirmDuration.Observe(took.TotalSeconds);
    }

    public void ConfirmsMissing(int messages, TimeSpan waited) => log.Write(LogSeverity.Warn, Part,
        "confirms do not come: sending again on a new channel",
        new("messages", messages), new("waited", $"{waited.TotalSeconds:0}s"));

    public void Consumed(bool isRedelivered)
    {
        _consumed.Increment();
        if (isRedelivered) _redelivered.Increment();
    }

    public void QueueDiffers(string queue, string difference) => log.Write(LogSeverity.Warn, Part,
        "a queue exists with other settings and is used as it is: to renew it, delete it once it is empty",
        new("queue", queue), new("difference", difference));

    public void SessionLost(string reason)
    {
        _sessionsLost.Increment();
        log.Write(LogSeverity.Warn, Part, "a session was lost; what it had in hand goes to the next",
            new LogField("reason", reason));
    }

    public void NodeMessageDropped() => _nodeMessagesDropped.Increment();
}
