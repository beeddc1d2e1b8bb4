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
        new("subf", 2, 2, call => call.Real(0) - call.Real(1)),
        new("mulf", 2, 2, call => call.Real(0) * call.Real(1)),
        new("divf", 2, 2, call => call.Real(0) / call.Real(1)),
        new("floor", 1, 1, call => Math.Floor(call.Real(0))),
        new("ceil", 1, 1, call => Math.Ceiling(call.Real(0))),
        new("round", 2, 2, call => Math.Round(call.Real(0), (int)Math.Clamp(call.Whole(1), 0, 15),
            MidpointRounding.AwayFromZero)),
    ];

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
