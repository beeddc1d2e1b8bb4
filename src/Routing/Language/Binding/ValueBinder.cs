using System.Globalization;

namespace Weir.Routing.Language;

/// <summary>Converts values to the types of option records, by the rules of Alloy.</summary>
internal sealed class ValueBinder(DiagnosticBag diagnostics)
{
    /// <summary>
    /// Whether an unknown value was met since it was last set to false: what was bound is then checked, but not
    /// complete.
    /// </summary>
    public bool SawUnknown { get; set; }

    /// <summary>Converts a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">What it is converted to.</param>
    /// <param name="syntax">Where it comes from, for the place of errors.</param>
    /// <param name="result">Null for null, for an unknown value, and when false is returned.</param>
    /// <returns>False when it does not fit; it has been reported.</returns>
    public bool TryBind(Value value, Type type, ExpressionSyntax syntax, out object? result)
    {
        var inner = Nullable.GetUnderlyingType(type);
        if (value is NullValue) return BindNull(type, inner, out result);
        type = inner ?? type;
        if (value is UnknownValue unknown) return BindUnknown(unknown, type, syntax, out result);
        if (typeof(Value).IsAssignableFrom(type) && type.IsInstanceOfType(value)) return Done(value, out result);
        if (type == typeof(string)) return BindString(value, syntax, out result);
        if (type == typeof(Secret)) return BindSecret(value, syntax, out result);
        if (type == typeof(bool) && value is BoolValue truth) return Done(truth.Value, out result);
        if (type.IsEnum) return BindEnum(value, type, syntax, out result);
        if (ValueTypes.IsNumber(type)) return BindNumber(value, type, syntax, out result);
        if (value is CapsuleValue { Content: var content } && type.IsInstanceOfType(content)) return Done(content,
            out result);
        if (TextConversion.IsTextual(type)) return BindText(value, type, syntax, out result);
        if (ValueTypes.MapElement(type) is { } member) return BindMap(value, type, member, syntax, out result);
        if (ValueTypes.TakesArray(type))
            return BindList(value, type, ValueTypes.ListElement(type)!, syntax, out result);
        return Mismatch(value, type, syntax, out result);
    }

    private static bool Done(object? value, out object? result)
    {
        result = value;
        return true;
    }

    private bool Fail(ExpressionSyntax syntax, out object? result, string message, string? hint = null)
    {
        diagnostics.Error(syntax.Place, message, hint);
        result = null;
        return false;
    }

    private bool Mismatch(Value value, Type type, ExpressionSyntax syntax, out object? result)
    {
        var hint = (value, type) switch
        {
            (BoolValue, _) when type == typeof(string) => "put it in quotes",
            (StringValue { Text: "true" or "false" }, _) when type == typeof(bool) => "write it without quotes",
            (ObjectValue fields, _) when FieldThatFits(fields, type) is { } name => $"add \".{name}\"",
            (SecretValue, _) => "convert.nonsensitive(…) gives up the secrecy on purpose",
            (ObjectValue, _) when ValueTypes.ListElement(type) is not null => "put it in brackets: [ … ]",
            (StringValue or CapsuleValue, _) when ValueTypes.ListElement(type) is not null =>
                "put it in brackets: [ … ]",
            (ArrayValue { Elements.Count: 1 }, _) => "remove the brackets",
            _ => null,
        };
        return Fail(syntax, out result, $"expected {TypeNames.Of(type)}, got {value.TypeName}", hint);
    }

    // A reference to a component as a whole, where one of its exports was meant.
    private static string? FieldThatFits(ObjectValue fields, Type type)
    {
        foreach (var (name, field) in fields.Fields)
        {
            if (field is CapsuleValue capsule && type.IsInstanceOfType(capsule.Content)) return name;
            if (field is UnknownValue { Type: { } known } && TypeCompatibility.Fits(known, type)) return name;
        }
        return null;
    }

    // As in Alloy, null is the type's zero, not the argument's default.
    private static bool BindNull(Type type, Type? nullable, out object? result)
    {
        if (nullable is not null) return Done(null, out result);
        if (type == typeof(string)) return Done("", out result);
        if (type == typeof(Secret)) return Done(new Secret(""), out result);
        if (type.IsValueType) return Done(Activator.CreateInstance(type), out result);
        if (ValueTypes.MapElement(type) is { } member) return Done(NewMap(type, member), out result);
        if (ValueTypes.ListElement(type) is { } element) return Done(Array.CreateInstance(element, 0), out result);
        return Done(typeof(Value).IsAssignableFrom(type) ? NullValue.Instance : null, out result);
    }

    private bool BindUnknown(UnknownValue value, Type type, ExpressionSyntax syntax, out object? result)
    {
        SawUnknown = true;
        if (TypeCompatibility.Fits(value.Type, type)) return Done(null, out result);
        return Mismatch(value, type, syntax, out result);
    }

