using System.Globalization;
using System.Text;

namespace Weir.Node.Tests.Sources.Files;

/// <summary>Writes numbered lines to a file and rotates it both ways, keeping every rotated file.</summary>
internal sealed class RotatingWriter(string path, Random random, bool renames, bool copies)
{
    /// <summary>A line begins with its number, so long.</summary>
    public const int Digits = 7;

    private readonly Queue<Action> _parts = [];
    private int _rotated;

    public List<string> Lines { get; } = [];

    /// <summary>One random step: lines, a rename, or a part of a copy and truncation.</summary>
    public void Step()
    {
        if (_parts.TryDequeue(out var part))
        {
            part();
            return;
        }

        switch (random.Next(5))
        {
            case 0 when renames:
                Shift();
                File.Move(path, path + ".1");
                if (random.Next(2) == 0) File.WriteAllText(path, "");
                AwaitTick();
                break;
            case 1 when copies:
                Shift();
                CopyAndEmpty();
                break;
            default:
                Append(1 + random.Next(200));
                break;
        }

        if (!File.Exists(path)) Append(1);
    }

    public void Append(int count)
    {
        while (_parts.TryDequeue(out var part)) part(); // what is written before the emptying would be lost
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

    /// <summary>Half of the time at once, else in parts: the source may be killed between any two.</summary>
    private void CopyAndEmpty()
    {
        var (copy, whole, keepsTimes) = (path + ".1", File.ReadAllBytes(path), random.Next(2) == 0);
        var half = random.Next(whole.Length + 1);
        _parts.Enqueue(() => File.WriteAllBytes(copy, whole.AsSpan(0, half)));
        _parts.Enqueue(() => File.AppendAllBytes(copy, whole.AsSpan(half)));
        if (keepsTimes) _parts.Enqueue(() => File.SetLastWriteTimeUtc(copy, File.GetLastWriteTimeUtc(path)));
        _parts.Enqueue(() =>
        {
            using (var file = new FileStream(path, FileMode.Open, FileAccess.Write)) file.SetLength(0);
            AwaitTick();
        });
        if (random.Next(2) == 0) return;
        while (_parts.TryDequeue(out var part)) part();
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
