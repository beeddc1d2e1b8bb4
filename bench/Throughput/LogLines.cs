using System.Globalization;
using System.Text;

namespace Weir.Bench.Throughput;

/// <summary>JSON log lines of a fixed length as a web service writes them: the same for the same seed.</summary>
internal sealed class LogLines(int lineBytes, int seed)
{
    private static readonly string[] Levels = ["info", "info", "info", "info", "info", "warn", "debug", "error"];
    private static readonly string[] Methods = ["GET", "GET", "GET", "POST", "PUT", "DELETE"];
    private static readonly string[] Paths =
        ["/api/v1/orders", "/api/v1/users", "/api/v1/cart", "/healthz", "/login", "/api/v1/search"];

    private const string Message =
        "request handled by upstream after routing through the gateway and the cache layer ";

    private readonly Random _random = new(seed);
    private readonly StringBuilder _line = new(512);

    /// <summary>The next line, without its newline.</summary>
    public string Next(long number)
    {
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMicroseconds(number * 137);
        _line.Clear();
        Append($"{{\"ts\":\"{time:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}\",\"level\":\"{Pick(Levels)}\",");
        Append($"\"app\":\"shop\",\"n\":{number},\"method\":\"{Pick(Methods)}\",\"path\":\"{Pick(Paths)}\",");
        Append($"\"status\":{200 + _random.Next(4) * 100},\"ms\":{_random.Next(2000)},");
        Append($"\"id\":\"{_random.NextInt64():x16}\",\"user\":{_random.Next(100_000)},\"msg\":\"");
        while (_line.Length < lineBytes - 2) _line.Append(Message[_line.Length % Message.Length]);
        _line.Length = lineBytes - 2;
        return _line.Append("\"}").ToString();
    }

    private void Append(FormattableString text) => _line.Append(text.ToString(CultureInfo.InvariantCulture));

    private string Pick(string[] values) => values[_random.Next(values.Length)];
}
