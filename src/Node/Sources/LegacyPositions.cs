using System.Globalization;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources;

/// <summary>The positions file of Promtail (a path and its offset) or Alloy (a path, labels and their offset), read
/// once. Cursors of journals and containers are in it, too, under names of their own.</summary>
/// <remarks>Tolerant: what it does not understand it notes as damage and passes over.</remarks>
public sealed class LegacyPositions
{
    /// <summary>Bytes of a file that is still read: 100,000 entries are about 10 MB.</summary>
    private const long BytesMax = 64 * 1024 * 1024;

    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _cursors = new(StringComparer.Ordinal);

    /// <summary>Why the file, or a line of it, could not be read; null: whole.</summary>
    public string? Damage { get; private set; }

    public int Count => _offsets.Count + _cursors.Count;

    /// <returns>Null: the file does not know the path.</returns>
    public long? Find(string path) => _offsets.TryGetValue(path, out var offset) ? offset : null;

    /// <param name="name">Such as <c>cursor-</c> and a container's id, or a job's name.</param>
    /// <returns>Null: the file does not know it.</returns>
    public string? FindCursor(string name) => _cursors.GetValueOrDefault(name);

    /// <summary>A file that is not there is no damage: there was no Promtail.</summary>
    /// <param name="host">Of whom wants to know; its log tells of damage.</param>
    public static LegacyPositions Read(string file, IComponentHost host)
    {
        var positions = Read(file);
        if (positions.Damage is { } damage)
            host.Events.Log.Write(LogSeverity.Warn, host.Id, "the legacy positions file is damaged",
                new("file", file), new("reason", damage));
        return positions;
    }

    private static LegacyPositions Read(string file)
    {
        var positions = new LegacyPositions();
        try
        {
            if (!File.Exists(file)) return positions;
            if (new FileInfo(file).Length > BytesMax) positions.Damage = $"it is longer than {BytesMax} bytes";
            else positions.Parse(File.ReadLines(file));
        }
        catch (IOException failed)
        {
            positions.Damage = failed.Message;
        }
        catch (UnauthorizedAccessException failed)
        {
            positions.Damage = failed.Message;
        }

        return positions;
    }

    internal void Parse(IEnumerable<string> lines)
    {
        string? path = null;
        foreach (var line in lines)
        {
            var text = line.AsSpan().Trim();
            if (text.IsEmpty || text[0] == '#' || text is "positions:" or "positions: {}" or "---") continue;
            var key = text.StartsWith("? ") ? text[2..].Trim() : text;
            if (key.StartsWith("path: ")) path = Unquote(key[6..]);
            else if (key.StartsWith("labels: ")) continue;
            else if (text.StartsWith(": ") && path is not null)
            {
                Add(path, text[2..], line);
                path = null;
            }
            else if (text.LastIndexOf(": ", StringComparison.Ordinal) is var colon and > 0)
                Add(Unquote(text[..colon]), text[(colon + 2)..], line);
            else Damage ??= $"this line is not understood: {line.Trim()}";
        }
    }

    private void Add(string path, ReadOnlySpan<char> value, string line)
    {
        if (!path.StartsWith('/'))
        {
            _cursors[path] = Unquote(value);
            return;
        }

        if (!long.TryParse(Unquote(value), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            Damage ??= $"this line has no offset: {line.Trim()}";
            return;
        }

        // Alloy may know one path with several label sets: the furthest behind counts, so nothing is left out.
        _offsets[path] = _offsets.TryGetValue(path, out var known) ? Math.Min(known, offset) : offset;
    }

    private static string Unquote(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        var quoted = text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0];
        return (quoted ? text[1..^1] : text).ToString();
    }
}
