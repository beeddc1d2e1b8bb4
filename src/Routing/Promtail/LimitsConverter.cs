namespace Weir.Routing.Promtail;

/// <summary>
/// Converts <c>limits_config</c>. Its limits hold for all jobs together, so that one <c>loki.process</c> between the
/// jobs
/// and the clients applies them.
/// </summary>
internal sealed class LimitsConverter
{
    // Promtail counts lines that are too long under this reason.
    private const string LongLineReason = "line_too_long";
    private const string StreamsUnlimited = "0";

    private readonly AlloyFile _file;
    private readonly List<AlloyBlock> _stages = [];

    public LimitsConverter(Section? limits, AlloyFile file)
    {
        _file = file;
        if (limits is null) return;
        ReadRate(limits);
        ReadLineSize(limits);
        var streams = limits.Canonical(new Field("max_streams", FieldKind.Integer));
        MaxStreams = streams is StreamsUnlimited ? null : streams;
        limits.Finish();
    }

    /// <summary>Most streams of a push; null for any number.</summary>
    public string? MaxStreams { get; }

    /// <summary>The component that applies the limits, null when there are none.</summary>
    public AlloyBlock? Create(string forwardTo)
    {
        if (_stages.Count == 0) return null;
        var process = _file.Create("loki.process", "limits");
        process.Comment("From limits_config, for all scrape configs together.");
        process.Set("forward_to", forwardTo);
        foreach (var stage in _stages) process.Add(stage);
        return process;
    }

    private void ReadRate(Section limits)
    {
        var isEnabled = limits.Flag("readline_rate_enabled") == true;
        var rate = limits.Canonical(new Field("readline_rate", FieldKind.Number)) ?? "10000";
        var burst = limits.Canonical(new Field("readline_burst", FieldKind.Integer)) ?? "10000";
        var drop = limits.Flag("readline_rate_drop") ?? true;
        if (isEnabled)
        {
            var stage = new AlloyBlock("stage.limit");
            stage.Set("rate", rate);
            stage.Set("burst", burst);
            if (drop) stage.Set("drop", "true");
            _stages.Add(stage);
            return;
        }
        if ((limits.Find("readline_rate") ?? limits.Find("readline_burst")) is { } unused)
            limits.Diagnostics.Warning(unused.Key.Place, $"limits_config.{unused.Key.Text} has no effect",
                "Promtail applies it only with readline_rate_enabled: true");
    }

    private void ReadLineSize(Section limits)
    {
        var size = limits.Canonical(new Field("max_line_size", FieldKind.Size));
        var truncate = limits.Flag("max_line_size_truncate") == true;
        if (size is null or "0B") return;
        var stage = new AlloyBlock(truncate ? "stage.truncate" : "stage.drop");
        if (truncate)
        {
            stage.Add("rule").Set("limit", Literal.Text(size));
        }
        else
        {
            stage.Set("longer_than", Literal.Text(size));
            stage.Set("drop_counter_reason", Literal.Text(LongLineReason));
        }
        _stages.Add(stage);
    }
}
