using Weir.Protocol.Loki;
using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>The rule for names of labels, shared by the stages that set them.</summary>
internal static class LabelNames
{
    /// <summary>Reports the names of an argument that no label can have.</summary>
    public static void Check(string argument, IEnumerable<string> names, OptionProblems problems)
    {
        foreach (var name in names.Where(name => !LabelText.IsName(name)))
        {
            problems.Add(argument, $"\"{name}\" is not a valid label name",
                "use letters, digits and underscores, and begin with no digit");
        }
    }
}
