using Weir.Protocol.Syslog;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;
using Weir.Routing.Relabeling;

namespace Weir.Node.Sources.Syslog;

/// <summary>What carries messages.</summary>
public enum ListenerProtocol : byte
{
    Tcp,
    Udp,
}

/// <summary>How messages are written.</summary>
public enum SyslogFormat : byte
{
    [Spelling("rfc5424")]
    Rfc5424,

    [Spelling("rfc3164")]
    Rfc3164,

    /// <summary>Lines of any kind.</summary>
    Raw,
}

/// <summary>Arguments of <c>loki.source.syslog</c>.</summary>
[Component("loki.source.syslog")]
public sealed record SyslogSourceOptions : IValidated
{
    [Argument("forward_to", Required = true)]
    public IReadOnlyList<ILogsReceiver> ForwardTo { get; init; } = [];

    /// <summary>Applied to the labels of each message: the listener's, and what the message says as
    /// <c>__syslog_…</c>.</summary>
    [Argument("relabel_rules")]
    public RelabelRules RelabelRules { get; init; } = RelabelRules.Empty;

    [Block("listener")]
    public IReadOnlyList<ListenerOptions> Listeners { get; init; } = [];

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        var taken = new HashSet<(ListenerProtocol, string)>();
        foreach (var listener in Listeners)
        {
            if (listener.Address.EndsWith(":0", StringComparison.Ordinal)) continue; // the system chooses a port
            if (!taken.Add((listener.Protocol, listener.Address)))
                problems.AddToBlock($"two listeners have the address {listener.Address}", "give each its own port");
        }
    }
}

/// <summary>Block <c>listener</c>.</summary>
public sealed record ListenerOptions : IValidated
{
    /// <summary><c>host:port</c>; <c>:port</c> is every address of this host.</summary>
    [Argument("address", Required = true)]
    public string Address { get; init; } = "";

    [Argument("protocol")]
    public ListenerProtocol Protocol { get; init; }

    /// <summary>A TCP connection that says nothing this long is closed. Default 120 s; 0 is the default,
    /// too.</summary>
    [Range(Min = "0s")]
    [Argument("idle_timeout")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Structured data become labels <c>__syslog_message_sd_id_name</c>.</summary>
    [Argument("label_structured_data")]
    public bool LabelStructuredData { get; init; }

    /// <summary>Added to every line.</summary>
    [Argument("labels")]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Bytes; longer messages are refused. Default 8,192, which 0 stands for too; at most 16 MiB.</summary>
    [Range(Min = "0", Max = "16777216")]
    [Argument("max_message_length")]
    public int MessageBytesMax { get; init; } = 8192;

    /// <summary>Accepted for compatibility: a time without a year always gets one, the nearest.</summary>
    [Argument("rfc3164_default_to_current_year")]
    public bool DefaultToCurrentYear { get; init; }

    /// <summary>Delivers messages of RFC 5424 without a text, as empty lines.</summary>
    [Argument("rfc5424_allow_empty_msg")]
    public bool AllowEmptyMessage { get; init; }

    [Argument("syslog_format")]
    public SyslogFormat Format { get; init; }

    /// <summary>Senders over UDP whose names are remembered.</summary>
    [Range(Min = "1", Max = "65536")]
    [Argument("udp_host_cache_size")]
    public int HostCacheSize { get; init; } = 128;

    /// <summary>Accepted for compatibility: what waits is bounded by <see cref="DatagramQueue.BytesMax"/>.</summary>
    [Argument("udp_queue_size")]
    public int QueueSize { get; init; } = 10;

    /// <summary>The line's time is that of the message, where it has one, not that of its arrival.</summary>
    [Argument("use_incoming_timestamp")]
    public bool UseIncomingTimestamp { get; init; }

    /// <summary>The line is the whole message of RFC 5424, not only its text.</summary>
    [Argument("use_rfc5424_message")]
    public bool UseWholeMessage { get; init; }

    [Block("raw_format_options")]
    public RawFormatOptions Raw { get; init; } = new();

    [Block("rfc3164_cisco_components")]
    public CiscoOptions Cisco { get; init; } = new();

    /// <summary>TLS over TCP: this host's certificate and, with authorities, the proof of clients.</summary>
    [Block("tls_config")]
    public TlsOptions? Tls { get; init; }

    internal int MessageBytes => MessageBytesMax == 0 ? 8192 : MessageBytesMax;

    internal TimeSpan Idle => IdleTimeout == TimeSpan.Zero ? TimeSpan.FromSeconds(120) : IdleTimeout;

    /// <summary>What ends each message, whatever it begins with; null: the sender's first byte tells.</summary>
    internal byte? Delimiter => Format != SyslogFormat.Raw ? null : Raw.UseNullTerminator ? (byte)0 : (byte)'\n';

    /// <summary>Whether both take the same connections.</summary>
    internal bool ListensLike(ListenerOptions other) =>
        Address == other.Address && Protocol == other.Protocol && OptionEquality.AreEqual(Tls, other.Tls);

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (!ListenAddress.TryParse(Address, out _))
            problems.Add("address", $"\"{Address}\" is no address to listen on", "write host:port or :port");
        if (Tls is null) return;
        if (Protocol == ListenerProtocol.Udp)
            problems.Add("tls_config", "TLS needs TCP", "set protocol = \"tcp\" or remove the block");
        else if (!Tls.HasCertificate)
            problems.Add("tls_config", "a listener needs a certificate", "set cert_file and key_file");
    }
}

/// <summary>Block <c>raw_format_options</c>.</summary>
public sealed record RawFormatOptions
{
    /// <summary>Lines end with a zero byte, not with a line feed.</summary>
    [Argument("use_null_terminator_delimiter")]
    public bool UseNullTerminator { get; init; }
}

/// <summary>Block <c>rfc3164_cisco_components</c>: what Cisco's devices add.</summary>
public sealed record CiscoOptions
{
    [Argument("enable_all")]
    public bool EnableAll { get; init; }

    [Argument("message_counter")]
    public bool MessageCounter { get; init; }

    [Argument("sequence_number")]
    public bool SequenceNumber { get; init; }

    [Argument("hostname")]
    public bool Hostname { get; init; }

    [Argument("second_fractions")]
    public bool SecondFractions { get; init; }

    internal CiscoParts Parts => EnableAll
        ? CiscoParts.All
        : (MessageCounter ? CiscoParts.MessageCounter : 0) | (SequenceNumber ? CiscoParts.Sequence : 0)
            | (Hostname ? CiscoParts.Hostname : 0) | (SecondFractions ? CiscoParts.SecondFractions : 0);
}
