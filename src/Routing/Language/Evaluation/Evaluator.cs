namespace Weir.Routing.Language;

/// <summary>Computes expressions. Unknown values (a static check) go through every operator, access and call.</summary>
public sealed class Evaluator(IScope scope, DiagnosticBag diagnostics)
{
    /// <returns>Null when something is wrong; it has been reported.</returns>
    public Value? Evaluate(ExpressionSyntax expression) => expression switch
    {
        LiteralSyntax literal => literal.Value,
        IdentifierSyntax or AccessSyntax => EvaluatePath(expression),
        ArraySyntax array => EvaluateAll(array.Elements) is { } elements ? new ArrayValue(elements) : null,
        ObjectSyntax literal => EvaluateObject(literal),
        IndexSyntax index => EvaluateIndex(index),
        CallSyntax call => EvaluateCall(call),
        UnarySyntax unary => EvaluateUnary(unary),
        BinarySyntax binary => EvaluateBinary(binary),
        ParenthesizedSyntax parenthesized => Evaluate(parenthesized.Inside),
        _ => UnknownValue.Untyped, // the parser has reported it
    };

    private Value? Fail(SourcePlace place, string message, string? hint = null)
    {
        diagnostics.Error(place, message, hint);
        return null;
    }

    private List<Value>? EvaluateAll(IReadOnlyList<ExpressionSyntax> expressions)
    {
        var values = new List<Value>(expressions.Count);
        foreach (var expression in expressions)
            if (Evaluate(expression) is { } value) values.Add(value);
        return values.Count == expressions.Count ? values : null;
    }

    private ObjectValue? EvaluateObject(ObjectSyntax literal)
    {
        var fields = new List<KeyValuePair<string, Value>>(literal.Fields.Count);
        foreach (var field in literal.Fields)
            if (Evaluate(field.Value) is { } value) fields.Add(KeyValuePair.Create(field.Name, value));
        return fields.Count == literal.Fields.Count ? new ObjectValue(fields) : null;
    }

    private Value? EvaluatePath(ExpressionSyntax expression)
    {
        var accesses = new Stack<AccessSyntax>();
        var root = References.Flatten(expression, accesses);
        Value? value;
        if (root is IdentifierSyntax identifier)
        {
            string[] path = [identifier.Name, .. accesses.Select(access => access.Name)];
            if (!scope.TryResolve(path, out value, out var used))
            {
                var (message, hint) = scope.Explain(path);
                return Fail(expression.Place, message, hint);
            }
            for (; used > 1; used--) accesses.Pop();
        }
        else
        {
            value = Evaluate(root);
        }
        while (value is not null && accesses.TryPop(out var access)) value = Access(value, access);
        return value;
    }

    private Value? Access(Value target, AccessSyntax access)
    {
        switch (target)
        {
            case ObjectValue fields when fields.TryGet(access.Name, out var value):
                return value;
            case ObjectValue fields:
                return Fail(access.NamePlace, $"field \"{access.Name}\" does not exist",
                    Suggestion.DidYouMean(access.Name, fields.Names) ?? Known(fields));
            case UnknownValue { Type: null }:
                return target;
            case UnknownValue { Type: { } type } when ValueTypes.MapElement(type) is { } element:
                return new UnknownValue(element);
            default:
                return Fail(access.NamePlace,
                    $"expected an object in front of \".{access.Name}\", got {target.TypeName}");
        }
    }

    private static string? Known(ObjectValue fields) =>
        fields.Names.Count is > 0 and <= 10 ? $"it has {string.Join(", ", fields.Names)}" : null;

    private Value? EvaluateIndex(IndexSyntax syntax)
    {
        var target = Evaluate(syntax.Target);
        var index = Evaluate(syntax.Index);
        if (target is null || index is null) return null;
        switch (target, index)
        {
            case (UnknownValue { Type: { } type }, _) when ElementOf(type) is { } element:
                return new UnknownValue(element);
            case (UnknownValue, _) or (_, UnknownValue):
                return UnknownValue.Untyped;
            case (ArrayValue array, NumberValue number):
                if (number.IsWhole && number.Whole >= 0 && number.Whole < array.Elements.Count)
                    return array.Elements[(int)number.Whole];
                return Fail(syntax.Index.Place, $"index is out of range: the list has {array.Elements.Count} elements");
            case (ArrayValue, _):
                return Fail(syntax.Index.Place, $"expected a number as index of a list, got {index.TypeName}");
            case (ObjectValue fields, StringValue name):
                return fields.TryGet(name.Text, out var value) ? value : NullValue.Instance;
            case (ObjectValue, _):
                return Fail(syntax.Index.Place, $"expected a string as index of an object, got {index.TypeName}");
            default:
                return Fail(syntax.Target.Place,
                    $"expected a list or an object in front of \"[\", got {target.TypeName}");
        }
    }

    private static Type? ElementOf(Type type) => ValueTypes.MapElement(type) ?? ValueTypes.ListElement(type);

    private Value? EvaluateCall(CallSyntax call)
    {
        var function = Evaluate(call.Function);
        var arguments = EvaluateAll(call.Arguments);
        if (function is null || arguments is null) return null;
        if (function is UnknownValue) return function;
        if (function is not FunctionValue callable)
            return Fail(call.Function.Place, $"expected a function in front of \"(\", got {function.TypeName}");
        // A variable that is not set counts as empty where there is something else to take.
        if (callable.Name == StandardLibrary.Coalescing && !arguments.TrueForAll(IsUnset))
            arguments.RemoveAll(IsUnset);
        if (arguments.Exists(IsUnknown)) return UnknownValue.Untyped;
        try
        {
            return callable.Call(arguments);
        }
        catch (FunctionException refused)
        {
            var place = refused.Argument >= 0 && refused.Argument < call.Arguments.Count
                ? call.Arguments[refused.Argument].Place
                : call.Place;
            return Fail(place, $"{callable.Name}: {refused.Message}");
        }
    }

    private static bool IsUnset(Value value) => ReferenceEquals(value, UnknownValue.Unset);

    /// <summary>Whether a value is not, or not wholly, known.</summary>
    internal static bool IsUnknown(Value value) => value switch
    {
        UnknownValue => true,
        ArrayValue array => array.Elements.Any(IsUnknown),
        ObjectValue fields => fields.Fields.Any(field => IsUnknown(field.Value)),
        _ => false,
    };

    private Value? EvaluateUnary(UnarySyntax unary)
    {
        if (Evaluate(unary.Operand) is not { } operand) return null;
        if (operand is UnknownValue) return Unknown(unary.Operator);
        return Operators.Unary(unary.Operator, operand, out var problem) ?? Fail(unary.Place, problem);
    }

    // Both sides are evaluated, also of && and ||, as in Alloy.
    private Value? EvaluateBinary(BinarySyntax binary)
    {
        var left = Evaluate(binary.Left);
        var right = Evaluate(binary.Right);
        if (left is null || right is null) return null;
        if (IsUnknown(left) || IsUnknown(right)) return Unknown(binary.Operator);
        if (Operators.Binary(binary.Operator, left, right, out var problem) is { } result) return result;
        var mixed = binary.Operator == TokenKind.Plus && (left is StringValue or NumberValue)
            && (right is StringValue or NumberValue);
        var hint = mixed ? "string.format(\"%s%d\", a, b) joins texts and numbers" : null;
        return Fail(binary.OperatorPlace, problem, hint);
    }

    private static UnknownValue Unknown(TokenKind @operator) =>
        Operators.GivesBool(@operator) ? new UnknownValue(typeof(bool)) : UnknownValue.Untyped;
}
