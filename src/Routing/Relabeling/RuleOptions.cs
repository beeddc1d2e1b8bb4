using Weir.Protocol.Loki;
using Weir.Routing.Language;
using Weir.Routing.Patterns;

namespace Weir.Routing.Relabeling;

/// <summary>What a rule does with labels that its pattern matches.</summary>
public enum RelabelAction
{
    Replace,
    Keep,
    Drop,
    [Spelling("keepequal")] KeepEqual,
    [Spelling("dropequal")] DropEqual,
    [Spelling("hashmod")] HashMod,
    [Spelling("labelmap")] LabelMap,
    [Spelling("labeldrop")] LabelDrop,
    [Spelling("labelkeep")] LabelKeep,
    Lowercase,
    Uppercase,
}

/// <summary>Block <c>rule</c>: one step of relabelling, as Prometheus defines it.</summary>
public sealed record RuleOptions : IValidated
{
    private const string RegexDefault = "(.*)";
    private const string ReplacementDefault = "$1";
    private const string SeparatorDefault = ";";

    /// <summary>Default <c>replace</c>.</summary>
    [Argument("action")]
    public RelabelAction Action { get; init; } = RelabelAction.Replace;

    /// <summary>What <c>hashmod</c> divides by; it needs one.</summary>
    [Argument("modulus")]
    public ulong Modulus { get; init; }

    /// <summary>Go's syntax; must match the whole value. Default <c>(.*)</c>.</summary>
    [Argument("regex")]
    public string Regex { get; init; } = RegexDefault;

    /// <summary>May name groups of the pattern. Default <c>$1</c>; empty removes the target.</summary>
    [Argument("replacement")]
    public string Replacement { get; init; } = ReplacementDefault;

    /// <summary>Between the values of the source labels. Default <c>;</c>.</summary>
    [Argument("separator")]
    public string Separator { get; init; } = SeparatorDefault;

    /// <summary>Their values, joined, are what the pattern is matched against; an absent label is empty.</summary>
    [Argument("source_labels")]
    public IReadOnlyList<string> SourceLabels { get; init; } = [];

    /// <summary>The label that the action sets; of <c>replace</c> it may name groups of the pattern.</summary>
    [Argument("target_label")]
    public string TargetLabel { get; init; } = "";

    private string ActionName => Action.ToString().ToLowerInvariant();

    private bool NeedsTarget => Action is RelabelAction.Replace or RelabelAction.KeepEqual or RelabelAction.DropEqual
        or RelabelAction.HashMod or RelabelAction.Lowercase or RelabelAction.Uppercase;

    public void Validate(OptionProblems problems)
    {
        if (!GoRegex.TryCompileAnchored(Regex, out _, out var error)) problems.Add("regex", error);
        if (Action == RelabelAction.HashMod && Modulus == 0)
            problems.Add("modulus", "hashmod needs a modulus above 0", "set modulus to the number of shards");
        if (NeedsTarget) CheckTarget(problems);
        if (Action == RelabelAction.LabelMap && !IsTemplate(Replacement) && !LabelText.IsName(Replacement))
            problems.Add("replacement", $"\"{Replacement}\" is not a valid label name");
        CheckUnused(problems);
    }

    /// <summary>Whether two rules say the same.</summary>
    public bool Equals(RuleOptions? other) =>
        other is not null && Action == other.Action && Modulus == other.Modulus && Regex == other.Regex
        && Replacement == other.Replacement && Separator == other.Separator && TargetLabel == other.TargetLabel
        && SourceLabels.SequenceEqual(other.SourceLabels, StringComparer.Ordinal);

    public override int GetHashCode() =>
        StringComparer.Ordinal.GetHashCode(TargetLabel) ^ StringComparer.Ordinal.GetHashCode(Regex);

    internal static bool IsTemplate(string text) => text.Contains('$', StringComparison.Ordinal);

    private void CheckTarget(OptionProblems problems)
    {
        if (TargetLabel.Length == 0)
        {
            problems.AddToBlock($"{ActionName} needs a target_label", "name the label that the rule works on");
            return;
        }

        var mayBeTemplate = Action == RelabelAction.Replace && IsTemplate(TargetLabel);
        if (!mayBeTemplate && !LabelText.IsName(TargetLabel))
            problems.Add("target_label", $"\"{TargetLabel}\" is not a valid label name",
                "use letters, digits and underscores, and begin with no digit");
    }

    /// <summary>Refuses what the action would silently ignore, as Prometheus does.</summary>
    private void CheckUnused(OptionProblems problems)
    {
        var isOnLabelNames = Action is RelabelAction.LabelDrop or RelabelAction.LabelKeep;
        var isComparison = Action is RelabelAction.KeepEqual or RelabelAction.DropEqual;
        var isCase = Action is RelabelAction.Lowercase or RelabelAction.Uppercase;
        if ((isOnLabelNames || isComparison || isCase) && Replacement != ReplacementDefault)
            problems.Add("replacement", $"{ActionName} takes no replacement");
        if ((isOnLabelNames || isComparison) && Modulus != 0) problems.Add("modulus", $"{ActionName} takes no modulus");
        if ((isOnLabelNames || isComparison) && Separator != SeparatorDefault)
            problems.Add("separator", $"{ActionName} takes no separator");
        if (isComparison && Regex != RegexDefault)
            problems.Add("regex", $"{ActionName} takes no regex");
        if (isOnLabelNames && SourceLabels.Count > 0)
            problems.Add("source_labels", $"{ActionName} takes only a regex");
        if (isOnLabelNames && TargetLabel.Length > 0) problems.Add("target_label", $"{ActionName} takes only a regex");
    }
}
