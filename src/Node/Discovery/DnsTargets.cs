using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Weir.Protocol.Dns;
using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Discovery;

/// <summary>Kinds of records that targets are made of.</summary>
public enum DnsTargetType : byte
{
    [Spelling("SRV")]
    Srv,

    [Spelling("A")]
    A,

    [Spelling("AAAA")]
    Aaaa,

    [Spelling("MX")]
    Mx,

    [Spelling("NS")]
    Ns,
}

/// <summary>Arguments of <c>discovery.dns</c>.</summary>
[Component("discovery.dns", Exports = typeof(DiscoveredTargets))]
public sealed record DnsTargetsOptions : IValidated
{
    [Argument("names", Required = true)]
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Of all targets; SRV records have their own.</summary>
    [Argument("port")]
    [Range(Min = "0", Max = "65535")]
    public int Port { get; init; }

    /// <summary>Default 30 s.</summary>
    [Argument("refresh_interval")]
    [Range(Min = "10ms")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(30);

    [Argument("type")]
    public DnsTargetType Type { get; init; }

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        if (Names.Count == 0) problems.Add("names", "it must have a name");
        if (Type != DnsTargetType.Srv && Port == 0)
            problems.Add("port", "it must be given, except for records of type SRV");
    }
}

/// <summary><c>discovery.dns</c>: targets that the records of names are, kept current. While a name cannot be looked
/// up, its last targets stay.</summary>
public sealed class DnsTargets(IComponentHost host, DnsResolver resolver) : PolledDiscovery<DnsTargetsOptions>(host)
{
    private Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> _known =
        new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    protected override TimeSpan PeriodOf(DnsTargetsOptions options) => options.RefreshInterval;

    /// <inheritdoc/>
    protected override async ValueTask LookAsync(DnsTargetsOptions options, CancellationToken cancel)
    {
        var type = Enum.Parse<DnsType>(options.Type.ToString());
        var found = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>(
            StringComparer.OrdinalIgnoreCase);
        var problem = "";
        foreach (var name in options.Names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            try
            {
                var records = await resolver.ResolveAsync(name, type, cancel);
                found[name] = [.. records.Where(record => record.Type == type)
                    .Select(record => TargetOf(name, record, options.Port))];
            }
            catch (ComponentException failure)
            {
                problem = failure.Message;
                if (_known.TryGetValue(name, out var last)) found[name] = last;
            }
        }

        _known = found;
        Publish(new DiscoveredTargets([.. found.Values.SelectMany(targets => targets)]));
        if (problem.Length > 0) throw new ComponentException(problem);
        Host.Report(HealthState.Healthy, $"{found.Values.Sum(targets => targets.Count)} targets");
    }

    private static Dictionary<string, string> TargetOf(string name, DnsRecord record, int port)
    {
        var host = record.Target.TrimEnd('.');
        var target = new Dictionary<string, string>(StringComparer.Ordinal) { ["__meta_dns_name"] = name };
        switch (record.Type)
        {
            case DnsType.Srv:
                port = record.Port;
                target["__meta_dns_srv_record_target"] = record.Target;
                target["__meta_dns_srv_record_port"] = port.ToString(CultureInfo.InvariantCulture);
                break;
            case DnsType.Mx: target["__meta_dns_mx_record_target"] = record.Target; break;
            case DnsType.Ns: target["__meta_dns_ns_record_target"] = record.Target; break;
        }

        var isSixth = IPAddress.TryParse(host, out var address)
            && address.AddressFamily == AddressFamily.InterNetworkV6;
        target["__address__"] = string.Create(
            CultureInfo.InvariantCulture, $"{(isSixth ? $"[{host}]" : host)}:{port}");
        return target;
    }
}
