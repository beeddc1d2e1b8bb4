using System.Collections.Concurrent;
using System.Reflection;

namespace Weir.Routing.Language;

/// <summary>A property of an option record or of a record inlined in it.</summary>
/// <param name="Name">As the configuration writes it; empty for a block sequence and a label.</param>
/// <param name="Owners">The inline properties on the way from the outer record to the property's own one.</param>
/// <param name="Property">The property itself.</param>
/// <param name="Required">Whether the configuration must give it.</param>
/// <param name="Range">Smallest and largest value, if limited.</param>
internal sealed record OptionSlot(
    string Name, IReadOnlyList<PropertyInfo> Owners, PropertyInfo Property, bool Required, RangeAttribute? Range)
{
    public Type Type => Property.PropertyType;

    public object? Get(object record) => Property.GetValue(OwnerIn(record));

    public void Set(object record, object? value) => Property.SetValue(OwnerIn(record), value);

    private object OwnerIn(object record)
    {
        foreach (var owner in Owners) record = owner.GetValue(record)!;
        return record;
    }
}

/// <summary>What an option record's attributes say. One for each type, made at its first use.</summary>
internal sealed class RecordSchema
{
    private static readonly ConcurrentDictionary<Type, RecordSchema> Known = new();

    private readonly Type _type;
    private readonly Dictionary<string, OptionSlot> _arguments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OptionSlot> _blocks = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<PropertyInfo>> _inlined = [];
    private readonly Dictionary<string, Type> _members = new(StringComparer.Ordinal);

    private RecordSchema(Type type)
    {
        _type = type;
        Collect(type, []);
        IEnumerable<OptionSlot?> unnamed = [Label, Sequence];
        Slots = [.. _arguments.Values, .. _blocks.Values, .. unnamed.OfType<OptionSlot>()];
    }

    public IReadOnlyDictionary<string, OptionSlot> Arguments => _arguments;

    public IReadOnlyDictionary<string, OptionSlot> Blocks => _blocks;

    /// <summary>Everything that holds content: arguments, blocks, sequence and label.</summary>
    public IReadOnlyList<OptionSlot> Slots { get; }

    /// <summary>Where the members of the block sequence go, or null.</summary>
    public OptionSlot? Sequence { get; private set; }

    /// <summary>The members of the block sequence by block name.</summary>
    public IReadOnlyDictionary<string, Type> Members => _members;

    /// <summary>Where the label goes, or null.</summary>
    public OptionSlot? Label { get; private set; }

    public static RecordSchema Of(Type type) => Known.GetOrAdd(type, static type => new RecordSchema(type));

    /// <summary>A fresh record with its defaults; inlined records are its own, so that filling them touches no
    /// other.</summary>
    /// <param name="initial">What a property's initializer gave, or null for the type's own defaults.</param>
    public object Create(object? initial = null)
    {
        var record = initial is null ? New(_type) : Copy(initial);
        foreach (var path in _inlined)
        {
            var owner = record;
            foreach (var step in path.SkipLast(1)) owner = step.GetValue(owner)!;
            var inlined = path[^1].GetValue(owner);
            path[^1].SetValue(owner, inlined is null ? New(path[^1].PropertyType) : Copy(inlined));
        }
        return record;
    }

    /// <summary>The record and those inlined in it.</summary>
    public IEnumerable<object> Parts(object record)
    {
        yield return record;
        foreach (var path in _inlined) yield return path.Aggregate(record, (owner, step) => step.GetValue(owner)!);
    }

    private static object New(Type type) => Activator.CreateInstance(type)
        ?? throw new InvalidOperationException($"{type} cannot be created");

    // Every record has this method; the compiler gives it a name that C# cannot call.
    private static object Copy(object record) =>
        record.GetType().GetMethod("<Clone>$")?.Invoke(record, null) ?? New(record.GetType());

    private void Collect(Type type, IReadOnlyList<PropertyInfo> owners)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var range = property.GetCustomAttribute<RangeAttribute>();
            OptionSlot Slot(string name, bool required) => new(name, owners, property, required, range);

            if (property.GetCustomAttribute<ArgumentAttribute>() is { } argument)
                _arguments.Add(argument.Name, Slot(argument.Name, argument.Required));
            if (property.GetCustomAttribute<BlockAttribute>() is { } block)
                _blocks.Add(block.Name, Slot(block.Name, block.Required));
            if (property.IsDefined(typeof(LabelAttribute))) Label = Slot("", true);
            if (property.IsDefined(typeof(BlockSequenceAttribute))) AddSequence(Slot("", false));
            if (!property.IsDefined(typeof(InlineAttribute))) continue;
            IReadOnlyList<PropertyInfo> path = [.. owners, property];
            _inlined.Add(path);
            Collect(property.PropertyType, path);
        }
    }

    private void AddSequence(OptionSlot slot)
    {
        Sequence = slot;
        var kind = ValueTypes.ListElement(slot.Type)
            ?? throw new InvalidOperationException($"{_type}.{slot.Property.Name} is no list");
        foreach (var type in kind.Assembly.GetTypes())
            if (kind.IsAssignableFrom(type) && type.GetCustomAttribute<BlockNameAttribute>() is { } name)
                _members.Add(name.Name, type);
    }
}
