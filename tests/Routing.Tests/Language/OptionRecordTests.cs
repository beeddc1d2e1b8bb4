using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

/// <summary>Every option record of Routing must be one that the binder can fill.</summary>
public sealed class OptionRecordTests
{
    public static TheoryData<Type> Records()
    {
        var records = new TheoryData<Type>();
        var catalog = ComponentCatalog.Scan(typeof(Parser).Assembly);
        var waiting = new Queue<Type>(catalog.Names.Select(name => Find(catalog, name).Options));
        var seen = new HashSet<Type>();
        while (waiting.TryDequeue(out var type))
        {
            if (!seen.Add(type)) continue;
            records.Add(type);
            var schema = RecordSchema.Of(type);
            foreach (var member in schema.Members.Values) waiting.Enqueue(member);
            foreach (var block in schema.Blocks.Values) waiting
                .Enqueue(ValueTypes.ListElement(block.Type) ?? block.Type);
        }
        return records;
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void An_option_record_has_defaults_within_its_ranges_and_properties_that_can_be_set(Type type)
    {
        var schema = RecordSchema.Of(type);

        var record = schema.Create();

        foreach (var slot in schema.Slots)
        {
            Assert.True(slot.Property.CanWrite, $"{type}.{slot.Property.Name} has no setter");
            var isList = ValueTypes.ListElement(slot.Type) is not null;
            Assert.True(!isList || ValueTypes.TakesArray(slot.Type),
                $"{type}.{slot.Property.Name} must be IReadOnlyList");
            var value = slot.Get(record);
            slot.Set(record, value);
            if (slot.Range is { } range
                && value is not null) Assert.Null(RangeCheck.Problem(range, value.GetType(), value));
        }
        Assert.True(OptionEquality.AreEqual(record, schema.Create()));
    }

    [Fact]
    public void Exports_are_read_by_their_names()
    {
        var catalog = ComponentCatalog.Scan(typeof(Parser).Assembly);

        foreach (var name in catalog.Names)
            if (Find(catalog, name).Exports is { } exports)
                Assert.NotEmpty(ExportsSchema.Unknown(exports).Names);
    }

    private static BlockDescription Find(ComponentCatalog catalog, string name)
    {
        Assert.True(catalog.TryFind(name, out var description));
        return description;
    }
}
