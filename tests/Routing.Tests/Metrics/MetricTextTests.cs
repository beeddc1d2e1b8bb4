using System.Globalization;
using Weir.Routing.Metrics;

namespace Weir.Routing.Tests.Metrics;

/// <summary>What <c>/metrics</c> shows, read back by a parser that shares no code with the rendering.</summary>
public sealed class MetricTextTests
{
    private readonly MetricRegistry _metrics = new();

    [Fact]
    public void Help_and_label_values_are_escaped_as_the_format_asks()
    {
        _metrics.Counter("a_total", "A \"quoted\" back\\slash\nand a line.", "path").With("C:\\x\n\"y\"").Increment();

        var text = _metrics.Render();

        Assert.Equal(
            """
            # HELP a_total A "quoted" back\\slash\nand a line.
            # TYPE a_total counter
            a_total{path="C:\\x\n\"y\""} 1

            """, text);
    }

    [Fact]
    public void Numbers_have_the_format_s_names_for_what_is_no_number()
    {
        var family = _metrics.Gauge("g", "A gauge.", "of");
        family.With("1").Set(double.PositiveInfinity);
        family.With("2").Set(double.NegativeInfinity);
        family.With("3").Set(double.NaN);
        family.With("4").Set(0.1);

        var values = Parse(_metrics.Render()).ToDictionary(sample => sample.Labels["of"], sample => sample.Value);

        Assert.Equal(["+Inf", "-Inf", "NaN", "0.1"], values.OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void A_histogram_is_cumulative_and_ends_with_its_count()
    {
        var histogram = _metrics.Histogram("h_seconds", "A histogram.", [0.1, 1, 10], "lane").With("x");
        foreach (var value in new[] { 0.05, 0.1, 0.5, 5, 50, double.NaN }) histogram.Observe(value);

        var samples = Parse(_metrics.Render());

        Assert.Equal(
            [("0.1", "2"), ("1", "3"), ("10", "4"), ("+Inf", "6")],
            samples.Where(sample => sample.Name == "h_seconds_bucket")
                .Select(sample => (sample.Labels["le"], sample.Value)));
        Assert.Equal("6", samples.Single(sample => sample.Name == "h_seconds_count").Value);
        Assert.All(samples, sample => Assert.Equal("x", sample.Labels["lane"]));
    }

    [Fact]
    public void A_removed_series_is_gone_and_starts_anew()
    {
        var family = _metrics.Counter("a_total", "A counter.", "component");
        family.With("one").Add(5);
        family.With("two").Add(7);

        family.Remove("one");
        var without = Parse(_metrics.Render()).Select(sample => sample.Labels["component"]).ToList();
        family.With("one").Increment();

        Assert.Equal(["two"], without);
        Assert.Equal(8, _metrics.Sum("a_total"));
    }

    [Fact]
    public void A_collector_refreshes_gauges_until_it_is_disposed()
    {
        var (gauge, reads) = (_metrics.Gauge("g", "A gauge.").With(), 0);
        var registration = _metrics.OnCollect(() => gauge.Set(++reads));

        _metrics.Render();
        var second = _metrics.Render();
        registration.Dispose();
        _metrics.Render();

        Assert.Contains("g 2\n", second, StringComparison.Ordinal);
        Assert.Equal(2, reads);
    }

    [Fact]
    public void Counting_from_many_threads_loses_nothing_and_every_rendering_is_consistent()
    {
        const int perThread = 20_000;
        var counter = _metrics.Counter("c_total", "A counter.", "of");
        var histogram = _metrics.Histogram("h", "A histogram.", [1, 2]).With();
        var renderings = new List<string>();

        Parallel.For(0, 4, thread =>
        {
            for (var i = 0; i < perThread; i++)
            {
                counter.With($"{i % 3}").Add(i % 2 == 0 ? 1L : 1.0);
                histogram.Observe(i % 4);
                if (thread == 0 && i % 1000 == 0) renderings.Add(_metrics.Render());
            }
        });

        Assert.Equal(4 * perThread, _metrics.Sum("c_total"));
        Assert.Equal(4 * perThread, histogram.Count);
        foreach (var rendering in renderings.Append(_metrics.Render()))
        {
            var counts = Parse(rendering)
                .Where(sample => sample.Name == "h_bucket").Select(sample => sample.Number).ToList();
            Assert.Equal(counts.Order(), counts);
        }
    }

    [Fact]
    public void Any_label_value_is_read_back_as_it_was()
    {
        string[] pieces =
            ["\\", "\"", "\n", "\\n", "{", "}", ",", "=", " ", "#", "é", "\U0001F600", "\t", "\r", "a", "0"];
        Fuzz.Run(2000, random =>
        {
            var metrics = new MetricRegistry();
            var (first, second) = (Fuzz.Text(random, pieces, 12), Fuzz.Text(random, pieces, 12));
            metrics.Counter("f_total", Fuzz.Text(random, pieces, 6), "a", "b").With(first, second).Add(3);

            var sample = Assert.Single(Parse(metrics.Render()));

            Assert.Equal((first, second, 3.0), (sample.Labels["a"], sample.Labels["b"], sample.Number));
        });
    }

    private static List<Sample> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(ParseLine)];
    }

    private static Sample ParseLine(string line)
    {
        var at = line.IndexOfAny(['{', ' ']);
        var (name, labels) = (line[..at], new Dictionary<string, string>(StringComparer.Ordinal));
        while (line[at] is '{' or ',')
        {
            var equals = line.IndexOf("=\"", at, StringComparison.Ordinal);
            var label = line[(at + 1)..equals];
            var value = new System.Text.StringBuilder();
            for (at = equals + 2; line[at] != '"'; at++)
                value.Append(line[at] != '\\' ? line[at] : line[++at] == 'n' ? '\n' : line[at]);
            labels.Add(label, value.ToString());
            at++;
            if (line[at] == '}') at++;
        }

        return new Sample(name, labels, line[(at + 1)..]);
    }

    private sealed record Sample(string Name, Dictionary<string, string> Labels, string Value)
    {
        public double Number => double.Parse(Value, CultureInfo.InvariantCulture);
    }
}
