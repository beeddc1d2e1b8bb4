using System.CommandLine;
using Weir.Node.Agent;
using Weir.Routing.Language;

namespace Weir.Node.Commands;

/// <summary>The path and the format that several commands take.</summary>
internal static class ConfigurationArgument
{
    public static Argument<string?> Optional(string description) =>
        new("PATH") { Description = description, Arity = ArgumentArity.ZeroOrOne };

    public static Argument<string> Required(string description) => new("PATH") { Description = description };

    /// <summary>How settled components have to be.</summary>
    public sealed class StabilityOption
    {
        private static readonly Dictionary<string, Stability> Levels = new(StringComparer.Ordinal)
        {
            ["generally-available"] = Stability.GenerallyAvailable,
            ["public-preview"] = Stability.PublicPreview,
            ["experimental"] = Stability.Experimental,
        };

        private readonly Option<string> _level = new("--stability.level")
        {
            Description = "The least settled components that may run: generally-available, public-preview or "
                + "experimental.",
            DefaultValueFactory = _ => "generally-available",
        };

        public StabilityOption() => _level.AcceptOnlyFromAmong([.. Levels.Keys]);

        public void AddTo(Command command) => command.Add(_level);

        public Stability Value(ParseResult parsed) => Levels[parsed.GetValue(_level)!];
    }

    /// <summary>The options that say in what language the configuration is written.</summary>
    public sealed class FormatOptions
    {
        private readonly Option<string> _format = new("--config.format")
        {
            Description = "The language of the configuration: alloy or promtail.",
            DefaultValueFactory = _ => "alloy",
        };

        private readonly Option<bool> _expand = new("--config.expand-env")
        {
            Description = "Of Promtail's file: put environment variables in the place of ${NAME}.",
        };

        private readonly Option<bool> _bypass = new("--config.bypass-conversion-errors")
        {
            Description = "Of Promtail's file: go on without what has no equivalent.",
        };

        private readonly Option<bool> _skip = new("--skip-unsupported")
        {
            Description = "Go on without components that Alloy has and Weir has not, and without what needs them.",
        };

        public FormatOptions() => _format.AcceptOnlyFromAmong("alloy", "promtail");

        public void AddTo(Command command)
        {
            command.Add(_format);
            command.Add(_expand);
            command.Add(_bypass);
            command.Add(_skip);
        }

        public ConfigurationFormat Value(ParseResult parsed) => new(
            parsed.GetValue(_format) == "promtail", parsed.GetValue(_expand), parsed.GetValue(_bypass),
            parsed.GetValue(_skip));
    }
}
