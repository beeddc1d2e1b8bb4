namespace Weir.Routing.Doctor;

/// <summary>Lines that are sent to the same place twice.</summary>
internal sealed class DuplicateEndpointCheck : IConfigurationCheck
{
    public void Examine(ConfigurationView configuration, Findings findings)
    {
        var writes = configuration.Named("loki.write").ToList();
        var seen = new List<(ComponentView Write, BodyView Endpoint, IReadOnlyCollection<ComponentView> Sources)>();
        foreach (var write in writes)
        {
            var sources = write.Sources();
            foreach (var endpoint in PushPathCheck.EndpointsOf(write))
            {
                var known = seen.FirstOrDefault(other => IsSame(other.Endpoint, endpoint)
                    && (other.Write == write
                        || (HaveSameLabels(other.Write, write) && other.Sources.Any(sources.Contains))));
                if (known.Endpoint is { } first)
                    findings.Add("duplicate-endpoint", endpoint.PlaceOf("url"),
                        $"the same lines go to this address twice: also by the endpoint in line {first.Header.Line}",
                        "remove one of them, or send them to different tenants with tenant_id");
                else seen.Add((write, endpoint, sources));
            }
        }
    }

    private static bool IsSame(BodyView one, BodyView other) => one.Text("url").Length > 0
        && one.Text("url").TrimEnd('/') == other.Text("url").TrimEnd('/')
        && one.Text("tenant_id") == other.Text("tenant_id");

    private static bool HaveSameLabels(ComponentView one, ComponentView other) =>
        one.Body.Map("external_labels").ToHashSet().SetEquals(other.Body.Map("external_labels"));
}
