namespace Weir.Routing.Language;

/// <summary>An export of a component that an expression comes to, perhaps through modules.</summary>
/// <param name="Component">The component's id.</param>
/// <param name="Export">Null for all of them.</param>
public sealed record ExportReference(string Component, string? Export);

/// <summary>
/// One evaluation, through as many modules as it takes: an argument of a module is the expression that its maker gives
/// for it, an export the expression that the module has for it, both evaluated where they stand. What is left are the
/// exports of components that run.
/// </summary>
/// <param name="exportsOf">The exports of a component; null when it has none yet.</param>
/// <param name="isStrict">Exports that are not there are a mistake; else they are unknown values.</param>
/// <param name="diagnostics">Gets the mistakes.</param>
internal sealed class Evaluation(Func<string, object?> exportsOf, bool isStrict, DiagnosticBag diagnostics)
{
    // Each costs some stack; a chain of modules that feed each other is a tenth of it at most.
    private const int ModulesDeep = 200;

    // Null while it is evaluated: who meets it again then has found a cycle.
    private readonly Dictionary<(Module, ExpressionSyntax), Value?> _values = [];
    private readonly List<ExportReference> _read = [];
    private int _depth;

    /// <summary>The exports that it has read, each once, in order.</summary>
    public IReadOnlyList<ExportReference> Read => _read;

    /// <summary>It has met something of a module that is not known yet.</summary>
    public bool MetUnknownModule { get; private set; }

    /// <returns>An unknown value when something is wrong; it has been reported.</returns>
    public Value Evaluate(Module module, ExpressionSyntax expression)
    {
        var key = (module, expression);
        if (_values.TryGetValue(key, out var known)) return known ?? Wrong(expression, "this depends on itself");
        if (_depth == ModulesDeep) return Wrong(expression, $"this leads through more than {ModulesDeep} modules");
        _values[key] = null;
        _depth++;
        var value = new Evaluator(new ModuleScope(module, this), diagnostics).Evaluate(expression)
            ?? UnknownValue.Untyped;
        _depth--;
        _values[key] = value;
        return value;
    }

    /// <summary>The value of an argument that the module declares.</summary>
    public Value Argument(Module module, string name)
    {
        if (module.Call is not { } call) return UnknownValue.Untyped; // the declaration is checked by itself
        if (Find(call.Body, name) is { } given) return Evaluate(module.Parent!, given);
        return Find(module.Definition.Arguments[name].Body, "default") is { } standard
            ? Evaluate(module, standard) : NullValue.Instance;
    }

    /// <summary>The value of an export that the module has.</summary>
    public Value Export(Module module, string name) =>
        Find(module.Definition.Exports[name].Body, "value") is { } value
            ? Evaluate(module, value) : UnknownValue.Untyped; // that it is missing has been reported

    /// <summary>Something of a custom component whose module is not known yet.</summary>
    public Value UnknownModule()
    {
        MetUnknownModule = true;
        return UnknownValue.Untyped;
    }

    /// <summary>What the id of a component means.</summary>
    /// <param name="export">The export that is asked for; null for all.</param>
    /// <returns>Null when it should be known by now and is not.</returns>
    public Value? ExportsOf(string id, string? export, BlockDescription description)
    {
        var reference = new ExportReference(id, export);
        if (!_read.Contains(reference)) _read.Add(reference);
        if (description.Exports is not { } type) return new ObjectValue([]);
        if (exportsOf(id) is { } exports) return ExportsSchema.ToValue(exports);
        return isStrict ? null : ExportsSchema.Unknown(type);
    }

    public static ExpressionSyntax? Find(BodySyntax body, string name) =>
        body.Attributes.FirstOrDefault(attribute => attribute.Name == name)?.Value;

    private UnknownValue Wrong(ExpressionSyntax expression, string message)
    {
        diagnostics.Error(expression.Place, message);
        return UnknownValue.Untyped;
    }
}
