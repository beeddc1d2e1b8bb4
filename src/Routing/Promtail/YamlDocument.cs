using Weir.Routing.Language;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Weir.Routing.Promtail;

/// <summary>
/// Reads the first document of a YAML text. Aliases and merge keys are followed; text, depth and number of values are
/// bounded, aliases counted as if they were written out.
/// </summary>
internal sealed class YamlDocument
{
    /// <summary>Longest text, in UTF-16 units: a hundred times the largest configuration seen.</summary>
    public const int LengthMax = 4 * 1024 * 1024;

    /// <summary>Most lists and maps inside each other; Promtail's own language needs 12, and <c>match</c> two more
    /// for each of its levels.</summary>
    public const int DepthMax = 64;

    /// <summary>Most values, keys included, once all aliases are followed.</summary>
    public const int NodesMax = 200_000;

    private readonly ExpandedText _text;
    private readonly DiagnosticBag _diagnostics;
    private readonly IParser _events;
    private readonly Dictionary<AnchorName, (YamlNode Node, int Count)> _anchors = [];
    private int _nodes;

    private YamlDocument(ExpandedText text, DiagnosticBag diagnostics)
    {
        (_text, _diagnostics) = (text, diagnostics);
        _events = new GuardedParser(new YamlDotNet.Core.Parser(new StringReader(text.Text)));
    }

    /// <summary>Reads the text.</summary>
    /// <returns>Null when it cannot be read; the reason has been reported.</returns>
    public static YamlNode? Read(ExpandedText text, DiagnosticBag diagnostics)
    {
        if (text.Text.Length > LengthMax)
        {
            diagnostics.Error(text.PlaceOf(0, 0), $"the file is longer than {LengthMax} characters",
                "a configuration that long is most likely another file");
            return null;
        }
        var document = new YamlDocument(text, diagnostics);
        try
        {
            return document.ReadFirst();
        }
        catch (YamlException wrong)
        {
            document.Report(wrong);
            return null;
        }
        catch (LimitException limit)
        {
            diagnostics.Error(limit.Place, limit.Message);
            return null;
        }
    }

    private YamlNode ReadFirst()
    {
        _events.Consume<StreamStart>();
        if (_events.Accept<StreamEnd>(out _)) return new YamlMap(_text.PlaceOf(0, 0), []);
        _events.Consume<DocumentStart>();
        var root = ReadNode(0);
        _events.Consume<DocumentEnd>();
        if (_events.Accept<DocumentStart>(out var second))
            _diagnostics.Warning(PlaceOf(second), "only the first document of the file is read",
                "remove the others, and the --- before them");
        return root;
    }

    private YamlNode ReadNode(int depth)
    {
        var next = _events.Current ?? throw new YamlException("the document ends too early");
        var place = PlaceOf(next);
        if (depth > DepthMax) throw new LimitException(place, $"the file is nested more than {DepthMax} levels deep");
        Count(1, place);
        if (_events.TryConsume<AnchorAlias>(out var alias)) return Follow(alias, place);
        var before = _nodes;
        var (anchor, node) = next switch
        {
            Scalar => (((NodeEvent)next).Anchor, ReadScalar(place)),
            SequenceStart => (((NodeEvent)next).Anchor, ReadList(place, depth)),
            MappingStart => (((NodeEvent)next).Anchor, ReadMap(place, depth)),
            _ => throw new YamlException(next.Start, next.End, "there is no value here"),
        };
        if (!anchor.IsEmpty) _anchors[anchor] = (node, _nodes - before);
        return node;
    }

    private YamlNode Follow(AnchorAlias alias, SourcePlace place)
    {
        if (!_anchors.TryGetValue(alias.Value, out var known))
            throw new YamlException(alias.Start, alias.End, $"there is no anchor &{alias.Value} before this alias");
        Count(known.Count, place);
        return known.Node;
    }

