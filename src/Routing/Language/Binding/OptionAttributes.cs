namespace Weir.Routing.Language;

/// <summary>The property holds the attribute <c>name = value</c>; its initializer is the default.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ArgumentAttribute(string name) : Attribute
{
    /// <summary>As the configuration writes it.</summary>
    public string Name => name;

    /// <summary>Whether the configuration must give it.</summary>
    public bool Required { get; init; }
}

/// <summary>
/// The property holds the nested block <c>name { … }</c>: an option record, a nullable one, or a read-only list of them
/// for a block that may be repeated.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BlockAttribute(string name) : Attribute
{
    /// <summary>As the configuration writes it.</summary>
    public string Name => name;

    /// <summary>Whether the configuration must give it (at least once).</summary>
    public bool Required { get; init; }
}

/// <summary>
/// The property holds nested blocks of several kinds in file order: a read-only list of an interface, whose members are
/// the records of the interface's assembly with a <see cref="BlockNameAttribute"/> (<c>stage.json</c>, …).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BlockSequenceAttribute : Attribute;

/// <summary>The name under which a record is a member of a block sequence.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BlockNameAttribute(string name) : Attribute
{
    /// <summary>As the configuration writes it.</summary>
    public string Name => name;
}

/// <summary>The property, a string, holds the label of its nested block, which must have one.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LabelAttribute : Attribute;

/// <summary>The property, an option record, holds arguments and blocks that stand directly in the surrounding
/// body.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InlineAttribute : Attribute;

/// <summary>Smallest and largest legal value, both included, as the configuration writes them: <c>"1ms"</c>,
/// <c>"1MiB"</c>, <c>"10"</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeAttribute : Attribute
{
    /// <summary>Null for none.</summary>
    public string? Min { get; init; }

    /// <summary>Null for none.</summary>
    public string? Max { get; init; }
}

/// <summary>How the configuration writes an enum's value; without it, <c>TailFromEnd</c> is
/// <c>tail_from_end</c>.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class SpellingAttribute(string text) : Attribute
{
    /// <summary>As the configuration writes it.</summary>
    public string Text => text;
}

/// <summary>The property of an exports record that other components reach under this name.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExportAttribute(string name) : Attribute
{
    /// <summary>As the configuration writes it.</summary>
    public string Name => name;
}

/// <summary>How settled a component is; the node refuses those below its <c>--stability.level</c>.</summary>
public enum Stability
{
    /// <summary>May change or go.</summary>
    Experimental,

    /// <summary>Likely stays; may still change.</summary>
    PublicPreview,

    /// <summary>Settled.</summary>
    GenerallyAvailable,
}

/// <summary>The option record configures a component of this name.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ComponentAttribute(string name) : Attribute
{
    /// <summary>As the configuration writes it.</summary>
    public string Name => name;

    /// <summary>The record of its exports, or null when it has none.</summary>
    public Type? Exports { get; init; }

    /// <summary>Whether there is only one, without a label.</summary>
    public bool Singleton { get; init; }

    /// <summary>How settled it is.</summary>
    public Stability Stability { get; init; } = Stability.GenerallyAvailable;
}

/// <summary>The option record configures the node itself, in a top-level block of this name without a label.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ConfigurationBlockAttribute(string name) : Attribute
{
    /// <summary>As the configuration writes it.</summary>
    public string Name => name;

    /// <summary>How settled it is.</summary>
    public Stability Stability { get; init; } = Stability.GenerallyAvailable;
}
