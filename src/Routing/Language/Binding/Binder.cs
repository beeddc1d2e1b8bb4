namespace Weir.Routing.Language;

/// <summary>
/// Fills option records from the bodies of blocks, as the records' attributes say. All mistakes of a body are reported
/// at once.
/// </summary>
public sealed class Binder
{
    private readonly Evaluator _evaluator;
    private readonly DiagnosticBag _diagnostics;
    private readonly ValueBinder _values;

    /// <param name="scope">What names mean in the body.</param>
    /// <param name="diagnostics">Gets the mistakes.</param>
    public Binder(IScope scope, DiagnosticBag diagnostics)
    {
        _evaluator = new Evaluator(scope, diagnostics);
        _diagnostics = diagnostics;
        _values = new ValueBinder(diagnostics);
    }

    /// <summary>Fills a record from a block.</summary>
    /// <typeparam name="T">A record with a constructor without parameters.</typeparam>
    /// <returns>Null when the block has a mistake; it has been reported.</returns>
    public T? Bind<T>(BlockSyntax block) where T : class => (T?)Bind(typeof(T), block);

    /// <summary>Fills a record of a type from a block.</summary>
    /// <returns>Null when the block has a mistake; it has been reported.</returns>
    public object? Bind(Type type, BlockSyntax block) => Bind(type, null, block.Name, block.HeaderPlace, block.Body);

    /// <summary>Fills a record of a type from a body.</summary>
    /// <param name="type">A record with a constructor without parameters.</param>
    /// <param name="initial">The defaults, or null for the type's own.</param>
    /// <param name="name">What errors call the body.</param>
    /// <param name="header">The place of errors that concern the body as a whole.</param>
    /// <param name="body">The body.</param>
    private object? Bind(Type type, object? initial, string name, SourcePlace header, BodySyntax body)
    {
        var before = _diagnostics.ErrorCount;
        var unknownBefore = _values.SawUnknown;
        _values.SawUnknown = false;
        var schema = RecordSchema.Of(type);
        var record = schema.Create(initial);
        BindAttributes(schema, record, name, header, body);
        var complete = _diagnostics.ErrorCount == before && !_values.SawUnknown;
        BindBlocks(schema, record, name, header, body);
        if (complete && _diagnostics.ErrorCount == before) Validate(schema, record, name, header, body);
        _values.SawUnknown |= unknownBefore;
        return _diagnostics.ErrorCount == before ? record : null;
    }

    private void BindAttributes(RecordSchema schema, object record, string name, SourcePlace header, BodySyntax body)
    {
        var seen = new Dictionary<string, SourcePlace>(StringComparer.Ordinal);
        foreach (var attribute in body.Attributes)
        {
            if (!seen.TryAdd(attribute.Name, attribute.NamePlace))
                _diagnostics.Error(attribute.NamePlace, $"attribute \"{attribute.Name}\" may only be given once",
                    $"it is given in line {seen[attribute.Name].Line} already");
            else if (schema.Arguments.TryGetValue(attribute.Name, out var slot)) BindAttribute(slot, record, attribute);
            else UnknownAttribute(schema, name, attribute);
        }
        foreach (var slot in schema.Arguments.Values)
        {
            if (slot.Required && body.Statements.All(statement => statement.Name != slot.Name))
                _diagnostics.Error(header, $"missing required attribute \"{slot.Name}\" in {name}");
        }
    }

    private void BindAttribute(OptionSlot slot, object record, AttributeSyntax attribute)
    {
        if (_evaluator.Evaluate(attribute.Value) is not { } value) return;
        if (!_values.TryBind(value, slot.Type, attribute.Value, out var converted)) return;
        if (value is UnknownValue) return;
        if (slot.Range is { } range && converted is not null && value is not NullValue
            && RangeCheck.Problem(range, Nullable.GetUnderlyingType(slot.Type) ?? slot.Type, converted) is { } problem)
            _diagnostics.Error(attribute.Value.Place, $"\"{slot.Name}\" {problem}");
        else
            slot.Set(record, converted);
    }

    private void UnknownAttribute(RecordSchema schema, string name, AttributeSyntax attribute)
    {
        if (schema.Blocks.ContainsKey(attribute.Name) || schema.Members.ContainsKey(attribute.Name))
            _diagnostics.Error(attribute.NamePlace, $"\"{attribute.Name}\" is a block, not an attribute",
                $"write it without \"=\": {attribute.Name} {{ … }}");
        else
            _diagnostics.Error(attribute.NamePlace, $"unrecognized attribute \"{attribute.Name}\" in {name}",
                Suggestion.DidYouMean(attribute.Name, schema.Arguments.Keys.Concat(schema.Blocks.Keys)));
    }

