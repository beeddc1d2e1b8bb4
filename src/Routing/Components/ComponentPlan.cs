namespace Weir.Routing.Components;

/// <summary>A component as the configuration wants it.</summary>
/// <param name="Id">Its id, <c>loki.write.default</c>.</param>
/// <param name="Name">Its block's name, <c>loki.write</c>.</param>
/// <param name="References">Ids of the components whose exports its arguments read.</param>
/// <param name="Evaluate">Its options from the exports as they are now; given ids of <see cref="References"/>
/// only.</param>
public sealed record ComponentPlan(
    string Id, string Name, IReadOnlyList<string> References, Func<Func<string, object?>, PlanResult> Evaluate);

/// <param name="Options">The typed options; null when there are errors.</param>
/// <param name="Errors">Rendered diagnostics, one an element.</param>
public sealed record PlanResult(object? Options, IReadOnlyList<string> Errors);

/// <summary>A component as the admin endpoint shows it.</summary>
/// <param name="Options">The arguments in force; secrets are types of their own that never render.</param>
public sealed record ComponentState(
    string Id, string Name, Health Health, IReadOnlyList<string> References, object? Options, object? Exports,
    object? Status);
