using System.CommandLine;

namespace Weir.Node.Commands;

/// <summary>The path and the format that several commands take.</summary>
internal static class ConfigurationArgument
{
    public static Argument<string?> Optional(string description) =>
        new("PATH") { Description = description, Arity = ArgumentArity.ZeroOrOne };

    public static Argument<string> Required(string description) => new("PATH") { Description = description };

    public static Option<string> Format()
    {
        var format = new Option<string>("--config.format")
        {
            Description = "The language of the configuration: alloy.",
            DefaultValueFactory = _ => "alloy",
        };
        format.AcceptOnlyFromAmong("alloy");
        return format;
    }
}
