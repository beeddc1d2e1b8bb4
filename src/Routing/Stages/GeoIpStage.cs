using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Weir.Routing.Components;
using Weir.Routing.GeoIp;
using Weir.Routing.Json;
using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.geoip</c>: what a MaxMind database knows of an address becomes extracted values.</summary>
[BlockName("stage.geoip")]
public sealed record GeoIpOptions : IStageOptions, IValidated
{
    /// <summary>Path of the database, read when the configuration is loaded.</summary>
    [Argument("db", Required = true)]
    public string Database { get; init; } = "";

    /// <summary>The extracted value that holds the address.</summary>
    [Argument("source", Required = true)]
    public string Source { get; init; } = "";

    /// <summary>What to extract: <c>city</c>, <c>asn</c>, <c>country</c>, or "" for the custom lookups alone.</summary>
    [Argument("db_type")]
    public string Kind { get; init; } = "";

    /// <summary>Extracted name to JMESPath over the database's record; "" means the key of the same name.</summary>
    [Argument("custom_lookups")]
    public IReadOnlyDictionary<string, string> CustomLookups { get; init; } = new Dictionary<string, string>();

    public void Validate(OptionProblems problems)
    {
        if (Database.Length == 0) problems.Add("db", "is empty", "give the path of a MaxMind database");
        if (Source.Length == 0) problems.Add("source", "is empty", "name the extracted value that holds the address");
        if (Kind.Length == 0 && CustomLookups.Count == 0)
        {
            problems.AddToBlock("extracts nothing",
                "set db_type to \"city\", \"asn\" or \"country\", or custom_lookups");
        }

        if (Kind is not ("" or "city" or "asn" or "country"))
            problems.Add("db_type", "must be \"city\", \"asn\" or \"country\"");
        foreach (var (name, expression) in CustomLookups)
        {
            if (!JmesPath.TryCompile(expression.Length == 0 ? name : expression, out _, out var error))
                problems.Add("custom_lookups", error);
        }
    }

    public Stage Compile(StageCompiler compiler)
    {
        if (!MaxMindDatabase.TryOpen(compiler.ReadFile(Database), out var database, out var error))
            throw new ComponentException($"stage.geoip: {Database}: {error}");
        var lookups = new List<(int Slot, JmesPath Path)>();
        foreach (var (name, expression) in CustomLookups.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!JmesPath.TryCompile(expression.Length == 0 ? name : expression, out var path, out error))
                throw new ComponentException($"stage.geoip: {error}");
            lookups.Add((compiler.Slots.Add(name), path));
        }

        return new GeoIpStage(
            compiler.Slots.Add(Source), database, [.. GeoIpField.Of(Kind, compiler.Slots)], [.. lookups],
            compiler.Failed("geoip", "not_an_address"));
    }
}

/// <summary>One value that the stage takes from a record.</summary>
/// <param name="Path">Names of maps, one in another; "" for an array's last member.</param>
/// <param name="IsPlace">A coordinate: both are set when either is not zero.</param>
internal sealed record GeoIpField(int Slot, byte[][] Path, bool IsPlace)
{
    public static IEnumerable<GeoIpField> Of(string kind, SlotTable slots)
    {
        (string Name, string Path)[] country =
        [
            ("country_name", "country.names.en"), ("country_code", "country.iso_code"),
            ("continent_name", "continent.names.en"), ("continent_code", "continent.code"),
        ];
        (string Name, string Path)[] fields = kind switch
        {
            "country" => country,
            "city" =>
            [
                .. country, ("city_name", "city.names.en"), ("postal_code", "postal.code"),
                ("timezone", "location.time_zone"), ("location_latitude", "location.latitude"),
                ("location_longitude", "location.longitude"), ("subdivision_name", "subdivisions..names.en"),
                ("subdivision_code", "subdivisions..iso_code"),
            ],
            "asn" =>
            [
                ("autonomous_system_number", "autonomous_system_number"),
                ("autonomous_system_organization", "autonomous_system_organization"),
            ],
            _ => [],
        };
        return fields.Select(field => new GeoIpField(
            slots.Add("geoip_" + field.Name),
            [.. field.Path.Split('.').Select(System.Text.Encoding.UTF8.GetBytes)],
            field.Name.StartsWith("location_", StringComparison.Ordinal)));
    }
}

