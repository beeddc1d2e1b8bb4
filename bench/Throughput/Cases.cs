using System.Globalization;
using System.Text;

namespace Weir.Bench.Throughput;

/// <summary>One thing to measure: what the file holds and the pipeline that it takes.</summary>
/// <param name="Process">The stages of <c>loki.process</c>; "" for none.</param>
internal sealed record Case(string Name, Func<LogLines, long, string> Line, string Process)
{
    private const string Timestamp = "\tstage.timestamp {\n\t\tsource = \"ts\"\n\t\tformat = \"RFC3339Nano\"\n\t}\n";

    public static IReadOnlyList<Case> All { get; } =
    [
        new("raw", (lines, number) => lines.Next(number), ""),
        new("pipeline", (lines, number) => lines.Next(number),
            "\tstage.json {\n\t\texpressions = { ts = \"\", level = \"\", app = \"\" }\n\t}\n" + Timestamp
            + "\tstage.labels {\n\t\tvalues = { level = \"\", app = \"\" }\n\t}\n"),
        new("five", (lines, number) => lines.Next(number),
            "\tstage.json {\n\t\texpressions = { ts = \"\", level = \"\", app = \"\", id = \"\" }\n\t}\n"
            + "\tstage.labels {\n\t\tvalues = { level = \"\", app = \"\" }\n\t}\n" + Timestamp
            + "\tstage.drop {\n\t\tsource = \"level\"\n\t\tvalue = \"trace\"\n\t}\n"
            + "\tstage.structured_metadata {\n\t\tvalues = { id = \"\" }\n\t}\n"),
        new("docker", DockerLine,
            "\tstage.docker { }\n\tstage.json {\n\t\texpressions = { level = \"\", app = \"\" }\n\t}\n"
            + "\tstage.labels {\n\t\tvalues = { level = \"\", app = \"\" }\n\t}\n"),
    ];

    public string Configuration(string file, Uri sink) => Source(file) + Destination(sink);

    /// <summary>Reads the file, and has its lines go through the stages.</summary>
    public string Source(string file) =>
        $$"""
        loki.source.file "bench" {
        	targets    = [{ __path__ = "{{file}}", job = "bench" }]
        	forward_to = [{{(Process.Length > 0 ? "loki.process.bench" : "loki.write.bench")}}.receiver]
        }


        """ + (Process.Length == 0 ? "" :
        $"loki.process \"bench\" {{\n{Process}\n\tforward_to = [loki.write.bench.receiver]\n}}\n\n");

    /// <param name="sink">Null where writers know it.</param>
    public static string Destination(Uri? sink) => sink is null ? "loki.write \"bench\" { }\n"
        : $"loki.write \"bench\" {{\n\tendpoint {{\n\t\turl = \"{sink}\"\n\t}}\n}}\n";

    private static string DockerLine(LogLines lines, long number)
    {
        var escaped = new StringBuilder(lines.Next(number)).Replace("\"", "\\\"");
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMicroseconds(number * 137);
        return string.Create(CultureInfo.InvariantCulture,
            $$"""{"log":"{{escaped}}\n","stream":"stdout","time":"{{time:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}}"}""");
    }
}
