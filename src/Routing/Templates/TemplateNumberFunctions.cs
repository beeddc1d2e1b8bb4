namespace Weir.Routing.Templates;

/// <summary>Sprig's functions of numbers; a text that is none counts as 0.</summary>
internal static class TemplateNumberFunctions
{
    public static TemplateFunction[] All =>
    [
        new("atoi", 1, 1, call => call.Whole(0)),
        new("int", 1, 1, call => call.Whole(0)),
        new("int64", 1, 1, call => call.Whole(0)),
        new("float64", 1, 1, call => call.Real(0)),
        new("add", 0, TemplateFunctions.Any, call => Fold(call, 0, (sum, next) => sum + next)),
        new("add1", 1, 1, call => call.Whole(0) + 1),
        new("sub", 2, 2, call => call.Whole(0) - call.Whole(1)),
        new("mul", 1, TemplateFunctions.Any, call => Fold(call, 1, (product, next) => product * next)),
        new("div", 2, 2, call => Divide(call, (one, other) => one / other)),
        new("mod", 2, 2, call => Divide(call, (one, other) => one % other)),
        new("max", 1, TemplateFunctions.Any, call => Fold(call, long.MinValue, Math.Max)),
        new("biggest", 1, TemplateFunctions.Any, call => Fold(call, long.MinValue, Math.Max)),
        new("maxf", 1, TemplateFunctions.Any, call => Enumerable.Range(0, call.Count).Max(call.Real)),
        new("minf", 1, TemplateFunctions.Any, call => Enumerable.Range(0, call.Count).Min(call.Real)),
        new("add1f", 1, 1, call => call.Real(0) + 1),
        new("min", 1, TemplateFunctions.Any, call => Fold(call, long.MaxValue, Math.Min)),
        new("addf", 0, TemplateFunctions.Any, call => Enumerable.Range(0, call.Count).Sum(call.Real)),
        new("subf", 1, TemplateFunctions.Any, call => Fold(call, (rest, next) => rest - next)),
        new("mulf", 1, TemplateFunctions.Any, call => Fold(call, (product, next) => product * next)),
        new("divf", 1, TemplateFunctions.Any, call => Fold(call, (rest, next) => rest / next)),
        new("floor", 1, 1, call => Math.Floor(call.Real(0))),
        new("ceil", 1, 1, call => Math.Ceiling(call.Real(0))),
        new("round", 2, 3, Round),
    ];

    private static double Fold(TemplateCall call, Func<double, double, double> step) =>
        Enumerable.Range(1, call.Count - 1).Aggregate(call.Real(0), (value, i) => step(value, call.Real(i)));

    // Up from a fraction that the third argument may name, a half without it.
    private static object Round(TemplateCall call)
    {
        var unit = Math.Pow(10, Math.Clamp(call.Whole(1), -300, 300));
        var scaled = call.Real(0) * unit;
        var isUp = scaled - Math.Truncate(scaled) >= (call.Count > 2 ? call.Real(2) : 0.5);
        return (isUp ? Math.Ceiling(scaled) : Math.Floor(scaled)) / unit;
    }

    private static long Fold(TemplateCall call, long start, Func<long, long, long> step)
    {
        for (var i = 0; i < call.Count; i++) start = step(start, call.Whole(i));
        return start;
    }

    private static long Divide(TemplateCall call, Func<long, long, long> divide)
    {
        if (call.Whole(1) == 0) throw new TemplateException($"error calling {call.Name}: divide by zero");
        // The one quotient that does not fit: it would fault.
        return call.Whole(1) == -1 ? divide(call.Whole(0) == long.MinValue ? 0 : call.Whole(0), -1)
            : divide(call.Whole(0), call.Whole(1));
    }
}
