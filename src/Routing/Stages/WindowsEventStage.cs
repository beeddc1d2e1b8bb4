using Weir.Routing.Language;
using Weir.Routing.Metrics;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.windowsevent</c>: the sections of a Windows event's message become extracted values.
/// </summary>
[BlockName("stage.windowsevent")]
public sealed record WindowsEventOptions : EventMessageOptions
{
    /// <inheritdoc/>
    public override Stage Compile(StageCompiler compiler) => new WindowsEventStage(
        compiler.Slots.Add(Source), DropInvalidLabels, OverwriteExisting, compiler.Failed("windowsevent", "no_text"));
}

/// <summary>
/// Empty lines part sections. The first section is <c>Description</c>; in the others each <c>name: value</c> is a
/// field, lines without a colon belong to the value before them, and a first line without a value is a title that
/// stands before the names of its section.
/// </summary>
internal sealed class WindowsEventStage(int source, bool dropsInvalid, bool overwrites, Metric failed) : Stage
{
    private static ReadOnlySpan<byte> Description => "Description"u8;

    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    public override void Apply(StageBatch batch)
    {
        var textless = 0;
        foreach (var entry in batch.Live)
        {
            var message = batch.Get(entry, source);
            if (message.HasText)
                new Sections(batch, new EventFields(batch, entry, dropsInvalid, overwrites)).TakeAll(message);
            else if (message.Exists) textless++;
        }

        if (textless > 0) failed.Add(textless);
    }

    /// <summary>Walks a message. All places are offsets into the arena, which moves as values are added to
    /// it.</summary>
    private readonly ref struct Sections(StageBatch batch, EventFields fields)
    {
        private readonly EventFields _fields = fields;

        public void TakeAll(ExtractedValue message)
        {
            var (start, end) = (message.Start, message.Start + message.Length);
            for (var isFirst = true; start <= end; isFirst = false)
            {
                var length = batch.Lines.Bytes[start..end].IndexOf("\r\n\r\n"u8);
                var stop = length < 0 ? end : start + length;
                if (isFirst) TakeDescription(start, stop);
                else TakeFields(start, stop);
                start = stop + 2 * LineEnd.Length;
            }
        }

        private void TakeDescription(int start, int stop)
        {
            Span<byte> name = stackalloc byte[Description.Length];
            Description.CopyTo(name);
            var value = batch.Lines.BytesUsed;
            AppendValue(start, stop);
            _fields.Set(name, value, batch.Lines.BytesUsed - value);
        }

        private void TakeFields(int start, int stop)
        {
            Span<byte> name = stackalloc byte[EventFields.NameBytesMax];
            var titleLength = 0;
            var isFirst = true;
            while (TryLine(ref start, stop, out var line, out var lineEnd))
            {
                var colon = batch.Lines.Bytes[line..lineEnd].IndexOf((byte)':');
                if (colon == lineEnd - line - 1 && colon >= 0)
                {
                    if (isFirst) titleLength = AppendName(name, 0, line, line + colon, "_"u8);
                }
                else if (colon >= 0)
                {
                    var length = AppendName(name, titleLength, line, line + colon, []);
                    var value = batch.Lines.BytesUsed;
                    AppendValue(line + colon + 1, lineEnd);
                    TakeContinuation(ref start, stop);
                    if (length >= 0 && titleLength >= 0)
                        _fields.Set(name[..length], value, batch.Lines.BytesUsed - value);
                }

                isFirst = false;
            }
        }

        /// <summary>Lines that are not empty and have no colon go on with the value.</summary>
        private void TakeContinuation(ref int start, int stop)
        {
            var next = start;
            while (TryLine(ref next, stop, out var line, out var lineEnd))
            {
                if (line == lineEnd || batch.Lines.Bytes[line..lineEnd].Contains((byte)':')) return;
                batch.Lines.Append(","u8);
                AppendValue(line, lineEnd);
                start = next;
            }
        }

        private bool TryLine(ref int start, int stop, out int line, out int lineEnd)
        {
            (line, lineEnd) = (start, stop);
            if (start > stop) return false;
            var length = batch.Lines.Bytes[start..stop].IndexOf(LineEnd);
            if (length >= 0) lineEnd = start + length;
            start = lineEnd + LineEnd.Length;
            return true;
        }

        /// <summary>Puts a name without its white space behind others.</summary>
        /// <returns>The length of all; -1 when it is too long.</returns>
        private int AppendName(Span<byte> name, int length, int start, int stop, ReadOnlySpan<byte> separator)
        {
            if (length < 0) return -1;
            foreach (var unit in batch.Lines.Bytes[start..stop])
            {
                if (unit is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') continue;
                if (length == name.Length - separator.Length) return -1;
                name[length++] = unit;
            }

            separator.CopyTo(name[length..]);
            return length + separator.Length;
        }

        /// <summary>Adds a text to the arena, without tabs and line ends.</summary>
        private void AppendValue(int start, int stop)
        {
            var to = batch.Lines.Reserve(stop - start).Span;
            var written = 0;
            foreach (var unit in batch.Lines.Bytes[start..stop])
                if (unit is not ((byte)'\t' or (byte)'\r' or (byte)'\n')) to[written++] = unit;
            batch.Lines.Advance(written);
        }
    }
}
