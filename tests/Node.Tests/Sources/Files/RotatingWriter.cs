using System.Globalization;
using System.Text;

namespace Weir.Node.Tests.Sources.Files;

/// <summary>Writes numbered lines to a file and rotates it both ways, keeping every rotated file.</summary>
internal sealed class RotatingWriter(string path, Random random, bool renames, bool copies)
{
    /// <summary>A line begins with its number, so long.</summary>
    public const int Digits = 7;

    private int _rotated;

    public List<string> Lines { get; } = [];

    /// <summary>One random step: lines, half a line, a rename or a copy and truncation.</summary>
    public void Step()
    {
        switch (random.Next(10))
        {
            case 0 when renames:
                Shift();
                File.Move(path, path + ".1");
                if (random.Next(2) == 0) File.WriteAllText(path, "");
                AwaitTick();
                break;
            case 1 when copies:
                Shift();
                File.Copy(path, path + ".1");
                using (var file = new FileStream(path, FileMode.Open, FileAccess.Write)) file.SetLength(0);
                AwaitTick();
                break;
            default:
                Append(1 + random.Next(200));
                break;
        }

        if (!File.Exists(path)) Append(1);
    }

    public void Append(int count)
    {
        var text = new StringBuilder();
        for (; count > 0; count--)
        {
            var padding = new string((char)('a' + random.Next(26)), random.Next(120));
            var line = string.Create(CultureInfo.InvariantCulture, $"{Lines.Count:d7} {padding}");
            Lines.Add(line);
            text.Append(line).Append('\n');
        }

        // In two writes, so that a reader sees half a line now and then.
        var cut = random.Next(text.Length);
        File.AppendAllText(path, text.ToString(0, cut));
        File.AppendAllText(path, text.ToString(cut, text.Length - cut));
    }

    private void Shift()
    {
        if (!File.Exists(path)) Append(1);
        for (var i = _rotated; i > 0; i--) File.Move(Name(i), Name(i + 1));
        _rotated++;
        AwaitTick();
    }

    private string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");

    /// <summary>Until the time that files get has moved on: a rotation within one tick, 4 ms, does not happen in
    /// life.</summary>
    private void AwaitTick()
    {
        var probe = path + "-probe";
        File.WriteAllText(probe, "");
        var before = File.GetLastWriteTimeUtc(probe);
        while (File.GetLastWriteTimeUtc(probe) == before) File.WriteAllText(probe, "");
    }
}
