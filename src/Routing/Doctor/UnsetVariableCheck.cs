using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Routing.Doctor;

/// <summary>Environment variables that are read and not set, unless something stands in for them.</summary>
internal sealed class UnsetVariableCheck(IHostInspection host) : IConfigurationCheck
{
    private static readonly string[] Reading = ["sys.env", "env"];

    public void Examine(ConfigurationView configuration, Findings findings)
    {
        foreach (var component in configuration.Components) Examine(component.Body.Syntax.Body, findings);
    }

    private void Examine(BodySyntax body, Findings findings)
    {
        foreach (var attribute in body.Attributes) Examine(attribute.Value, findings);
        foreach (var block in body.Blocks) Examine(block.Body, findings);
    }

    private void Examine(ExpressionSyntax expression, Findings findings)
    {
        if (expression is CallSyntax call)
        {
            var function = call.Function.Place.Text.ToString();
            if (function == StandardLibrary.Coalescing) return;
            if (Reading.Contains(function)
                && call.Arguments is [LiteralSyntax { Value: StringValue { Text: var name } }]
                && !host.HasVariable(name))
                findings.Add("unset-variable", call.Place,
                    $"the environment variable {name} is not set on this host: what it goes into is not checked",
                    $"set it where weir runs, or give what is taken instead: coalesce(sys.env(\"{name}\"), …)");
        }

        foreach (var inner in expression.Children) Examine(inner, findings);
    }
}
