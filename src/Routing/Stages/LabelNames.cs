using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>The rule for names of labels, shared by the stages that set them.</summary>
internal static class LabelNames
{
    /// <summary>A letter or underscore, then letters, digits and underscores.</summary>
    public static bool IsValid(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0])) return false;
        foreach (var unit in name)
            if (!char.IsAsciiLetterOrDigit(unit) && unit != '_') return false;
        return true;
    }

    /// <summary>Reports the names of an argument that no label can have.</summary>
    public static void Check(string argument, IEnumerable<string> names, OptionProblems problems)
    {
        foreach (var name in names.Where(name => !IsValid(name)))
        {
            problems.Add(argument, $"\"{name}\" is not a valid label name",
                "use letters, digits and underscores, and begin with no digit");
        }
    }
}
