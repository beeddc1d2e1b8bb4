using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.eventlogmessage</c>: the lines <c>name: value</c> of a Windows event's message become
/// extracted values.</summary>
[BlockName("stage.eventlogmessage")]
public sealed record EventLogMessageOptions : IStageOptions, IValidated
{
    /// <summary>The extracted value that holds the message.</summary>
    [Argument("source")]
    public string Source { get; init; } = "message";

    /// <summary>Leaves out names that no label can have; otherwise what cannot stand in one becomes an
    /// underscore.</summary>
    [Argument("drop_invalid_labels")]
    public bool DropInvalidLabels { get; init; }

    /// <summary>Sets names anew that are there already; otherwise <c>_extracted</c> is put behind them.</summary>
    [Argument("overwrite_existing")]
    public bool OverwriteExisting { get; init; }

    public void Validate(OptionProblems problems) => LabelNames.Check("source", [Source], problems);

    public Stage Compile(StageCompiler compiler) => new EventLogMessageStage(
        compiler.Slots.Add(Source), DropInvalidLabels, OverwriteExisting,
        compiler.Failed("eventlogmessage", "no_text"));
}

/// <summary>Lines without a colon are skipped; a message without text leaves the entry as it is.</summary>
internal sealed class EventLogMessageStage(int source, bool dropsInvalid, bool overwrites, Metric failed) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var textless = 0;
        foreach (var entry in batch.Live)
        {
            var message = batch.Get(entry, source);
            if (message.HasText) Extract(batch, entry, message);
            else if (message.Exists) textless++;
        }

        if (textless > 0) failed.Add(textless);
    }

    private void Extract(StageBatch batch, int entry, ExtractedValue message)
    {
        var fields = new EventFields(batch, entry, dropsInvalid, overwrites);
        Span<byte> name = stackalloc byte[EventFields.NameBytesMax];
        var end = message.Start + message.Length;
        for (var at = message.Start; at <= end;)
        {
            var rest = batch.Lines.Bytes[at..end];
            var length = rest.IndexOf("\r\n"u8);
            if (length < 0) length = rest.Length;
            var colon = rest[..length].IndexOf((byte)':');
            if (colon >= 0 && colon <= name.Length)
            {
                rest[..colon].CopyTo(name);
                fields.Set(name[..colon], at + colon + 1, length - colon - 1);
            }

            at += length + 2;
        }
    }
}
