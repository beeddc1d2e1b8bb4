using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Relabeling;

namespace Weir.Node.Sources.Journal;

/// <summary>The label set of an entry, from the fields that the rules read.</summary>
/// <remarks>
/// The rules run once for each combination of those fields: the fields themselves, as they lie in the journal, are the
/// key of what they lead to. All other fields are passed over by their name. One user at a time.
/// </remarks>
internal sealed class JournalLabels
{
    /// <summary>Combinations kept; when there are more, all are forgotten and worked out again.</summary>
    public const int CombinationsMax = 10_000;

    /// <summary>Longest combination or name kept: rules that read messages would fill the memory with them.</summary>
    private const int KeyBytesMax = 1024;

    /// <summary>Names of fields kept with whether they are read; journald writes some fifty.</summary>
    private const int NamesMax = 4096;

    /// <summary>Longest value of a label; Loki takes 2,048 bytes.</summary>
    private const int ValueBytesMax = 64 * 1024;

    private const string JobLabel = "job";
    private const string FieldPrefix = "__journal_";
    private const string PriorityKeyword = "__journal_priority_keyword";

    private static readonly string[] Keywords =
        ["emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"];

    private readonly RelabelRules _rules;
    private readonly LabelSets _sets;
    private readonly KeyValuePair<string, string>[] _constant;
    private readonly ByteCache<bool> _names = new(NamesMax, KeyBytesMax);
    private readonly ByteCache<LabelSet?> _known = new(CombinationsMax, KeyBytesMax);
    private readonly ArrayBufferWriter<byte> _key = new(KeyBytesMax);

    /// <param name="component">The id, which is the job where the labels name none.</param>
    public JournalLabels(JournalSourceOptions options, string component, LabelSets sets)
    {
        (_rules, _sets) = (options.RelabelRules, sets);
        _constant = options.Labels.ContainsKey(JobLabel)
            ? [.. options.Labels] : [.. options.Labels, new(JobLabel, component)];
    }

    /// <summary>Times the rules ran.</summary>
    public long Misses { get; private set; }

    /// <summary>The next entry begins.</summary>
    public void Begin() => _key.ResetWrittenCount();

    /// <summary>A field of the entry; those that no rule reads cost a look-up.</summary>
    /// <param name="field">NAME=value.</param>
    /// <param name="nameLength">Bytes before the equals sign.</param>
    public void Add(ReadOnlySpan<byte> field, int nameLength)
    {
        if (!IsRead(field[..nameLength])) return;
        field = field[..Math.Min(field.Length, nameLength + 1 + ValueBytesMax)];
        var room = _key.GetSpan(8 + field.Length);
        BinaryPrimitives.WriteInt32LittleEndian(room, nameLength);
        BinaryPrimitives.WriteInt32LittleEndian(room[4..], field.Length);
        field.CopyTo(room[8..]);
        _key.Advance(8 + field.Length);
    }

    /// <returns>The entry's labels, perhaps none; null: a rule drops it.</returns>
    public LabelSet? Resolve()
    {
        var key = _key.WrittenSpan;
        if (_known.TryGet(key, out var known)) return known;
        Misses++;
        return _known.Keep(key, Work(key));
    }

    private bool IsRead(ReadOnlySpan<byte> name)
    {
        if (_names.TryGet(name, out var isRead)) return isRead;
        return _names.Keep(name, _rules.Reads(LabelOf(name)) || (IsPriority(name) && _rules.Reads(PriorityKeyword)));
    }

    private LabelSet? Work(ReadOnlySpan<byte> fields)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!fields.IsEmpty)
        {
            var nameLength = BinaryPrimitives.ReadInt32LittleEndian(fields);
            var length = BinaryPrimitives.ReadInt32LittleEndian(fields[4..]);
            var field = fields.Slice(8, length);
            fields = fields[(8 + length)..];
            var name = field[..nameLength];
            var value = Encoding.UTF8.GetString(field[(nameLength + 1)..]);
            labels[LabelOf(name)] = value; // of a name that occurs twice the last one counts
            if (IsPriority(name)) labels[PriorityKeyword] = KeywordOf(value);
        }

        foreach (var (name, value) in _constant) labels[name] = value;
        return _rules.Apply(labels) is { } kept
            ? _sets.Of(kept.Where(label => !label.Key.StartsWith(LabelSet.HiddenPrefix, StringComparison.Ordinal)))
            : null;
    }

    private static bool IsPriority(ReadOnlySpan<byte> name) => name.SequenceEqual("PRIORITY"u8);

    private static string LabelOf(ReadOnlySpan<byte> name) =>
        FieldPrefix + Encoding.UTF8.GetString(name).ToLowerInvariant();

    private static string KeywordOf(string priority) =>
        priority is [>= '0' and <= '7'] ? Keywords[priority[0] - '0'] : priority;
}
