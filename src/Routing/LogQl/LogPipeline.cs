using System.Text;
using System.Text.Json;
using Weir.Protocol.Batches;

namespace Weir.Routing.LogQl;

/// <summary>Runs a query's stages over single lines, for the embedded store and the live tail.</summary>
/// <remarks>Not thread-safe. What it keeps of a line is valid until the next one.</remarks>
public sealed class LogPipeline(LogQuery query)
{
    /// <summary>Nesting of a JSON line that <c>| json</c> follows.</summary>
    private const int JsonDepthMax = 64;

    /// <summary>Label of a line that a parser could not read, as Loki names it.</summary>
    private const string ErrorLabel = "__error__";

    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);
    private byte[]? _formatted;

    /// <summary>Labels after the stages: the stream's, its metadata and the extracted ones.</summary>
    public IReadOnlyDictionary<string, string> Labels => _labels;

    /// <summary>The line after the stages.</summary>
    public ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> line) => _formatted is null ? line : _formatted;

    /// <param name="metadata">Structured metadata, visible to label filters.</param>
    /// <returns>False when a filter rejects the line.</returns>
    public bool Run(LabelSet stream, IEnumerable<Label> metadata, ReadOnlySpan<byte> line)
    {
        _formatted = null;
        _labels.Clear();
        foreach (var (name, value) in stream.Labels) _labels[name] = value;
        foreach (var (name, value) in metadata) _labels[name] = value;
        foreach (var stage in query.Stages)
            if (!Run(stage, LineOf(line))) return false;
        return true;
    }

    private bool Run(LogStage stage, ReadOnlySpan<byte> line)
    {
        switch (stage)
        {
            case LineFilterStage filter: return filter.Filter.IsMatch(line);
            case LabelFilterStage filter: return filter.Filter.IsMatch(ValueOf);
            case JsonStage json: ParseJson(json, line.ToArray()); break;
            case LogfmtStage logfmt: ParseLogfmt(logfmt, Encoding.UTF8.GetString(line)); break;
            case LineFormatStage format: _formatted = Format(format); break;
            case LabelListStage list: KeepOrDrop(list); break;
        }

        return true;
    }

    private string ValueOf(string label) => _labels.GetValueOrDefault(label, "");

    private void ParseJson(JsonStage stage, byte[] line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = JsonDepthMax });
            if (document.RootElement.ValueKind != JsonValueKind.Object) _labels[ErrorLabel] = "JSONParserErr";
            else if (stage.Wanted.Count == 0) Flatten("", document.RootElement);
            else
                foreach (var (name, path) in stage.Wanted)
                    if (TryFollow(document.RootElement, path, out var found)) Extract(name, TextOf(found));
        }
        // InvalidOperationException: a string of the line holds half a surrogate pair.
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            _labels[ErrorLabel] = "JSONParserErr";
        }
    }

    private void Flatten(string prefix, JsonElement element)
    {
        foreach (var property in element.EnumerateObject())
        {
            var name = prefix.Length == 0 ? property.Name : $"{prefix}_{property.Name}";
            if (property.Value.ValueKind == JsonValueKind.Object) Flatten(name, property.Value);
            else if (property.Value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null))
                Extract(Sanitize(name), TextOf(property.Value));
        }
    }

    private static bool TryFollow(JsonElement element, string path, out JsonElement found)
    {
        found = element;
        foreach (var step in path.Split('.'))
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(step, out found)) return false;
        return true;
    }

    private static string TextOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();

    private static string Sanitize(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name) text.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        return text.Length > 0 && char.IsAsciiDigit(text[0]) ? $"_{text}" : text.ToString();
    }

    private void ParseLogfmt(LogfmtStage stage, string line)
    {
        foreach (var (key, value) in Logfmt.Pairs(line))
        {
            if (stage.Wanted.Count == 0) Extract(Sanitize(key), value);
            foreach (var (name, wanted) in stage.Wanted)
                if (wanted == key) Extract(name, value);
        }
    }

    /// <summary>A label of the stream wins; the extracted one gets a name of its own, as Loki does it.</summary>
    private void Extract(string name, string value) =>
        _labels[_labels.ContainsKey(name) ? $"{name}_extracted" : name] = value;

    private byte[] Format(LineFormatStage stage)
    {
        var text = new StringBuilder();
        for (var i = 0; i < stage.Parts.Count; i++) text.Append(i % 2 == 0 ? stage.Parts[i] : ValueOf(stage.Parts[i]));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void KeepOrDrop(LabelListStage stage)
    {
        foreach (var name in _labels.Keys.Where(name => stage.Names.Contains(name) != stage.IsKeep).ToList())
            _labels.Remove(name);
    }
}
