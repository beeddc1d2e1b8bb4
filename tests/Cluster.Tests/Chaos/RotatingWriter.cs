using System.Diagnostics;
using System.Globalization;

namespace Weir.Cluster.Tests.Chaos;

public enum Rotation
{
    /// <summary><c>x.log</c> becomes <c>x.log.1</c> and a new <c>x.log</c> is made.</summary>
    Rename,

    /// <summary><c>x.log</c> is copied to <c>x.log.1</c> and cut to nothing; the writer keeps its descriptor.</summary>
    CopyTruncate,

    /// <summary>Now one, now the other.</summary>
    Either,
}

/// <summary>An application with a log file and its logrotate: numbered lines, so that a lost or doubled one
/// shows.</summary>
public sealed class RotatingWriter(string path, string name, Rotation rotation, Random random)
{
    // More than a test makes: logrotate deletes what nobody could have read by then.
    private const int GenerationsMax = 200;

    // Many generations pass unseen while the node is down; the times of files are up to 10 ms coarse.
    private static readonly TimeSpan RotationsApart = TimeSpan.FromMilliseconds(40);

    private StreamWriter _file = Open(path);
    private long _rotatedAt = Stopwatch.GetTimestamp();
    private int _written;

    public string Name => name;

    /// <summary>Lines written so far, numbered from 0.</summary>
    public int Written => _written;

    public static string NumberOf(string line) => line.Split(' ')[1];

    public string LineOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{name} {number:d7}");

    /// <summary>Writes one line, and it is there at once.</summary>
    public void WriteOne()
    {
        WriteLine();
        _file.Flush();
    }

    /// <summary>Writes lines, in pieces that end anywhere, and now and then rotates.</summary>
    public void Write(int lines)
    {
        for (var i = 0; i < lines; i++) WriteLine();
        _file.Flush();
        if (random.Next(4) != 0 || Stopwatch.GetElapsedTime(_rotatedAt) < RotationsApart) return;
        Rotate();
        _rotatedAt = Stopwatch.GetTimestamp();
    }

    private void WriteLine()
    {
        _file.Write(LineOf(_written));
        // Flushed in the middle of a line at times: a reader must wait for its newline.
        if (random.Next(50) == 0) _file.Flush();
        _file.Write(" " + new string((char)('a' + _written % 26), random.Next(300)) + "\n");
        _written++;
    }

    private void Rotate()
    {
        for (var generation = GenerationsMax; generation > 1; generation--)
        {
            var older = $"{path}.{generation - 1}";
            if (File.Exists(older)) File.Move(older, $"{path}.{generation}", overwrite: true);
        }

        if (rotation == Rotation.CopyTruncate || (rotation == Rotation.Either && random.Next(2) == 0))
        {
            File.Copy(path, $"{path}.1");
            _file.BaseStream.SetLength(0);
            return;
        }

        File.Move(path, $"{path}.1");
        _file.Dispose();
        _file = Open(path);
    }

    // Setting the length moves the stream's position back too: the next line goes to the start, as with O_APPEND.
    private static StreamWriter Open(string path) => new(
        new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
}