/// <summary>An address of which nothing is known, and what is no address, set nothing.</summary>
internal sealed class GeoIpStage(
    int source, MaxMindDatabase database, GeoIpField[] fields, (int Slot, JmesPath Path)[] lookups, Metric failed)
    : Stage
{
    private const int NumberBytesMax = 20;

    public override void Apply(StageBatch batch)
    {
        Span<byte> address = stackalloc byte[IpAddressText.BytesMax];
        var unreadable = 0;
        foreach (var entry in batch.Live)
        {
            var value = batch.Get(entry, source);
            if (!value.HasText) continue;
            if (!IpAddressText.TryParse(batch.Text(value), address, out var length)) unreadable++;
            else if (database.TryFind(address[..length], out var record)) Extract(batch, entry, record);
        }

        if (unreadable > 0) failed.Add(unreadable);
    }

    private void Extract(StageBatch batch, int entry, MaxMindValue record)
    {
        var hasPlace = HasPlace(record);
        foreach (var field in fields)
        {
            if (field.IsPlace && !hasPlace) continue;
            if (TryFind(record, field.Path, out var value)) Set(batch, entry, field, value);
        }

        if (lookups.Length > 0) Search(batch, entry, record);
    }

    private bool HasPlace(MaxMindValue record)
    {
        foreach (var field in fields)
        {
            if (field.IsPlace && TryFind(record, field.Path, out var value)
                && database.Data.TryReal(value, out var number) && number != 0)
            {
                return true;
            }
        }

        return false;
    }

    private bool TryFind(MaxMindValue record, byte[][] path, out MaxMindValue value)
    {
        value = record;
        foreach (var name in path)
        {
            var found = name.Length == 0
                ? database.Data.TryLast(value, out var member)
                : database.Data.TryMember(value, name, out member);
            if (!found) return false;
            value = member;
        }

        return true;
    }

    private void Set(StageBatch batch, int entry, GeoIpField field, MaxMindValue value)
    {
        var data = database.Data;
        if (value.Kind == MaxMindKind.Text)
        {
            if (value.Size == 0) return;
            batch.Set(entry, field.Slot, ExtractedValue.Text(
                batch.Lines.Append(data.Bytes.Slice(value.Start, value.Size)), value.Size));
        }
        else if (data.TryWhole(value, out var whole))
        {
            if (whole == 0) return;
            Utf8Formatter.TryFormat(whole, batch.Lines.Reserve(NumberBytesMax).Span, out var length);
            batch.Set(entry, field.Slot,
                new ExtractedValue(ExtractedKind.Number, batch.Lines.Advance(length), length));
        }
        else if (data.TryReal(value, out var real))
        {
            var length = JsonText.FormatNumber(real, batch.Lines.Reserve(JsonText.NumberBytesMax).Span);
            batch.Set(entry, field.Slot,
                new ExtractedValue(ExtractedKind.Number, batch.Lines.Advance(length), length));
        }
    }

    /// <summary>Evaluates expressions over the record as JSON; one that fails or finds nothing sets nothing.</summary>
    private void Search(StageBatch batch, int entry, MaxMindValue record)
    {
        var json = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(json);
        if (!MaxMindJson.TryWrite(database.Data, record, writer)) return;
        writer.Flush();
        var result = new ArrayBufferWriter<byte>();
        foreach (var (slot, path) in lookups)
        {
            result.ResetWrittenCount();
            if (!path.TryEvaluate(json.WrittenSpan, result, out var kind, out _) || kind == JmesKind.Null) continue;
            batch.Set(entry, slot, new ExtractedValue(
                JsonStage.KindOf(kind), batch.Lines.Append(result.WrittenSpan), result.WrittenCount));
        }
    }
}
