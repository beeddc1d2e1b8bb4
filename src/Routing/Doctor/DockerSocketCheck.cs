using Weir.Routing.Ports;

namespace Weir.Routing.Doctor;

/// <summary>Docker engines that this user cannot reach over their socket.</summary>
internal sealed class DockerSocketCheck(IHostInspection host) : IConfigurationCheck
{
    private const string UnixScheme = "unix://";

    private static readonly string[] Components = ["loki.source.docker", "discovery.docker"];

    public void Examine(ConfigurationView configuration, Findings findings)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var component in configuration.Components.Where(one => Components.Contains(one.Name)))
        {
            var engine = component.Body.Text("host");
            if (!engine.StartsWith(UnixScheme, StringComparison.Ordinal) || !told.Add(engine)) continue;
            var path = engine[UnixScheme.Length..];
            if (host.SocketProblem(path) is not { } problem) continue;
            findings.Add("docker-socket", component.Body.PlaceOf("host"),
                $"the Docker engine cannot be reached on this host: {problem}",
                $"mount {path} into Weir's container, or add Weir's user to the group that owns it (docker)");
        }
    }
}
