using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Syslog;
using Weir.Routing.Relabeling;

namespace Weir.Node.Sources.Syslog;

/// <summary>The label set of a message, from what the rules read of it.</summary>
/// <remarks>The rules run once for each combination of values that they read. One user at a time.</remarks>
internal sealed class SyslogLabels
{
    /// <summary>Combinations kept by one connection; when there are more, all are forgotten and worked out
    /// again.</summary>
    public const int CombinationsMax = 1000;

    public const string PeerHostname = "__syslog_connection_hostname";

    /// <summary>Longest combination or name kept.</summary>
    private const int KeyBytesMax = 1024;

    /// <summary>Names of structured data kept with whether they are read.</summary>
    private const int NamesMax = 1024;

    private const string JobLabel = "job";
    private const string StructuredPrefix = "__syslog_message_sd_";

    private static readonly string[] Names =
    [
        "__syslog_connection_ip_address", PeerHostname, "__syslog_message_severity", "__syslog_message_facility",
        "__syslog_message_hostname", "__syslog_message_app_name", "__syslog_message_proc_id",
        "__syslog_message_msg_id", "__syslog_message_msg_counter", "__syslog_message_sequence",
    ];

    private readonly RelabelRules _rules;
    private readonly LabelSets _sets;
    private readonly IReadOnlyDictionary<string, string> _constant;
    private readonly string _component;
    private readonly bool[] _reads;
    private readonly bool _readsStructured;
    private readonly ByteCache<string?> _structured = new(NamesMax, KeyBytesMax);
    private readonly ByteCache<LabelSet?> _known = new(CombinationsMax, KeyBytesMax);
    private readonly ArrayBufferWriter<byte> _key = new(KeyBytesMax);
    private readonly ArrayBufferWriter<byte> _name = new();

    /// <param name="component">The id, which is the job of lines that would have no label: Loki refuses those.</param>
    public SyslogLabels(ListenerOptions options, RelabelRules rules, string component, LabelSets sets)
    {
        (_rules, _sets, _constant, _component) = (rules, sets, options.Labels, component);
        _reads = Array.ConvertAll(Names, rules.Reads);
        _readsStructured = options.LabelStructuredData && rules.Count > 0;
    }

    /// <summary>Times the rules ran.</summary>
    public long Misses { get; private set; }

    /// <returns>The message's labels; null: a rule drops it.</returns>
    public LabelSet? Resolve(SyslogPeer peer, in SyslogMessage message, bool isParsed)
    {
        _key.ResetWrittenCount();
        Add(0, peer.Address);
        Add(1, peer.Hostname);
        if (isParsed)
        {
            Add(2, SyslogNames.OfSeverity(message.Severity));
            Add(3, SyslogNames.OfFacility(message.Facility));
            Add(4, message.Hostname);
            Add(5, message.AppName);
            Add(6, message.ProcessId);
            Add(7, message.MessageId);
            Add(8, message.MessageCounter);
            Add(9, message.Sequence);
            if (_readsStructured) AddStructured(message.StructuredData);
        }

        var key = _key.WrittenSpan;
        if (_known.TryGet(key, out var known)) return known;
        Misses++;
        return _known.Keep(key, Work(key));
    }

    private void Add(int name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || !_reads[name]) return;
        AddHead(name, value.Length);
        value.CopyTo(_key.GetSpan(value.Length));
        _key.Advance(value.Length);
    }

    private void AddHead(int name, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_key.GetSpan(4), name);
        _key.Advance(4);
        BinaryPrimitives.WriteInt32LittleEndian(_key.GetSpan(4), length);
        _key.Advance(4);
    }

    /// <summary>A parameter stands in the key as -1, its label's name, and its value.</summary>
    private void AddStructured(ReadOnlySpan<byte> elements)
    {
        var reader = new StructuredDataReader(elements);
        while (reader.Read())
        {
            if (reader.Escaped.IsEmpty || LabelOf(reader.Id, reader.Name) is not { } label) continue;
            var nameLength = Encoding.UTF8.GetByteCount(label);
            AddHead(-1, nameLength);
            Encoding.UTF8.GetBytes(label, _key.GetSpan(nameLength));
            _key.Advance(nameLength);
            var value = _key.GetSpan(4 + reader.Escaped.Length);
            var length = StructuredDataReader.Unescape(reader.Escaped, value[4..]);
            BinaryPrimitives.WriteInt32LittleEndian(value, length);
            _key.Advance(4 + length);
        }
    }

    /// <returns>Null when no rule reads it.</returns>
    private string? LabelOf(ReadOnlySpan<byte> id, ReadOnlySpan<byte> name)
    {
        _name.ResetWrittenCount();
        _name.Write(id);
        _name.Write("\0"u8);
        _name.Write(name);
        if (_structured.TryGet(_name.WrittenSpan, out var known)) return known;
        var label = StructuredPrefix + Encoding.UTF8.GetString(id).Replace('@', '_') + "_"
            + Encoding.UTF8.GetString(name);
        return _structured.Keep(_name.WrittenSpan, _rules.Reads(label) ? label : null);
    }

    private LabelSet? Work(ReadOnlySpan<byte> key)
    {
        var labels = new Dictionary<string, string>(_constant, StringComparer.Ordinal);
        while (!key.IsEmpty)
        {
            var name = BinaryPrimitives.ReadInt32LittleEndian(key);
            var text = Text(ref key, 4);
            if (name >= 0) labels[Names[name]] = text;
            else labels[text] = Text(ref key, 0);
        }

        if (_rules.Apply(labels) is not { } kept) return null;
        var set = _sets.Of(kept.Where(label => !label.Key.StartsWith(LabelSet.HiddenPrefix, StringComparison.Ordinal)));
        return set.Count > 0 ? set : _sets.Of([new Label(JobLabel, _component)]);
    }

    /// <summary>A text with its length before it, from <paramref name="at"/> on; both are passed over.</summary>
    private static string Text(ref ReadOnlySpan<byte> key, int at)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(key[at..]);
        var text = Encoding.UTF8.GetString(key.Slice(at + 4, length));
        key = key[(at + 4 + length)..];
        return text;
    }
}
