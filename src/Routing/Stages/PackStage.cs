using System.Text;
using Weir.Routing.Language;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.pack</c>: extracted values and the line become one JSON object.</summary>
[BlockName("stage.pack")]
public sealed record PackOptions : IStageOptions, IValidated
{
    /// <summary>Names of labels or extracted values to pack; labels of these names leave the entry.</summary>
    [Argument("labels", Required = true)]
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Gives the entry the time of now, so that packing cannot put a stream out of order.</summary>
    [Argument("ingest_timestamp")]
    public bool IngestTimestamp { get; init; } = true;

    public void Validate(OptionProblems problems)
    {
        if (Labels.Contains(PackStage.EntryKey))
        {
            problems.Add("labels", $"holds \"{PackStage.EntryKey}\"",
                "that key is the line's; name the value otherwise");
        }
    }

    public Stage Compile(StageCompiler compiler) => new PackStage(
        [
            .. Labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => new PackedName(
                Quote(name), compiler.Slots.Add(name), compiler.Transitions(name))),
        ],
        IngestTimestamp);

    private static byte[] Quote(string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        var quoted = new byte[text.Length * JsonQuote.GrowthMax + 2];
        return quoted[..JsonQuote.Write(text, quoted)];
    }
}

/// <param name="Key">As JSON.</param>
internal readonly record struct PackedName(byte[] Key, int Slot, LabelTransitions Label);

/// <summary>Values without text are not packed, and their labels stay.</summary>
/// <param name="names">Sorted.</param>
internal sealed class PackStage(PackedName[] names, bool stampsNow) : Stage
{
    public const string EntryKey = "_entry";

    public override void Apply(StageBatch batch)
    {
        var live = batch.Live;
        for (var i = 0; i < live.Length; i++)
        {
            Pack(batch, live[i]);
            // Nanoseconds apart: a destination takes equal lines of one time for one.
            if (stampsNow) batch.Lines[live[i]].Timestamp = batch.Now + i;
        }
    }

    private void Pack(StageBatch batch, int entry)
    {
        var bytes = batch.Lines[entry].LineLength * JsonQuote.GrowthMax + EntryKey.Length + 8;
        foreach (var name in names)
        {
            var value = batch.Get(entry, name.Slot);
            if (value.HasText) bytes += name.Key.Length + value.Length * JsonQuote.GrowthMax + 4;
        }

        // Reserved before any text is taken: the arena does not move below.
        var to = batch.Lines.Reserve(bytes).Span;
        var written = 0;
        to[written++] = (byte)'{';
        ref var target = ref batch.Lines[entry];
        foreach (var name in names)
        {
            var value = batch.Get(entry, name.Slot);
            if (!value.HasText) continue;
            name.Key.CopyTo(to[written..]);
            written += name.Key.Length;
            to[written++] = (byte)':';
            written += JsonQuote.Write(batch.Text(value), to[written..]);
            to[written++] = (byte)',';
            target.Labels = name.Label.Apply(target.Labels, []);
        }

        "\"_entry\":"u8.CopyTo(to[written..]);
        written += "\"_entry\":"u8.Length;
        written += JsonQuote.Write(batch.Lines.Line(target), to[written..]);
        to[written++] = (byte)'}';
        target.LineStart = batch.Lines.Advance(written);
        target.LineLength = written;
    }
}