    private bool BindString(Value value, ExpressionSyntax syntax, out object? result) => value switch
    {
        StringValue text => Done(text.Text, out result),
        NumberValue number => Done(number.ToText(), out result),
        _ => Mismatch(value, typeof(string), syntax, out result),
    };

    private bool BindSecret(Value value, ExpressionSyntax syntax, out object? result) => value switch
    {
        SecretValue secret => Done(new Secret(secret.Reveal()), out result),
        StringValue text => Done(new Secret(text.Text), out result),
        NumberValue number => Done(new Secret(number.ToText()), out result),
        _ => Mismatch(value, typeof(Secret), syntax, out result),
    };

    private bool BindEnum(Value value, Type type, ExpressionSyntax syntax, out object? result)
    {
        var spellings = EnumSpelling.For(type);
        // A switch with a third position takes true and false as other switches do.
        if (value is BoolValue truth && spellings.TryGetValue(truth.Value ? "true" : "false", out var position))
            return Done(position, out result);
        if (value is not StringValue text) return Mismatch(value, type, syntax, out result);
        if (spellings.TryGetValue(text.Text, out var known)) return Done(known, out result);
        return Fail(syntax, out result, $"expected one of {Quoted(spellings.Keys)}",
            Suggestion.DidYouMean(text.Text, spellings.Keys));
    }

    private static string Quoted(IEnumerable<string> words) => string.Join(", ", words.Select(word => $"\"{word}\""));

    private bool BindNumber(Value value, Type type, ExpressionSyntax syntax, out object? result)
    {
        NumberValue? number = null;
        if (value is NumberValue given) number = given;
        else if (value is StringValue text && NumberValue.TryParse(text.Text, out var parsed)) number = parsed;
        else if (value is StringValue) return Fail(syntax, out result, "expected number, got a string that holds none");
        if (number is null) return Mismatch(value, type, syntax, out result);
        if (type == typeof(double)) return Done(number.Float, out result);
        if (type == typeof(float)) return Done((float)number.Float, out result);
        if (!number.IsWhole && !double.IsInteger(number.Float))
            return Fail(syntax, out result, "expected a whole number, got one with a fraction");
        try
        {
            var whole = number.IsWhole ? number.Whole : checked((Int128)number.Float);
            object fitting = whole < 0 ? (long)whole : (ulong)whole;
            return Done(Convert.ChangeType(fitting, type, CultureInfo.InvariantCulture), out result);
        }
        catch (OverflowException)
        {
            return Fail(syntax, out result, "number is out of range here");
        }
    }

    private bool BindText(Value value, Type type, ExpressionSyntax syntax, out object? result)
    {
        var text = value switch
        {
            StringValue given => given.Text,
            NumberValue number => number.ToText(),
            _ => null,
        };
        if (text is null) return Mismatch(value, type, syntax, out result);
        return TextConversion.TryParse(type, text, out result, out var problem) || Fail(syntax, out result, problem);
    }

    private bool BindMap(Value value, Type type, Type member, ExpressionSyntax syntax, out object? result)
    {
        if (value is not ObjectValue fields) return Mismatch(value, type, syntax, out result);
        var map = NewMap(type, member);
        var places = new Dictionary<string, ExpressionSyntax>(StringComparer.Ordinal);
        foreach (var field in (syntax as ObjectSyntax)?.Fields ?? []) places[field.Name] = field.Value;
        var good = true;
        foreach (var (name, field) in fields.Fields)
        {
            var place = places.GetValueOrDefault(name, syntax);
            if (TryBind(field, member, place, out var converted)) map[name] = converted;
            else good = false;
        }
        result = good ? map : null;
        return good;
    }

    private static System.Collections.IDictionary NewMap(Type type, Type member)
    {
        var concrete = typeof(Dictionary<,>).MakeGenericType(typeof(string), member);
        if (!type.IsAssignableFrom(concrete))
            throw new InvalidOperationException($"{type} is no map that can be bound");
        return (System.Collections.IDictionary)Activator.CreateInstance(concrete)!;
    }

    private bool BindList(Value value, Type type, Type element, ExpressionSyntax syntax, out object? result)
    {
        if (value is not ArrayValue array) return Mismatch(value, type, syntax, out result);
        var list = Array.CreateInstance(element, array.Elements.Count);
        var places = (syntax as ArraySyntax)?.Elements;
        var good = true;
        for (var i = 0; i < list.Length; i++)
        {
            if (TryBind(array.Elements[i], element, places?[i] ?? syntax, out var item)) list.SetValue(item, i);
            else good = false;
        }
        result = good ? list : null;
        return good;
    }
}
