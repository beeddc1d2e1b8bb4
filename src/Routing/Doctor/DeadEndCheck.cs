using Weir.Routing.Language;

namespace Weir.Routing.Doctor;

/// <summary>Components that nothing feeds, or that feed nothing.</summary>
internal sealed class DeadEndCheck : IConfigurationCheck
{
    private const string Code = "dead-end";
    private const string ForwardTo = "forward_to";

    public void Examine(ConfigurationView configuration, Findings findings)
    {
        var cluster = configuration.Named("cluster").FirstOrDefault();
        foreach (var component in configuration.Components) Examine(component, cluster, findings);
    }

    private static void Examine(ComponentView component, ComponentView? cluster, Findings findings)
    {
        var body = component.Body;
        var isUnused = component.FedBy.Count == 0 && component.UsedBy.Count == 0 && !component.IsMentioned;
        if (component.IsSource && body.AttributeOf("targets")?.Value is ArraySyntax { Elements.Count: 0 })
            findings.Add(Code, body.PlaceOf("targets"), "targets is empty: nothing is read",
                "name targets, or the export of a discovery component");
        if (body.AttributeOf(ForwardTo)?.Value is ArraySyntax { Elements.Count: 0 } && !HasOtherUse(component))
            findings.Add(Code, body.PlaceOf(ForwardTo),
                component.IsSource ? "forward_to is empty: what is read goes nowhere"
                    : "forward_to is empty: what comes here goes nowhere",
                "name a receiver, such as loki.write.NAME.receiver");
        // A writer's destination is fed by the agents of its cluster.
        var isFedByAgents = component.Name == "loki.write" && cluster?.Body.Texts("roles").Contains("writer") == true;
        if (isUnused && Receives(component.Name) && !isFedByAgents)
            findings.Add(Code, body.Header, $"nothing sends to {component.Id}",
                $"add {component.Id}.receiver to the forward_to of a source or pipeline, or remove the component");
        if (isUnused && Finds(component.Name))
            findings.Add(Code, body.Header, $"nothing uses what {component.Id} finds",
                $"name it in the targets of a source: targets = {component.Id}."
                + (component.Name == "discovery.relabel" ? "output" : "targets"));
        // An agent of a cluster only names its destination: writers have the endpoints.
        if (component.Name == "loki.write" && cluster is null && !PushPathCheck.EndpointsOf(component).Any())
            findings.Add(Code, body.Header, $"{component.Id} has no endpoint: what comes here is dropped and counted, "
                + "unless writers of a cluster send it on",
                "add endpoint { url = \"http://HOST:3100/loki/api/v1/push\" }");
    }

    // Rules are often all that is wanted of loki.relabel, metrics of loki.process.
    private static bool HasOtherUse(ComponentView component) => component.UsedBy.Count > 0 || component.IsMentioned
        || component.Body.All.Any(body => body.Name == "stage.metrics");

    private static bool Receives(string name) => name is "loki.process" or "loki.relabel" or "loki.write"
        or "loki.echo" or "loki.enrich" or "loki.secretfilter";

    private static bool Finds(string name) =>
        name.StartsWith("discovery.", StringComparison.Ordinal) || name == "local.file_match";
}
