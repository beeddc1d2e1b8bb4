using System.Buffers.Text;
using System.Text;

namespace Weir.Cluster.Tests.Chaos;

/// <summary>Writes what a busy service logs, fast: about 190 bytes a line, half of which compresses away.</summary>
/// <remarks>Each line begins with its number, by which a census knows it.</remarks>
public sealed class NumberedLog(Random random)
{
    private const int FlushBytes = 1 << 20;
    private const int LineBytesMax = 512;

    private static readonly string[] Paths = ["/api/orders", "/api/customers", "/login", "/static/app.js", "/health"];

    private readonly byte[] _buffer = new byte[FlushBytes + LineBytesMax];
    private readonly byte[] _noise = new byte[32];
    private int _written;

    /// <summary>Lines so far, over all files.</summary>
    public int Written => _written;

    /// <summary>Appends lines to a file, whole ones.</summary>
    public void Append(string path, int lines)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var used = 0;
        for (var i = 0; i < lines; i++)
        {
            used += WriteLine(_buffer.AsSpan(used));
            if (used < FlushBytes) continue;
            file.Write(_buffer, 0, used);
            used = 0;
        }

        file.Write(_buffer, 0, used);
    }

    private int WriteLine(Span<byte> buffer)
    {
        Utf8Formatter.TryFormat(_written++, buffer, out var used);
        used += Encoding.UTF8.GetBytes(
            " level=info msg=\"request served\" method=GET status=200 host=shop-7c9f5 agent=\"Mozilla/5.0\" path=",
            buffer[used..]);
        used += Encoding.UTF8.GetBytes(Paths[random.Next(Paths.Length)], buffer[used..]);
        used += Encoding.UTF8.GetBytes(" trace=", buffer[used..]);
        random.NextBytes(_noise);
        Convert.TryToHexStringLower(_noise, buffer[used..], out var noise);
        used += noise;
        buffer[used++] = (byte)'\n';
        return used;
    }
}
