using System.Globalization;

namespace Weir.Routing.Templates;

/// <summary>A version by SemVer 2; minor and patch may be left out, and a <c>v</c> may stand before it.</summary>
/// <param name="Prerelease">Behind the dash; "" for a release.</param>
/// <param name="Metadata">Behind the plus; it has no part in an order.</param>
/// <param name="Original">As written.</param>
internal sealed record SemanticVersion(
    long Major, long Minor, long Patch, string Prerelease, string Metadata, string Original) : ITemplateObject
{
    public string Type => "*semver.Version";

    public string Kind => "ptr";

    public string Json => ToString();

    public static bool TryParse(string text, out SemanticVersion? version)
    {
        version = null;
        var rest = text.StartsWith('v') ? text[1..] : text;
        var plus = rest.IndexOf('+', StringComparison.Ordinal);
        var metadata = plus < 0 ? "" : rest[(plus + 1)..];
        if (plus >= 0) rest = rest[..plus];
        var dash = rest.IndexOf('-', StringComparison.Ordinal);
        var prerelease = dash < 0 ? "" : rest[(dash + 1)..];
        if (dash >= 0) rest = rest[..dash];
        var parts = rest.Split('.');
        var numbers = new long[3];
        if (parts.Length > numbers.Length) return false;
        for (var i = 0; i < parts.Length; i++)
            if (!TryRead(parts[i], out numbers[i])) return false;
        if ((dash >= 0 && !AreIdentifiers(prerelease, isOrdered: true))
            || (plus >= 0 && !AreIdentifiers(metadata, isOrdered: false))) return false;
        version = new SemanticVersion(numbers[0], numbers[1], numbers[2], prerelease, metadata, text);
        return true;
    }

    /// <exception cref="TemplateException">No version.</exception>
    public static SemanticVersion Parse(TemplateCall call, string text) => TryParse(text, out var version) ? version!
        : throw new TemplateException($"error calling {call.Name}: \"{text}\" is no semantic version");

    /// <summary>By the rules of SemVer: a pre-release comes before its release.</summary>
    public int CompareTo(SemanticVersion other)
    {
        var order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        if (order != 0) return order;
        if (Prerelease.Length == 0 || other.Prerelease.Length == 0)
            return other.Prerelease.Length.CompareTo(0) - Prerelease.Length.CompareTo(0);
        var (mine, others) = (Prerelease.Split('.'), other.Prerelease.Split('.'));
        for (var i = 0; i < Math.Min(mine.Length, others.Length); i++)
        {
            order = Order(mine[i], others[i]);
            if (order != 0) return order;
        }

        return mine.Length.CompareTo(others.Length);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}")
        + (Prerelease.Length > 0 ? "-" + Prerelease : "") + (Metadata.Length > 0 ? "+" + Metadata : "");

    public object? Member(string name) => name switch
    {
        "Major" => Major,
        "Minor" => Minor,
        "Patch" => Patch,
        "Prerelease" => Prerelease,
        "Metadata" => Metadata,
        "Original" => Original,
        "String" => ToString(),
        _ => throw TemplateMethods.Unknown(this, name),
    };

    public object? Call(TemplateCall call)
    {
        TemplateMethods.CheckCount(call, 1);
        var other = call[0] as SemanticVersion ?? throw call.Misfit(0, Type);
        return call.Name switch
        {
            "Compare" => (long)CompareTo(other),
            "Equal" => CompareTo(other) == 0,
            "LessThan" => CompareTo(other) < 0,
            "GreaterThan" => CompareTo(other) > 0,
            _ => throw TemplateMethods.Unknown(this, call.Name),
        };
    }

    private static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    // Numbers of an ordered one have no zero before them.
    private static bool AreIdentifiers(string text, bool isOrdered) => text.Split('.').All(part => part.Length > 0
        && part.All(unit => char.IsAsciiLetterOrDigit(unit) || unit == '-')
        && !(isOrdered && part.Length > 1 && part[0] == '0' && part.All(char.IsAsciiDigit)));

    // Numbers by their size and before words; words by their letters.
    private static int Order(string one, string other) => (TryRead(one, out var left), TryRead(other, out var right))
        switch
        {
            (true, true) => left.CompareTo(right),
            (true, false) => -1,
            (false, true) => 1,
            _ => Math.Sign(string.CompareOrdinal(one, other)),
        };
}
