using System.Diagnostics.CodeAnalysis;

namespace Weir.Routing.Language;

/// <summary>What a value is; its lower-case name is what errors call it.</summary>
public enum ValueKind
{
    /// <summary>No value.</summary>
    Null,

    /// <summary>A whole or floating-point number.</summary>
    Number,

    /// <summary>A text.</summary>
    String,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>An ordered list.</summary>
    Array,

    /// <summary>Named values.</summary>
    Object,

    /// <summary>Something that can be called.</summary>
    Function,

    /// <summary>An object of the program, such as a receiver of logs.</summary>
    Capsule,

    /// <summary>A text that must not be shown.</summary>
    Secret,

    /// <summary>Known only when the configuration runs; stands for another component's export during the static
    /// check.</summary>
    Unknown,
}

/// <summary>A value of the configuration language. Immutable.</summary>
public abstract class Value
{
    /// <summary>What it is.</summary>
    public abstract ValueKind Kind { get; }

    /// <summary>The kind as errors call it.</summary>
    public virtual string TypeName => Kind.ToString().ToLowerInvariant();

    /// <summary>Shows the type only: a value may hold or neighbour a secret.</summary>
    public sealed override string ToString() => $"({TypeName})";
}

/// <summary><c>null</c></summary>
public sealed class NullValue : Value
{
    /// <summary>The only one.</summary>
    public static readonly NullValue Instance = new();

    private NullValue()
    {
    }

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Null;
}

/// <summary>True or false.</summary>
public sealed class BoolValue : Value
{
    /// <summary><c>true</c></summary>
    public static readonly BoolValue True = new(true);

    /// <summary><c>false</c></summary>
    public static readonly BoolValue False = new(false);

    private BoolValue(bool value) => Value = value;

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Bool;

    /// <summary>The truth value.</summary>
    public bool Value { get; }

    /// <summary>One of the two.</summary>
    public static BoolValue Of(bool value) => value ? True : False;
}

/// <summary>A text.</summary>
public sealed class StringValue(string text) : Value
{
    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.String;

    /// <summary>The text.</summary>
    public string Text => text;
}

/// <summary>A text that must not be shown.</summary>
public sealed class SecretValue(string text) : Value
{
    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Secret;

    /// <summary>The text itself. Only the component that authenticates with it may read it.</summary>
    public string Reveal() => text;
}

/// <summary>An ordered list.</summary>
public sealed class ArrayValue(IReadOnlyList<Value> elements) : Value
{
    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Array;

    /// <summary>In order.</summary>
    public IReadOnlyList<Value> Elements => elements;
}

/// <summary>Named values, in order of their first appearance.</summary>
public sealed class ObjectValue : Value
{
    private readonly Dictionary<string, Value> _byName = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    /// <param name="fields">Of two with the same name, the last one counts.</param>
    public ObjectValue(IEnumerable<KeyValuePair<string, Value>> fields)
    {
        foreach (var (name, value) in fields)
        {
            if (!_byName.ContainsKey(name)) _names.Add(name);
            _byName[name] = value;
        }
    }

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Object;

    /// <summary>The names, in order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The fields, in order.</summary>
    public IEnumerable<KeyValuePair<string, Value>> Fields =>
        _names.Select(name => KeyValuePair.Create(name, _byName[name]));

    /// <returns>False when there is no such field.</returns>
    public bool TryGet(string name, [NotNullWhen(true)] out Value? value) => _byName.TryGetValue(name, out value);
}

/// <summary>Something that can be called.</summary>
/// <param name="name">As the configuration writes it, for errors.</param>
/// <param name="call">Gets the arguments, none of them unknown; errors are reported as
/// <see cref="FunctionException"/>.</param>
public sealed class FunctionValue(string name, Func<IReadOnlyList<Value>, Value> call) : Value
{
    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Function;

    /// <summary>As the configuration writes it, for errors.</summary>
    public string Name => name;

    /// <exception cref="FunctionException">The arguments are refused.</exception>
    public Value Call(IReadOnlyList<Value> arguments) => call(arguments);
}

/// <summary>An object of the program, such as a receiver of logs.</summary>
public sealed class CapsuleValue(object content) : Value
{
    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Capsule;

    /// <summary>The object.</summary>
    public object Content => content;

    /// <inheritdoc/>
    public override string TypeName => TypeNames.Of(content.GetType());
}

/// <summary>Known only when the configuration runs.</summary>
/// <param name="type">The type it will have, or null when that is not known either.</param>
public sealed class UnknownValue(Type? type) : Value
{
    /// <summary>An unknown value of unknown type.</summary>
    public static readonly UnknownValue Untyped = new(null);

    /// <summary>What an environment variable holds that is not set where the configuration is checked.</summary>
    public static readonly UnknownValue Unset = new(null);

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Unknown;

    /// <summary>The type it will have, or null when that is not known either.</summary>
    public Type? Type => type;

    /// <inheritdoc/>
    public override string TypeName => type is null ? "unknown" : TypeNames.Of(type);
}

/// <summary>A function refuses its arguments.</summary>
/// <param name="argument">Which one, the first being 0; -1 when it is not one of them alone.</param>
/// <param name="message">Why. Never holds a secret's value.</param>
public sealed class FunctionException(int argument, string message) : Exception(message)
{
    /// <summary>Which argument, the first being 0; -1 when it is not one of them alone.</summary>
    public int Argument => argument;
}
