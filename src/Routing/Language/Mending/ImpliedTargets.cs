namespace Weir.Routing.Language;

/// <summary>
/// A <c>loki.source.docker</c> without <c>targets</c>: where nothing else discovers containers, all of its engine are
/// meant, with the labels that such files expect.
/// </summary>
internal static class ImpliedTargets
{
    public const string Source = "loki.source.docker";
    public const string Discovery = "discovery.docker";

    private const string Code = "docker-without-targets";
    private const string HostDefault = "\"unix:///var/run/docker.sock\"";

    private const string Components =
        """
        discovery.docker "NAME" {
        	host = HOST
        }

        discovery.relabel "NAME" {
        	targets = discovery.docker.NAME.targets

        	rule {
        		source_labels = ["__meta_docker_container_name"]
        		regex         = "/(.*)"
        		target_label  = "container"
        	}

        	rule {
        		source_labels = ["__meta_docker_container_id"]
        		target_label  = "container_id"
        	}

        	rule {
        		source_labels = ["__meta_docker_container_label_com_docker_compose_project"]
        		target_label  = "compose_project"
        	}

        	rule {
        		source_labels = ["__meta_docker_container_label_com_docker_compose_service"]
        		target_label  = "compose_service"
        	}
        }

        loki.relabel "NAME" {
        	forward_to = []

        	rule {
        		source_labels = ["__meta_docker_container_log_stream"]
        		target_label  = "stream"
        	}
        }

        """;

    private const string Arguments =
        "targets = discovery.relabel.NAME.output\nrelabel_rules = loki.relabel.NAME.rules\n";

    /// <param name="source">Has a label and no targets.</param>
    /// <param name="isDiscovered">Something discovers containers: then it is likely meant, but not certain.</param>
    /// <param name="diagnostics">Gets a warning or an error.</param>
    /// <param name="siblings">Gets the components that are implied.</param>
    /// <returns>The source with targets.</returns>
    public static BlockSyntax Complete(
        BlockSyntax source, bool isDiscovered, DiagnosticBag diagnostics, List<StatementSyntax> siblings)
    {
        if (isDiscovered)
        {
            diagnostics.Error(source.HeaderPlace, "missing required attribute \"targets\" in loki.source.docker",
                "say which containers are meant: targets = discovery.docker.NAME.targets", Code);
            return With(source, [new AttributeSyntax("targets", source.NamePlace, new WrongSyntax(source.NamePlace))]);
        }

        diagnostics.Warning(source.HeaderPlace,
            "\"targets\" is missing: all containers are taken, with the labels container, container_id, "
            + "compose_project, compose_service and stream",
            "add discovery.docker and discovery.relabel, and targets = discovery.relabel.NAME.output", Code);
        var name = $"{source.Label!.Text}_implied";
        var host = source.Body.Attributes.FirstOrDefault(attribute => attribute.Name == "host");
        siblings.AddRange(Parse(source, Components.Replace("NAME", name, StringComparison.Ordinal)
            .Replace("HOST", host is null ? HostDefault : host.Value.Place.Text.ToString(), StringComparison.Ordinal)));
        var missing = Parse(source, Arguments.Replace("NAME", name, StringComparison.Ordinal))
            .Where(implied => source.Body.Statements.All(given => given.Name != implied.Name)).ToList();
        if (host is null) missing.AddRange(Parse(source, $"host = {HostDefault}\n"));
        return With(source, missing);
    }

    private static IReadOnlyList<StatementSyntax> Parse(BlockSyntax source, string text) =>
        Parser.Parse(new SourceFile($"{source.NamePlace} (implied)", text)).Body.Statements;

    private static BlockSyntax With(BlockSyntax block, IReadOnlyList<StatementSyntax> more) => Mender.With(
        block, new BodySyntax(block.Body.Place, [.. block.Body.Statements, .. more]), block.Name);
}