    private void BindBlocks(RecordSchema schema, object record, string name, SourcePlace header, BodySyntax body)
    {
        var bound = new Dictionary<OptionSlot, List<object?>>(ReferenceEqualityComparer.Instance);
        foreach (var block in body.Blocks)
        {
            if (schema.Blocks.TryGetValue(block.Name, out var slot)) BindBlock(slot, record, block, bound);
            else if (schema.Members.TryGetValue(block.Name, out var member))
                AddTo(bound, schema.Sequence!, BindNested(member, null, block));
            else UnknownBlock(schema, name, block);
        }
        foreach (var (slot, records) in bound)
        {
            if (records.Contains(null)) continue; // reported
            if (ValueTypes.ListElement(slot.Type) is not { } element)
            {
                slot.Set(record, records[0]);
                continue;
            }
            var list = Array.CreateInstance(element, records.Count);
            for (var i = 0; i < records.Count; i++) list.SetValue(records[i], i);
            slot.Set(record, list);
        }
        foreach (var slot in schema.Blocks.Values)
            if (slot.Required && body.Statements.All(statement => statement.Name != slot.Name))
                _diagnostics.Error(header, $"missing required block \"{slot.Name}\" in {name}",
                    $"add {slot.Name} {{ … }}");
    }

    private void BindBlock(
        OptionSlot slot, object record, BlockSyntax block, Dictionary<OptionSlot, List<object?>> bound)
    {
        var element = ValueTypes.ListElement(slot.Type);
        if (element is null && bound.ContainsKey(slot))
        {
            _diagnostics.Error(block.NamePlace, $"block \"{block.Name}\" may only be given once");
            return;
        }
        AddTo(bound, slot, element is null
            ? BindNested(slot.Type, slot.Get(record), block)
            : BindNested(element, null, block));
    }

    private static void AddTo(Dictionary<OptionSlot, List<object?>> bound, OptionSlot slot, object? record)
    {
        if (!bound.TryGetValue(slot, out var records)) bound.Add(slot, records = []);
        records.Add(record);
    }

    private object? BindNested(Type type, object? initial, BlockSyntax block)
    {
        var label = RecordSchema.Of(type).Label;
        if (label is null && block.Label is { } extra)
            _diagnostics.Error(extra.Place, $"block \"{block.Name}\" has no label", "remove it");
        if (label is not null && block.Label is null)
            _diagnostics.Error(block.NamePlace, $"block \"{block.Name}\" needs a label",
                $"{block.Name} \"name\" {{ … }}");
        var record = Bind(type, initial, block.Name, block.HeaderPlace, block.Body);
        if (record is not null && label is not null) label.Set(record, block.Label?.Text ?? "");
        return record;
    }

    private void UnknownBlock(RecordSchema schema, string name, BlockSyntax block)
    {
        if (schema.Arguments.ContainsKey(block.Name))
        {
            _diagnostics.Error(block.NamePlace, $"\"{block.Name}\" is an attribute, not a block",
                $"write {block.Name} = … with a comma behind each element");
            return;
        }
        if (schema.Members.Count > 0 && AlloyNames.Stages.Contains(block.Name))
        {
            _diagnostics.Error(block.NamePlace, $"block \"{block.Name}\" is known, but not supported by Weir yet");
            return;
        }
        var known = schema.Blocks.Keys.Concat(schema.Members.Keys).Concat(schema.Arguments.Keys);
        _diagnostics.Error(block.NamePlace, $"unrecognized block \"{block.Name}\" in {name}",
            Suggestion.DidYouMean(block.Name, known)
            ?? (schema.Members.ContainsKey($"stage.{block.Name}") ? $"did you mean \"stage.{block.Name}\"?" : null));
    }

    private void Validate(RecordSchema schema, object record, string block, SourcePlace header, BodySyntax body)
    {
        foreach (var part in schema.Parts(record))
        {
            if (part is not IValidated validated) continue;
            var problems = new OptionProblems();
            validated.Validate(problems);
            foreach (var (name, message, hint) in problems.Items)
                _diagnostics.Error(
                    name is null ? header : PlaceOf(name, header, body), $"{name ?? block}: {message}", hint);
        }
    }

    private static SourcePlace PlaceOf(string name, SourcePlace header, BodySyntax body) =>
        body.Statements.FirstOrDefault(statement => statement.Name == name) switch
        {
            AttributeSyntax attribute => attribute.Value.Place,
            BlockSyntax block => block.HeaderPlace,
            _ => header,
        };
}
