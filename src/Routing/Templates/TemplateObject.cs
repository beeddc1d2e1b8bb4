namespace Weir.Routing.Templates;

/// <summary>A value that is more than text, number, list or map: a time or a version.</summary>
internal interface ITemplateObject
{
    /// <summary>As Go's <c>%T</c>.</summary>
    string Type { get; }

    /// <summary>As Go's reflection names it.</summary>
    string Kind { get; }

    /// <summary>The text that stands for it in JSON.</summary>
    string Json { get; }

    /// <summary>As Go's <c>%v</c>.</summary>
    string ToString();

    /// <summary>A field, or a method that takes nothing.</summary>
    /// <exception cref="TemplateException">It has none of that name.</exception>
    object? Member(string name);

    /// <summary>A method with arguments; see <see cref="TemplateMethods"/>.</summary>
    /// <exception cref="TemplateException">It has none of that name, or the arguments do not fit.</exception>
    object? Call(TemplateCall call);
}

/// <summary>The methods of times and versions that take arguments.</summary>
internal static class TemplateMethods
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "Format", "AddDate", "After", "Before", "Equal", "Compare", "LessThan", "GreaterThan",
    };

    public static bool Takes(string name) => Names.Contains(name);

    public static TemplateException Unknown(ITemplateObject target, string name) =>
        new($"can't evaluate field {name} in a {target.Type}");

    public static void CheckCount(TemplateCall call, int count)
    {
        if (call.Count != count)
            throw new TemplateException($"wrong number of args for {call.Name}: want {count} got {call.Count}");
    }
}
