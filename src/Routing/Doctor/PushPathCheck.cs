namespace Weir.Routing.Doctor;

/// <summary>Endpoints whose address is that of Loki, but not of its push API: the path is used as it stands.</summary>
internal sealed class PushPathCheck : IConfigurationCheck
{
    private const string PushPath = "/loki/api/v1/push";

    public void Examine(ConfigurationView configuration, Findings findings)
    {
        foreach (var endpoint in configuration.Named("loki.write").SelectMany(EndpointsOf))
        {
            if (!Uri.TryCreate(endpoint.Text("url"), UriKind.Absolute, out var url)
                || url.AbsolutePath.TrimEnd('/').EndsWith("/push", StringComparison.Ordinal)) continue;
            // Without user and password, which may stand in it.
            var server = url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
            findings.Add("push-path", endpoint.PlaceOf("url"),
                $"the url's path is {url.AbsolutePath}, to which Loki answers 404",
                $"Loki takes pushes at {server}{PushPath}");
        }
    }

    internal static IEnumerable<BodyView> EndpointsOf(ComponentView write) =>
        write.Body.Blocks.Where(block => block.Name == "endpoint");
}
