namespace Weir.Routing.Doctor;

/// <summary>Stages that unwrap log files of containers, behind a source whose lines are not wrapped.</summary>
internal sealed class ContainerFormatCheck : IConfigurationCheck
{
    private const string Source = "loki.source.docker";

    private static readonly string[] Stages = ["stage.docker", "stage.cri"];

    public void Examine(ConfigurationView configuration, Findings findings)
    {
        foreach (var process in configuration.Named("loki.process"))
        {
            var sources = process.Sources();
            if (sources.Count == 0 || process.IsMentioned || sources.Any(source => source.Name != Source)) continue;
            foreach (var stage in process.Body.All.Where(body => Stages.Contains(body.Name)))
            {
                findings.Add("container-format", stage.Header,
                    $"{stage.Name} has no effect behind {Source}: its lines come as the containers wrote them",
                    "remove it; it is for log files of containers, read with loki.source.file");
            }
        }
    }
}
