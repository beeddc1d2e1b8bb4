using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Routing.Doctor;

/// <summary>Targets whose <c>__path__</c> matches no file on this host.</summary>
internal sealed class PathMatchCheck(IHostInspection host) : IConfigurationCheck
{
    private const string PathLabel = "__path__";

    private static readonly (string Component, string Argument)[] Targets =
        [("loki.source.file", "targets"), ("local.file_match", "path_targets")];

    public void Examine(ConfigurationView configuration, Findings findings)
    {
        foreach (var (name, argument) in Targets)
        {
            foreach (var component in configuration.Named(name))
            {
                if (component.Body.Value(argument) is not IEnumerable<IReadOnlyDictionary<string, string>?> targets)
                    continue;
                var index = 0;
                foreach (var target in targets)
                    Examine(component.Body, argument, index++, target?.GetValueOrDefault(PathLabel), findings);
            }
        }
    }

    private void Examine(BodyView body, string argument, int index, string? path, Findings findings)
    {
        if (string.IsNullOrEmpty(path)) return;
        var count = host.CountFiles(path);
        if (count > 0) return;
        findings.Add("path-matches-nothing", PlaceOf(body, argument, index),
            count is null ? $"{path} is no glob that can be read" : $"{path} matches no file on this host",
            path.StartsWith('/')
                ? "check the spelling; in a container, the folder has to be mounted into it"
                : "give the path from the root, beginning with /");
    }

    private static SourcePlace PlaceOf(BodyView body, string argument, int index)
    {
        if (body.AttributeOf(argument)?.Value is not ArraySyntax list || index >= list.Elements.Count)
            return body.PlaceOf(argument);
        return (list.Elements[index] as ObjectSyntax)?.Fields
            .FirstOrDefault(field => field.Name == PathLabel)?.Value.Place ?? list.Elements[index].Place;
    }
}
