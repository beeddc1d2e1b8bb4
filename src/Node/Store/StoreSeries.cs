using System.Globalization;
using System.Text.Json;

namespace Weir.Node.Store;

/// <summary>A series of an answer: its labels and, for each step, its value.</summary>
/// <param name="Values">One a step; NaN where there is none.</param>
internal sealed record StoreSeries(IReadOnlyDictionary<string, string> Labels, double[] Values)
{
    private const long MillisecondNanoseconds = 1_000_000;

    public static StoreSeries Empty(IReadOnlyDictionary<string, string> labels, int steps)
    {
        var values = new double[steps];
        Array.Fill(values, double.NaN);
        return new StoreSeries(labels, values);
    }

    public bool HasValues => Values.AsSpan().ContainsAnyExcept(double.NaN);

    /// <summary>The same labels give the same key, whatever their order.</summary>
    public static string KeyOf(IReadOnlyDictionary<string, string> labels) => string.Join('\u001f',
        labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}\u001e{label.Value}"));

    /// <summary>Writes it as an element of a matrix or, with one step, of a vector.</summary>
    public void Write(Utf8JsonWriter json, IReadOnlyList<long> steps, bool isMatrix)
    {
        json.WriteStartObject();
        LokiAnswer.WriteLabels(json, "metric", Labels);
        if (isMatrix) json.WriteStartArray("values");
        else json.WritePropertyName("value");
        for (var i = 0; i < Values.Length; i++)
        {
            if (double.IsNaN(Values[i])) continue;
            json.WriteStartArray();
            // Seconds, with milliseconds as a fraction where there are some.
            json.WriteNumberValue(steps[i] / MillisecondNanoseconds / 1000m);
            json.WriteStringValue(TextOf(Values[i]));
            json.WriteEndArray();
        }

        if (isMatrix) json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string TextOf(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);
}
