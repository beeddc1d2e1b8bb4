using System.Globalization;
using Weir.Routing.Patterns;

namespace Weir.Routing.Templates;

/// <param name="Name">As templates write it.</param>
/// <param name="Least">Arguments at the least.</param>
/// <param name="Most">Arguments at the most.</param>
/// <param name="Body">Their number is checked, their kinds are not.</param>
internal sealed record TemplateFunction(string Name, int Least, int Most, Func<TemplateCall, object?> Body)
{
    public void CheckCount(int count)
    {
        if (count >= Least && count <= Most) return;
        throw new TemplateException($"wrong number of args for {Name}: want "
            + (Most == Least ? $"{Least}" : $"at least {Least}") + $" got {count}");
    }

    public object? Invoke(TemplateCall call)
    {
        CheckCount(call.Values.Length);
        var value = Body(call);
        if (value is string text) call.Run.SpendCharacters(text.Length);
        return value;
    }
}

/// <summary>A call's arguments, converted as they are taken.</summary>
internal sealed class TemplateCall(string name, object?[] values, TemplateRun run)
{
    public string Name => name;

    public object?[] Values => values;

    public TemplateRun Run => run;

    public int Count => values.Length;

    public object? this[int argument] => values[argument];

    /// <summary>A string, as functions of Go's library take it.</summary>
    public string Text(int argument) => values[argument] as string ?? throw Misfit(argument, "string");

    /// <summary>Any value as text, as most of Sprig's functions take it; nothing is empty.</summary>
    public string AnyText(int argument) => values[argument] is { } value ? TemplateValues.Print(value) : "";

    public long Whole(int argument) => values[argument] switch
    {
        long number => number,
        double number => (long)number,
        bool truth => truth ? 1 : 0,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
                : (long)number,
        string => 0,
        _ => throw Misfit(argument, "int"),
    };

    public double Real(int argument) => values[argument] switch
    {
        long number => number,
        double number => number,
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number : 0,
        _ => throw Misfit(argument, "float64"),
    };

    public List<object?> List(int argument) => values[argument] as List<object?> ?? throw Misfit(argument, "list");

    public SortedDictionary<string, object?> Map(int argument) =>
        values[argument] as SortedDictionary<string, object?> ?? throw Misfit(argument, "map");

    public GoRegex Pattern(int argument) => run.Patterns.Get(Text(argument));

    public TemplateException Misfit(int argument, string wanted) =>
        new($"error calling {name}: argument {argument + 1} "
        + $"is {TemplateValues.KindOf(values[argument])}; expected {wanted}");
}
