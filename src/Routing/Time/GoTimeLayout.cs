using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Weir.Routing.Time;

/// <summary>
/// A time layout as Go's <c>time</c> package reads it, or a name such as <c>RFC3339</c> or <c>UnixMs</c>.
/// </summary>
/// <remarks>Immutable; any number of threads. Reading allocates nothing.</remarks>
public sealed class GoTimeLayout
{
    private readonly GoTimePart[] _parts;
    private readonly byte[][] _texts;
    private readonly UnixTimeUnit? _unit;
    private readonly TimeZoneInfo? _location;

    private GoTimeLayout(string layout, UnixTimeUnit? unit, TimeZoneInfo? location)
    {
        Layout = layout;
        _unit = unit;
        _location = location;
        _parts = unit == null ? GoTimePart.Cut(layout) : [];
        _texts = [.. _parts.Select(part => Encoding.UTF8.GetBytes(part.Text))];
        HasYear = unit != null
            || _parts.Any(part => part.Element is GoTimeElement.YearLong or GoTimeElement.YearShort);
        HasZone = unit != null || _parts.Any(part => part.Element >= GoTimeElement.ZoneName
            && part.Element < GoTimeElement.FractionFixed);
    }

    /// <summary>The layout with a name resolved; the name itself for the Unix formats.</summary>
    public string Layout { get; }

    /// <summary>Else the year is the one nearest to now.</summary>
    public bool HasYear { get; }

    /// <summary>Else times are in the layout's location.</summary>
    public bool HasZone { get; }

    /// <param name="layout">A name or a layout of the reference time, Mon Jan 2 15:04:05 MST 2006.</param>
    /// <param name="location">An IANA name; empty is UTC. Applies to layouts, not to names, as in Promtail.</param>
    /// <param name="compiled">Null when refused.</param>
    /// <param name="error">Why, and what to write instead.</param>
    public static bool TryCompile(
        string layout, string location, [NotNullWhen(true)] out GoTimeLayout? compiled, out string error)
    {
        compiled = null;
        error = "";
        TimeZoneInfo? zone = null;
        if (location.Length > 0 && !TryFindLocation(location, out zone, out error)) return false;
        if (UnixTimeUnit.TryFind(layout, out var unit)) compiled = new GoTimeLayout(layout, unit, null);
        else if (GoTimeNames.Layouts.TryGetValue(layout, out var named)) compiled = new GoTimeLayout(named, null, null);
        else if (Array.TrueForAll(GoTimePart.Cut(layout), part => part.Element == GoTimeElement.Text))
        {
            error = $"\"{layout}\" is neither a known format (RFC3339, Unix, ...) nor a layout: write the "
                + "reference time 2006-01-02 15:04:05 -0700 in the form of your timestamps";
            return false;
        }
        else compiled = new GoTimeLayout(layout, null, zone);

        return true;
    }

    /// <summary>For layouts of the program itself.</summary>
    /// <exception cref="ArgumentException">Refused.</exception>
    public static GoTimeLayout Compile(string layout, string location = "") =>
        TryCompile(layout, location, out var compiled, out var error) ? compiled
            : throw new ArgumentException(error, nameof(layout));

    /// <param name="text">The whole of it must be a time.</param>
    /// <param name="now">Nanoseconds since the epoch: from it a layout without a year takes the nearest.</param>
    /// <param name="nanoseconds">Since the Unix epoch.</param>
    public bool TryParse(ReadOnlySpan<byte> text, long now, out long nanoseconds)
    {
        if (_unit is { } unit) return unit.TryParse(text, out nanoseconds);
        var reader = new GoTimeReader(text);
        nanoseconds = 0;
        return reader.TryRead(_parts, _texts, out _)
            && reader.Fields.TryToNanoseconds(HasYear, now, _location, out nanoseconds);
    }

    /// <summary>Why a text is no such time, in Go's words.</summary>
    public string Explain(ReadOnlySpan<byte> text)
    {
        var written = Encoding.UTF8.GetString(text);
        if (_unit != null) return $"parsing time \"{written}\" as {Layout}: not a number of that unit";
        var reader = new GoTimeReader(text);
        var isRead = reader.TryRead(_parts, _texts, out var part);
        var rest = Encoding.UTF8.GetString(text[Math.Min(reader.At, text.Length)..]);
        var reason = isRead ? "outside the years 1678 to 2261"
            : part == _parts.Length && rest.Length > 0 ? $"extra text: \"{rest}\""
            : part == _parts.Length ? "day out of range"
            : $"cannot parse \"{rest}\" as \"{_parts[part].Text}\"";
        return $"parsing time \"{written}\" as \"{Layout}\": {reason}";
    }

    /// <summary>Writes a time in this layout, in its location or UTC.</summary>
    public void Format(long nanoseconds, IBufferWriter<byte> target)
    {
        if (_unit is { } unit) unit.Format(nanoseconds, target);
        else GoTimeWriter.Write(_parts, GoTimeFields.Of(nanoseconds, _location), target);
    }

    private static bool TryFindLocation(string name, [NotNullWhen(true)] out TimeZoneInfo? location, out string error)
    {
        error = "";
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out location)) return true;
        error = Directory.Exists("/usr/share/zoneinfo")
            ? $"unknown location \"{name}\": write an IANA name such as \"Europe/Berlin\""
            : $"location \"{name}\" needs the time zone database: install the package tzdata";
        return false;
    }
}