    private YamlNode ReadScalar(SourcePlace place)
    {
        var scalar = _events.Consume<Scalar>();
        var isPlain = scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific);
        return new YamlScalar(place, scalar.Value, isPlain);
    }

    private YamlNode ReadList(SourcePlace place, int depth)
    {
        var items = new List<YamlNode>();
        _events.Consume<SequenceStart>();
        while (!_events.TryConsume<SequenceEnd>(out _)) items.Add(ReadNode(depth + 1));
        return new YamlList(place, items);
    }

    private YamlNode ReadMap(SourcePlace place, int depth)
    {
        var entries = new List<YamlEntry>();
        var keys = new Dictionary<string, SourcePlace>(StringComparer.Ordinal);
        var merged = new List<YamlNode>();
        _events.Consume<MappingStart>();
        while (!_events.TryConsume<MappingEnd>(out _))
        {
            var read = ReadNode(depth + 1);
            if (read is not YamlScalar key)
                throw new LimitException(read.Place, "a list or map cannot be the name of a field");
            var value = ReadNode(depth + 1);
            if (key is { IsPlain: true, Text: "<<" }) merged.Add(value);
            else if (keys.TryAdd(key.Text, key.Place)) entries.Add(new YamlEntry(key, value));
            else
                _diagnostics.Error(key.Place, $"\"{key.Text}\" is set twice",
                    $"the first stands on line {keys[key.Text].Line}; remove one of them");
        }
        foreach (var value in merged) Merge(value, entries, keys);
        return new YamlMap(place, entries);
    }

    private void Merge(YamlNode value, List<YamlEntry> entries, Dictionary<string, SourcePlace> keys)
    {
        switch (value)
        {
            case YamlMap map:
                foreach (var entry in map.Entries)
                    if (keys.TryAdd(entry.Key.Text, entry.Key.Place)) entries.Add(entry);
                break;
            case YamlList list when list.Items.All(item => item is YamlMap):
                foreach (var item in list.Items) Merge(item, entries, keys);
                break;
            default:
                _diagnostics.Error(value.Place, "<< merges maps, this is none", "name an anchor that stands on a map");
                break;
        }
    }

    private void Count(int nodes, SourcePlace place)
    {
        _nodes += nodes;
        if (_nodes > NodesMax)
            throw new LimitException(place, $"the file has more than {NodesMax} values, its aliases followed");
    }

    private void Report(YamlException wrong)
    {
        var place = _text.PlaceOf((int)wrong.Start.Index, (int)wrong.End.Index);
        if (TabBehind(place) is { } tab)
        {
            _diagnostics.Error(tab, "the file is no valid YAML: a tab indents this line", "indent with spaces");
            return;
        }
        _diagnostics.Error(place, "the file is no valid YAML: " + wrong.Message.TrimEnd('.'),
            "quote texts that hold any of : # { } [ ] & * % @ `, or begin with one of them");
    }

    // The reader complains about a line whose successor begins with a tab.
    private static SourcePlace? TabBehind(SourcePlace place)
    {
        var source = place.Source;
        var last = Math.Min(place.Line + 1, source.LineOf(source.Text.Length));
        for (var line = place.Line; line <= last; line++)
        {
            var text = source.LineText(line);
            var tab = text[..(text.Length - text.TrimStart().Length)].IndexOf('\t');
            if (tab >= 0) return new SourcePlace(source, source.LineStart(line) + tab, 1);
        }
        return null;
    }

    private SourcePlace PlaceOf(ParsingEvent node)
    {
        var end = node is Scalar or AnchorAlias ? node.End : node.Start;
        return _text.PlaceOf((int)node.Start.Index, (int)end.Index);
    }

    // On some broken texts the library ends in a fault of its own instead of an error of the text.
    private sealed class GuardedParser(IParser parser) : IParser
    {
        public ParsingEvent? Current => parser.Current;

        public bool MoveNext()
        {
            try
            {
                return parser.MoveNext();
            }
            catch (InvalidOperationException)
            {
                var place = parser.Current?.End ?? Mark.Empty;
                throw new YamlException(place, place, "what follows here cannot be understood");
            }
        }
    }

    private sealed class LimitException(SourcePlace place, string message) : Exception(message)
    {
        public SourcePlace Place { get; } = place;
    }
}
