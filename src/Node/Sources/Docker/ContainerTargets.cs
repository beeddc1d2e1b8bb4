using System.Globalization;
using System.Text;

namespace Weir.Node.Sources.Docker;

/// <summary>How a container's targets are addressed.</summary>
/// <param name="Port">Where a container exposes no TCP port.</param>
/// <param name="HostNetworkingHost">The address of containers in the host's network.</param>
/// <param name="MatchFirstNetwork">Only the first network by name, for containers in several.</param>
public sealed record TargetAddressing(int Port, string HostNetworkingHost, bool MatchFirstNetwork);

/// <summary>Turns the engine's list of containers into discovery targets.</summary>
/// <remarks>
/// One target for each network and exposed TCP port of a container; one for each network where it exposes none. Beyond
/// what
/// Alloy does, a container without any network has one target too, for its log is worth reading all the same.
/// </remarks>
public sealed class ContainerTargets
{
    private const string Meta = "__meta_docker_";
    private const string SharedNetworkPrefix = "container:";

    private readonly TargetAddressing _addressing;
    private readonly Dictionary<string, ContainerSummary> _containers;
    private readonly Dictionary<string, NetworkSummary> _networksById = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NetworkSummary> _networksByName = new(StringComparer.Ordinal);

    /// <param name="containers">All that is known: containers may share the network of another one.</param>
    public ContainerTargets(
        TargetAddressing addressing, IEnumerable<ContainerSummary> containers, IEnumerable<NetworkSummary> networks)
    {
        _addressing = addressing;
        _containers = containers.ToDictionary(container => container.Id, StringComparer.Ordinal);
        foreach (var network in networks)
        {
            _networksById[network.Id] = network;
            _networksByName[network.Name] = network;
        }
    }

    /// <returns>Empty for a container without a name: it is about to vanish.</returns>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Of(ContainerSummary container)
    {
        if (container.Names is not { Count: > 0 } names) return [];
        var common = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Meta + "container_id"] = container.Id,
            [Meta + "container_name"] = names[0],
            [Meta + "container_network_mode"] = ModeOf(container),
        };
        AddSanitised(common, Meta + "container_label_", container.Labels);

        var targets = new List<IReadOnlyDictionary<string, string>>();
        foreach (var (name, network) in NetworksOf(container))
        {
            var labels = new Dictionary<string, string>(common, StringComparer.Ordinal);
            AddNetwork(labels, name, network);
            AddPorts(container, network.IpAddress, labels, targets);
        }

        if (targets.Count == 0) AddPorts(container, "", common, targets);
        return targets;
    }

    /// <summary>What Prometheus does to foreign label names: anything but letters, digits and underscores is an
    /// underscore.</summary>
    public static string Sanitise(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
            text.Append(rune.IsAscii && char.IsAsciiLetterOrDigit((char)rune.Value) ? (char)rune.Value : '_');
        return text.ToString();
    }

    /// <summary>Whether the container's addresses are those of another container.</summary>
    public static bool SharesNetwork(ContainerSummary container) =>
        ModeOf(container).StartsWith(SharedNetworkPrefix, StringComparison.Ordinal);

    private static string ModeOf(ContainerSummary container) => container.HostConfig?.NetworkMode ?? "";

    /// <summary>A container may use the network of another, which may use that of a third; a cycle ends the
    /// search.</summary>
    private IEnumerable<KeyValuePair<string, ContainerNetwork>> NetworksOf(ContainerSummary container)
    {
        var owner = container;
        var networks = owner.NetworkSettings?.Networks;
        for (var hops = 0; networks is not { Count: > 0 } && hops < _containers.Count; hops++)
        {
            if (!SharesNetwork(owner)) break;
            if (!_containers.TryGetValue(ModeOf(owner)[SharedNetworkPrefix.Length..], out owner)) break;
            networks = owner.NetworkSettings?.Networks;
        }

        var known = (networks ?? new Dictionary<string, ContainerNetwork?>())
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Where(pair => pair.Value is not null)
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value!));
        return _addressing.MatchFirstNetwork ? known.Take(1) : known;
    }

    private void AddNetwork(Dictionary<string, string> labels, string name, ContainerNetwork network)
    {
        labels[Meta + "network_ip"] = network.IpAddress;
        // A container that does not run yet, or no more, names its network without the id.
        if (!_networksById.TryGetValue(network.NetworkId, out var details)
            && !(network.NetworkId.Length == 0 && _networksByName.TryGetValue(name, out details))) return;
        labels[Meta + "network_id"] = details.Id;
        labels[Meta + "network_name"] = details.Name;
        labels[Meta + "network_scope"] = details.Scope;
        labels[Meta + "network_internal"] = details.Internal ? "true" : "false";
        labels[Meta + "network_ingress"] = details.Ingress ? "true" : "false";
        AddSanitised(labels, Meta + "network_label_", details.Labels);
    }

    private void AddPorts(
        ContainerSummary container, string ip, Dictionary<string, string> labels,
        List<IReadOnlyDictionary<string, string>> targets)
    {
        var added = false;
        foreach (var port in container.Ports ?? [])
        {
            if (port.Type != "tcp") continue;
            var target = new Dictionary<string, string>(labels, StringComparer.Ordinal)
            {
                [Meta + "port_private"] = Text(port.PrivatePort),
                ["__address__"] = Join(ip, port.PrivatePort),
            };
            if (port.PublicPort > 0)
            {
                target[Meta + "port_public"] = Text(port.PublicPort);
                target[Meta + "port_public_ip"] = port.Ip ?? "";
            }

            targets.Add(target);
            added = true;
        }

        if (added) return;
        targets.Add(new Dictionary<string, string>(labels, StringComparer.Ordinal)
        {
            ["__address__"] = ModeOf(container) == "host" ? _addressing.HostNetworkingHost : Join(ip, _addressing.Port),
        });
    }

    private static string Join(string ip, int port) =>
        ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]:{Text(port)}" : $"{ip}:{Text(port)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void AddSanitised(
        Dictionary<string, string> labels, string prefix, IReadOnlyDictionary<string, string>? foreign)
    {
        if (foreign is null) return;
        // In order: of two names that are sanitised to the same one, the same one wins every time.
        foreach (var (name, value) in foreign.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            labels[prefix + Sanitise(name)] = value;
    }
}
