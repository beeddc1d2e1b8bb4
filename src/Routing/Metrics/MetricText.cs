using System.Globalization;
using System.Text;

namespace Weir.Routing.Metrics;

/// <summary>Pieces of the Prometheus text format 0.0.4.</summary>
internal static class MetricText
{
    public static void Head(StringBuilder text, string name, string help, MetricKind kind)
    {
        text.Append("# HELP ").Append(name).Append(' ');
        foreach (var unit in help)
        {
            if (unit == '\\') text.Append("\\\\");
            else if (unit == '\n') text.Append("\\n");
            else text.Append(unit);
        }

        text.Append("\n# TYPE ").Append(name).Append(' ').Append(NameOf(kind)).Append('\n');
    }

    public static void Label(StringBuilder text, string name, string value)
    {
        text.Append(name).Append("=\"");
        foreach (var unit in value)
        {
            if (unit == '\\') text.Append("\\\\");
            else if (unit == '"') text.Append("\\\"");
            else if (unit == '\n') text.Append("\\n");
            else text.Append(unit);
        }

        text.Append('"');
    }

    /// <param name="labels">Rendered, without braces.</param>
    /// <param name="bound">Of a histogram's bucket; null elsewhere.</param>
    public static void Sample(
        StringBuilder text, string name, string suffix, string labels, string? bound, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0 || bound is not null)
        {
            text.Append('{').Append(labels);
            if (bound is not null) text.Append(labels.Length > 0 ? "," : "").Append("le=\"").Append(bound).Append('"');
            text.Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    public static string NameOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        _ => "histogram",
    };
}
