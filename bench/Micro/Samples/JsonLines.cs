using System.Globalization;
using System.Text;

namespace Weir.Bench.Micro.Samples;

/// <summary>Log lines as a web service writes them: JSON, 227 bytes with the line break, seeded.</summary>
public static class JsonLines
{
    /// <summary>Bytes of a line, its line break included.</summary>
    public const int LineBytes = 227;

    /// <summary>Lines of the sample: about 1 MiB, one fragment.</summary>
    public const int Lines = 4619;

    /// <summary>Bytes of the sample.</summary>
    public const int Bytes = Lines * LineBytes;

    private static readonly string[] Levels = ["info", "info", "info", "debug", "warn", "error"];
    private static readonly string[] Messages =
        ["request completed", "cache miss", "session refreshed", "payment authorised", "slow query detected"];
    private static readonly string[] Paths =
        ["/api/v1/orders", "/api/v1/orders/items", "/api/v1/users", "/health", "/api/v2/search"];

    /// <summary>The sample as one text.</summary>
    public static byte[] Text(int seed = 7)
    {
        var random = new Random(seed);
        var text = new StringBuilder(Bytes);
        var time = new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < Lines; i++)
        {
            time = time.AddTicks(random.Next(50_000));
            text.Append(Line(random, time)).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static string Line(Random random, DateTime time)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $$"""
            {"ts":"{{time:O}}","level":"{{Pick(random, Levels)}}",
            "msg":"{{Pick(random, Messages)}}","trace":"{{random.NextInt64():x16}}",
            "user":{{random.Next(100_000)}},"path":"{{Pick(random, Paths)}}",
            "status":{{(random.Next(20) == 0 ? 500 : 200)}},"ms":{{random.Next(2000)}}.{{random.Next(1000)}},"note":"
            """).Replace("\n", "", StringComparison.Ordinal);
        var rest = LineBytes - 3 - line.Length;
        return line + Note(random, rest) + "\"}";
    }

    /// <summary>Words of hexadecimal ids, to the byte.</summary>
    private static string Note(Random random, int length)
    {
        var note = new StringBuilder("client ");
        while (note.Length < length) note.Append(CultureInfo.InvariantCulture, $"{random.Next():x8} ok ");
        return note.ToString(0, length);
    }

    private static string Pick(Random random, string[] values) => values[random.Next(values.Length)];
}
