using Weir.Node.Admin;
using Weir.Node.Agent;
using Weir.Node.Logging;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Lanes;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Support;

namespace Weir.Node.Tests.Agent;

/// <summary>The catalog of the configuration language and what the node can make agree, and its records can be
/// filled.</summary>
public sealed class ComponentFactoryTests
{
    private static readonly ComponentCatalog Catalog =
        ComponentCatalog.Scan(typeof(Parser).Assembly, typeof(ComponentFactory).Assembly);

    public static TheoryData<Type> Records()
    {
        var records = new TheoryData<Type>();
        var waiting = new Queue<Type>(Catalog.Names.Select(name => Find(name).Options));
        var seen = new HashSet<Type>();
        while (waiting.TryDequeue(out var type))
        {
            if (!seen.Add(type)) continue;
            records.Add(type);
            var schema = RecordSchema.Of(type);
            foreach (var member in schema.Members.Values) waiting.Enqueue(member);
            foreach (var block in schema.Blocks.Values)
                waiting.Enqueue(ValueTypes.ListElement(block.Type) ?? block.Type);
        }

        return records;
    }

    [Fact]
    public async Task Every_block_of_the_catalog_has_a_maker_and_every_maker_a_block()
    {
        var (time, metrics, labels) = (new ManualTime(), new MetricRegistry(), new LabelSets());
        var log = new ProcessLog(TextWriter.Null, time);
        await using var delivery = new Delivery(
            new MemorySpool(), labels, new RoutingEvents(log, metrics), time, new Random(1));
        using var factory = new ComponentFactory(
            log, new OwnLogSource(log, labels, time, metrics), new AdminAccess(new HttpBlockOptions()), delivery, time);

        Assert.Equal(
            Catalog.Names.Order(StringComparer.Ordinal), factory.Names.Order(StringComparer.Ordinal));
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
            if (slot.Range is { } range && value is not null)
                Assert.Null(RangeCheck.Problem(range, value.GetType(), value));
        }

        Assert.True(OptionEquality.AreEqual(record, schema.Create()));
    }

    // What a module exports is its own business.
    [Fact]
    public void Exports_are_read_by_their_names() => Assert.All(
        Catalog.Names.Select(name => Find(name).Exports).OfType<Type>().Where(type => type != typeof(ModuleExports)),
        exports => Assert.NotEmpty(ExportsSchema.Unknown(exports).Names));

    private static BlockDescription Find(string name)
    {
        Assert.True(Catalog.TryFind(name, out var description));
        return description;
    }
}
