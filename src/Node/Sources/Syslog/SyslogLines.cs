using System.Text;
using System.Text.Unicode;
using Weir.Protocol.Batches;
using Weir.Protocol.Syslog;
using Weir.Routing.Components;
using Weir.Routing.Ports;
using Weir.Routing.Relabeling;

namespace Weir.Node.Sources.Syslog;

/// <summary>How lines are made of messages; swapped whole when arguments change.</summary>
internal sealed record SyslogForm(ListenerOptions Options, RelabelRules Rules)
{
    /// <summary>Whether a rule asks for senders' names.</summary>
    public bool NamesPeers { get; } = Rules.Reads(SyslogLabels.PeerHostname);
}

/// <summary>Makes lines of messages: those of one connection, or all that come over UDP.</summary>
internal sealed class SyslogLines(IComponentHost host, Func<SyslogForm> current)
{
    /// <summary>Longest line delivered in one piece.</summary>
    public const int LineBytesMax = 256 * 1024;

    // A replacement takes three bytes, and may stand for a single one.
    private const int CleanGrowthMax = 3;

    private SyslogForm? _form;
    private SyslogLabels? _labels;
    private MessageCounts _counts;
    private long _now;
    private long _lastRaw = long.MinValue;
    private long _lastGiven = long.MinValue;

    /// <summary>The form that the batch begun last is made by.</summary>
    public SyslogForm Form => _form ?? current();

    /// <summary>A batch begins: arguments and clock are read once for it.</summary>
    public void Begin()
    {
        var form = current();
        if (!ReferenceEquals(form, _form))
            (_form, _labels) = (form, new SyslogLabels(form.Options, form.Rules, host.Id, host.Labels));
        _now = (host.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
    }

    /// <param name="peer">Who sent it.</param>
    /// <param name="bytes">One message, without framing.</param>
    public void Take(LogBatch batch, SyslogPeer peer, ReadOnlySpan<byte> bytes)
    {
        var options = _form!.Options;
        if (!TryParse(options, bytes, out var message, out var fault))
        {
            _counts.Malformed++;
            host.Events.Log.Write(LogSeverity.Warn, host.Id, $"a message is malformed: {fault}",
                new("listener", options.Address), new("sender", Encoding.UTF8.GetString(peer.Address)));
            return;
        }

        if (message.Text.IsEmpty && !(options.AllowEmptyMessage && options.Format == SyslogFormat.Rfc5424))
            _counts.Empty++;
        else if (_labels!.Resolve(peer, message, options.Format != SyslogFormat.Raw) is not { } set)
            _counts.Unwanted++;
        else
        {
            var isOwnTime = options.UseIncomingTimestamp && message.HasTimestamp;
            var isWhole = options.UseWholeMessage && options.Format == SyslogFormat.Rfc5424;
            AddLine(batch, Unique(isOwnTime ? message.Timestamp : _now), set, isWhole ? bytes : message.Text);
        }
    }

    /// <summary>A message was passed over.</summary>
    public void CountTooLong(SyslogPeer peer)
    {
        _counts.TooLong++;
        host.Events.Log.Write(LogSeverity.Warn, host.Id, "a message is longer than max_message_length: it is dropped",
            new("max_message_length", Form.Options.MessageBytes),
            new("sender", Encoding.UTF8.GetString(peer.Address)));
    }

    /// <summary>The rest of a connection cannot be told apart.</summary>
    public void CountMalformed() => _counts.Malformed++;

    public MessageCounts TakeCounts()
    {
        var counts = _counts;
        _counts = default;
        return counts;
    }

    private bool TryParse(
        ListenerOptions options, ReadOnlySpan<byte> bytes, out SyslogMessage message, out string fault)
    {
        switch (options.Format)
        {
            case SyslogFormat.Rfc5424:
                return Rfc5424.TryParse(bytes, out message, out fault);
            case SyslogFormat.Rfc3164:
                return Rfc3164.TryParse(bytes, _now, options.Cisco.Parts, out message, out fault);
            default:
                fault = "";
                message = SyslogMessage.OfText(bytes);
                return true;
        }
    }

    private void AddLine(LogBatch batch, long timestamp, LabelSet set, ReadOnlySpan<byte> line)
    {
        var start = Append(batch, line, out var length);
        for (; ; timestamp = ++_lastGiven)
        {
            var part = FieldText.CutAt(batch.Bytes.Slice(start, length), LineBytesMax);
            batch.Add(timestamp, set, start, part, resume: 0);
            _counts.Lines++;
            start += part;
            length -= part;
            if (length == 0) return;
        }
    }

    private int Append(LogBatch batch, ReadOnlySpan<byte> line, out int length)
    {
        length = line.Length;
        if (Utf8.IsValid(line)) return batch.Append(line);
        var room = batch.Reserve(line.Length * CleanGrowthMax).Span;
        _counts.InvalidBytes += FieldText.Clean(line, room, out length);
        return batch.Advance(length);
    }

    /// <summary>Loki keeps one of two equal lines with equal timestamps, so the second one is a nanosecond
    /// later.</summary>
    private long Unique(long timestamp)
    {
        var follows = timestamp >= _lastRaw && timestamp <= _lastGiven;
        _lastRaw = timestamp;
        return _lastGiven = follows ? _lastGiven + 1 : timestamp;
    }
}
