using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.eventlogmessage</c>: the lines <c>name: value</c> of a Windows event's message become
/// extracted values.</summary>
[BlockName("stage.eventlogmessage")]
public sealed record EventLogMessageOptions : EventMessageOptions
{
    /// <inheritdoc/>
    public override Stage Compile(StageCompiler compiler) => new EventLogMessageStage(
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
