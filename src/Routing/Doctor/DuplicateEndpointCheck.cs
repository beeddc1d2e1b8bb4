namespace Weir.Routing.Doctor;

/// <summary>Lines that are sent to the same place twice.</summary>
internal sealed class DuplicateEndpointCheck : IConfigurationCheck
{
    public void Examine(ConfigurationView configuration, Findings findings)
    {
        // Where the same source's lines go, or whose lines they are where the component is the same.
        var seen = new Dictionary<(object From, string Url, string Tenant, string Labels), BodyView>();
        foreach (var write in configuration.Named("loki.write"))
        {
            var labels = LabelsOf(write);
            IEnumerable<object> origins = [write, .. write.Sources()];
            foreach (var endpoint in PushPathCheck.EndpointsOf(write))
            {
                var (url, tenant) = (endpoint.Text("url").TrimEnd('/'), endpoint.Text("tenant_id"));
                if (url.Length == 0) continue;
                BodyView? first = null;
                foreach (var origin in origins)
                    if (!seen.TryAdd((origin, url, tenant, labels), endpoint))
                        first ??= seen[(origin, url, tenant, labels)];
                if (first is null) continue;
                findings.Add("duplicate-endpoint", endpoint.PlaceOf("url"),
                    $"the same lines go to this address twice: also by the endpoint in line {first.Header.Line}",
                    "remove one of them, or send them to different tenants with tenant_id");
            }
        }
    }

    private static string LabelsOf(ComponentView write) => string.Join('\n', write.Body.Map("external_labels")
        .OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}={label.Text}"));
}
