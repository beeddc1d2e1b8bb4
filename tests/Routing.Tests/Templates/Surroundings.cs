using Weir.Routing.Templates;

namespace Weir.Routing.Tests.Templates;

/// <summary>What templates of the tests see around them: 2023-11-14 22:13:20.5 UTC, and two variables.</summary>
internal static class Surroundings
{
    public const long Now = 1_700_000_000_500_000_000;

    public static TemplateSurroundings At(string zone = "UTC", int seed = 1) => new(
        Now, TimeZoneInfo.FindSystemTimeZoneById(zone),
        name => name switch { "HOSTNAME" => "box", "EMPTY" => "", _ => null },
        new TemplateChance(new Random(seed)));
}
