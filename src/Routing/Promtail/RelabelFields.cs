using static Weir.Routing.Promtail.FieldKind;

namespace Weir.Routing.Promtail;

/// <summary>The fields of a relabelling rule.</summary>
internal static class RelabelFields
{
    public static readonly IReadOnlyList<Field> Rule =
    [
        new("source_labels", Texts), new("separator", Text) { Default = ";" }, new("target_label", Text),
        new("regex", Regex) { Default = "(.*)" }, new("modulus", Integer) { Default = "0" },
        new("replacement", Text) { Default = "$1" },
        new("action", Word)
        {
            Default = "replace",
            Words =
            [
                "replace", "keep", "drop", "keepequal", "dropequal", "hashmod", "labelmap", "labeldrop", "labelkeep",
                "lowercase", "uppercase",
            ],
        },
    ];

    /// <summary>A rule that sets a label to a text.</summary>
    public static void AddConstant(AlloyBlock parent, string label, string value)
    {
        var rule = parent.Add("rule");
        rule.Set("target_label", Literal.Text(label));
        rule.Set("replacement", Literal.Text(value.Replace("$", "$$", StringComparison.Ordinal)));
    }
}
