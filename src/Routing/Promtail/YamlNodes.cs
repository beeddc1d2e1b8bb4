using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>A value of a YAML document, with its place in the file as the operator wrote it.</summary>
/// <param name="Place">Of an alias: where the anchor stands.</param>
internal abstract record YamlNode(SourcePlace Place);

/// <summary>One text, as written; what it means is up to the field that holds it.</summary>
/// <param name="Place">The text.</param>
/// <param name="Text">Without quotes and escapes.</param>
/// <param name="IsPlain">Not quoted, so that <c>null</c> or nothing at all means that there is no value.</param>
internal sealed record YamlScalar(SourcePlace Place, string Text, bool IsPlain) : YamlNode(Place)
{
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}

internal sealed record YamlList(SourcePlace Place, IReadOnlyList<YamlNode> Items) : YamlNode(Place);

internal sealed record YamlMap(SourcePlace Place, IReadOnlyList<YamlEntry> Entries) : YamlNode(Place);

internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
