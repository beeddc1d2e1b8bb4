using Weir.Routing.Patterns;

namespace Weir.Routing.Doctor;

/// <summary>Regular expressions that no text can match, or none of the texts they are given.</summary>
internal sealed class NeverMatchingCheck : IConfigurationCheck
{
    private const string Code = "regex-never-matches";
    private const string ContainerName = "__meta_docker_container_name";

    // Where patterns stand. Those of rules must match the whole value.
    private static readonly (string Block, string Argument)[] Patterns =
    [
        ("rule", "regex"), ("stage.regex", "expression"), ("stage.drop", "expression"),
        ("stage.replace", "expression"), ("stage.multiline", "firstline"), ("stage.json", "regex"),
        ("stage.logfmt", "regex"), ("stage.structured_metadata", "regex"),
    ];

    public void Examine(ConfigurationView configuration, Findings findings)
    {
        foreach (var body in configuration.Bodies)
        {
            foreach (var (block, argument) in Patterns)
            {
                if (body.Name != block || !body.Gives(argument)) continue;
                var (pattern, isRule) = (body.Text(argument), block == "rule");
                if (pattern.Length > 0 && !PatternReach.CanMatch(pattern, isRule))
                    findings.Add(Code, body.PlaceOf(argument), "this pattern matches no text at all",
                        "look for a ^ behind, or a $ before, what must be there as well");
                else if (isRule && body.Texts("source_labels") is [ContainerName]
                    && !PatternReach.CanMatch(pattern, isRule, '/'))
                    findings.Add(Code, body.PlaceOf(argument),
                        "this pattern never matches: Docker's names of containers begin with a slash",
                        $"a rule's pattern must match the whole value: regex = \"/{pattern}\"");
            }
        }
    }
}
