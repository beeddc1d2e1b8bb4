namespace Weir.Routing.Components;

/// <summary>A component as the configuration wants it.</summary>
/// <param name="Id">Its id, <c>loki.write.default</c>.</param>
/// <param name="Name">Its block's name, <c>loki.write</c>.</param>
/// <param name="References">Ids of the components whose exports its arguments read.</param>
/// <param name="Evaluate">Its options from the exports as they are now; given ids of <see cref="References"/>
/// only.</param>
/// <param name="IsModule">Its exports are a part of the configuration: with other arguments it is another
/// component.</param>
public sealed record ComponentPlan(
    string Id, string Name, IReadOnlyList<string> References, Func<Func<string, object?>, PlanResult> Evaluate,
    bool IsModule = false);

/// <summary>A configuration as far as it can be known from what runs.</summary>
/// <param name="Components">What runs, in evaluation order.</param>
/// <param name="ShapedBy">The components whose exports decide which components there are: when they change, the
/// configuration is planned again.</param>
/// <param name="Awaited">What is left out, for it depends on exports that there are not; one an element.</param>
/// <param name="Errors">Rendered diagnostics, one an element; when there is any, nothing else counts.</param>
public sealed record GraphPlan(
    IReadOnlyList<ComponentPlan> Components, IReadOnlyCollection<string> ShapedBy, IReadOnlyList<string> Awaited,
    IReadOnlyList<string> Errors)
{
    /// <summary>A configuration that depends on nothing.</summary>
    public static GraphPlan Of(IReadOnlyList<ComponentPlan> components) => new(components, [], [], []);
}

/// <summary>Plans a configuration, given the exports of components by id; null for what has none yet.</summary>
public delegate GraphPlan PlanGraph(Func<string, object?> exportsOf);

/// <param name="Options">The typed options; null when there are errors.</param>
/// <param name="Errors">Rendered diagnostics, one an element.</param>
public sealed record PlanResult(object? Options, IReadOnlyList<string> Errors);

/// <summary>A component as the admin endpoint shows it.</summary>
/// <param name="Options">The arguments in force; secrets are types of their own that never render.</param>
public sealed record ComponentState(
    string Id, string Name, Health Health, IReadOnlyList<string> References, object? Options, object? Exports,
    object? Status);
