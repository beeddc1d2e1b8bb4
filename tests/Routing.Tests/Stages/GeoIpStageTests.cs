using System.Net;
using System.Text;
using Weir.Routing.Components;
using Weir.Routing.GeoIp;
using Weir.Routing.Language;
using Weir.Routing.Stages;
using Weir.Routing.Tests.GeoIp;

namespace Weir.Routing.Tests.Stages;

public sealed class GeoIpStageTests : IDisposable
{
    private static readonly string[] Names =
    [
        "geoip_city_name", "geoip_country_name", "geoip_country_code", "geoip_continent_name", "geoip_continent_code",
        "geoip_postal_code", "geoip_timezone", "geoip_location_latitude", "geoip_location_longitude",
        "geoip_subdivision_name", "geoip_subdivision_code", "geoip_autonomous_system_number",
        "geoip_autonomous_system_organization", "custom", "country",
    ];

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"weir-geoip-{Guid.NewGuid():N}.mmdb");

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("city", "10.1.2.3", "city_name=Köln country_name=Germany country_code=DE continent_name=Europe "
        + "continent_code=EU postal_code=50667 timezone=Europe/Berlin location_latitude=50.9 "
        + "location_longitude=-6.95 subdivision_name=Land subdivision_code=NW")]
    [InlineData("country", "10.1.2.3",
        "country_name=Germany country_code=DE continent_name=Europe continent_code=EU")]
    [InlineData("asn", "10.1.2.3", "autonomous_system_number=3320 autonomous_system_organization=Example")]
    [InlineData("city", "::ffff:10.1.2.3", "city_name=Köln", true)]
    [InlineData("country", "2001:db8::1", "country_code=FR")]
    [InlineData("city", "2001:db8::1", "country_code=FR")]
    [InlineData("asn", "2001:db8::1", "")]
    [InlineData("city", "192.0.2.1", "location_latitude=0 location_longitude=1.5")]
    [InlineData("city", "192.0.2.129", "")]
    [InlineData("city", "8.8.8.8", "")]
    [InlineData("city", "10.1.2.3:80", "")]
    [InlineData("city", "host", "")]
    [InlineData("city", "", "")]
    [InlineData("city", null, "")]
    [InlineData("city", "\xff", "")]
    public void What_is_known_of_an_address_is_extracted(
        string kind, string? address, string after, bool startsOnly = false)
    {
        foreach (var bits in new[] { 24, 28, 32 })
        {
            File.WriteAllBytes(_file, Database(bits, 6));
            var rig = new StageRig(
                new Extract("ip", address), new GeoIpOptions { Database = _file, Source = "ip", Kind = kind },
                new Probe(Names));

            rig.One("line");

            var shown = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(rig.Probed))
                .Replace("geoip_", "", StringComparison.Ordinal);
            if (startsOnly) Assert.StartsWith(after, shown, StringComparison.Ordinal);
            else Assert.Equal(after, shown);
        }
    }

    [Theory]
    [InlineData("custom", "country.iso_code", "10.1.2.3", "custom=DE")]
    [InlineData("custom", "length(subdivisions)", "10.1.2.3", "custom=2")]
    [InlineData("custom", "city.names.en || country.iso_code", "2001:db8::1", "custom=FR")]
    [InlineData("custom", "location.latitude", "10.1.2.3", "custom=50.9")]
    [InlineData("custom", "is_anycast", "10.1.2.3", "custom=true")]
    [InlineData("custom", "missing", "10.1.2.3", "")]
    [InlineData("custom", "country.iso_code", "8.8.8.8", "")]
    [InlineData("country", "", "2001:db8::1", "country={\"iso_code\":\"FR\"}")]
    public void Custom_lookups_are_expressions_over_the_record(
        string name, string expression, string address, string after)
    {
        File.WriteAllBytes(_file, Database(24, 6));
        var rig = new StageRig(
            new Extract("ip", address),
            new GeoIpOptions
            {
                Database = _file, Source = "ip",
                CustomLookups = new Dictionary<string, string> { [name] = expression },
            },
            new Probe(Names));

        rig.One("line");

        Assert.Equal(after, rig.Probed);
    }

    [Theory]
    [InlineData("10.1.2.3", "DE")]
    [InlineData("2001:db8::1", "")]
    [InlineData("::ffff:10.1.2.3", "DE")]
    public void A_database_of_IPv4_knows_no_IPv6(string address, string country)
    {
        Assert.True(MaxMindDatabase.TryOpen(Database(24, 4), out var database, out _));
        Span<byte> bytes = stackalloc byte[IpAddressText.BytesMax];
        Assert.True(IpAddressText.TryParse(Encoding.ASCII.GetBytes(address), bytes, out var length));

        var found = database.TryFind(bytes[..length], out var record)
            && database.Data.TryMember(record, "country"u8, out record)
            && database.Data.TryMember(record, "iso_code"u8, out record);

        Assert.Equal(country,
            found ? Encoding.UTF8.GetString(database.Data.Bytes.Slice(record.Start, record.Size)) : "");
    }

    [Theory]
    [InlineData("1.2.3.4")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("1::")]
    [InlineData("2001:DB8:0:1:2:3:4:ffff")]
    [InlineData("1:2:3:4:5:6:1.2.3.4")]
    [InlineData("1::8")]
    [InlineData("fe80::a:b")]
    public void Addresses_are_read(string text)
    {
        Span<byte> bytes = stackalloc byte[IpAddressText.BytesMax];

        Assert.True(IpAddressText.TryParse(Encoding.ASCII.GetBytes(text), bytes, out var length));

        Assert.Equal(IPAddress.Parse(text).GetAddressBytes(), bytes[..length].ToArray());
    }

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("01.2.3.4")]
    [InlineData("256.1.1.1")]
    [InlineData("1..2.3")]
    [InlineData("1.2.3.4 ")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("1:")]
    [InlineData("12345::")]
    [InlineData("fe80::1%eth0")]
    [InlineData("g::")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    public void What_is_no_address_is_refused(string text) =>
        Assert.False(IpAddressText.TryParse(Encoding.ASCII.GetBytes(text), new byte[IpAddressText.BytesMax], out _));

    [Theory]
    [InlineData("", "ip", "city", "", "db")]
    [InlineData("x", "", "city", "", "source")]
    [InlineData("x", "ip", "", "", "")]
    [InlineData("x", "ip", "town", "", "db_type")]
    [InlineData("x", "ip", "", "(", "custom_lookups")]
    public void Arguments_that_cannot_work_are_refused(
        string database, string source, string kind, string lookup, string argument)
    {
        var problems = new OptionProblems();
        var lookups = new Dictionary<string, string>();
        if (lookup.Length > 0) lookups["x"] = lookup;

        new GeoIpOptions { Database = database, Source = source, Kind = kind, CustomLookups = lookups }
            .Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name ?? "");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no database")]
    [InlineData("\xab\xcd\xefMaxMind.com")]
    public void A_file_that_is_no_database_is_refused(string? content)
    {
        if (content is not null) File.WriteAllBytes(_file, Encoding.Latin1.GetBytes(content));

        var fault = Assert.Throws<ComponentException>(
            () => new StageRig(new GeoIpOptions { Database = _file, Source = "ip", Kind = "city" }));

        Assert.Contains(_file, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warm_stage_allocates_nothing()
    {
        File.WriteAllBytes(_file, Database(28, 6));
        var rig = new StageRig(
            new Extract("ip", "10.1.2.3"), new GeoIpOptions { Database = _file, Source = "ip", Kind = "city" });

        Allocations.AssertNone(() => rig.Run(rig.Reused("line", "app=x")));
    }

    [Fact]
    public void Damaged_databases_are_refused_or_give_something_or_nothing()
    {
        var whole = Database(24, 6);
        var rig = new StageRig();
        Fuzz.Run(2000, random =>
        {
            var file = whole.ToArray();
            for (var i = random.Next(1, 12); i > 0; i--) file[random.Next(file.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) file = file[..random.Next(file.Length)];
            var compiler = new StageCompiler(
                "loki.process.test", rig.Labels, rig.Events, random, rig.Time, new StageProcess(_ => file, _ => null));
            var options = new GeoIpOptions
            {
                Database = "memory", Source = "ip", Kind = random.Next(2) == 0 ? "city" : "asn",
                CustomLookups = new Dictionary<string, string> { ["all"] = "@" },
            };
            var address = random.Next(2) == 0 ? "10.1.2.3" : "2001:db8::1";

            var fault = Record.Exception(() => CompiledPipeline.Compile([new Extract("ip", address), options], compiler)
                .Instantiate().Run(rig.Batch(("line", "")), StageRig.Now, false));

            Assert.True(fault is null or ComponentException, fault?.ToString());
        });
    }

    private static byte[] Database(int bits, int version)
    {
        var builder = new MaxMindBuilder(bits, version)
            .Add("10.0.0.0/8", Cologne())
            .Add("192.0.2.0/25", new Dictionary<string, object>
            {
                ["location"] = new Dictionary<string, object> { ["latitude"] = 0.0, ["longitude"] = 1.5 },
            })
            .Add("192.0.2.128/25", new Dictionary<string, object>
            {
                ["city"] = Named(""),
                ["location"] = new Dictionary<string, object> { ["latitude"] = 0.0, ["longitude"] = 0.0 },
                ["subdivisions"] = Array.Empty<object>(), ["country"] = "not a map",
            });
        if (version == 6)
        {
            builder.Add("2001:db8::/32", new Dictionary<string, object>
            {
                ["country"] = new Dictionary<string, object> { ["iso_code"] = "FR" },
            });
        }

        return builder.Build();
    }

    private static Dictionary<string, object> Cologne() => new()
    {
        ["filler"] = new string('f', 400), ["is_anycast"] = true,
        ["city"] = Named("Köln"),
        ["continent"] = new Dictionary<string, object> { ["code"] = "EU", ["names"] = NamesOf("Europe") },
        ["country"] = new Dictionary<string, object> { ["iso_code"] = "DE", ["names"] = NamesOf("Germany") },
        ["location"] = new Dictionary<string, object>
        {
            ["latitude"] = 50.9, ["longitude"] = -6.95, ["time_zone"] = "Europe/Berlin",
        },
        ["postal"] = new Dictionary<string, object> { ["code"] = "50667" },
        ["subdivisions"] = new object[]
        {
            Named("First"), new Dictionary<string, object> { ["iso_code"] = "NW", ["names"] = NamesOf("Land") },
        },
        ["autonomous_system_number"] = 3320u, ["autonomous_system_organization"] = "Example",
    };

    private static Dictionary<string, object> Named(string name) => new() { ["names"] = NamesOf(name) };

    private static Dictionary<string, object> NamesOf(string name) => new() { ["de"] = "x", ["en"] = name };
}
