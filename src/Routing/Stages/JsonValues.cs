namespace Weir.Routing.Stages;

/// <summary>Turns values of a JSON text in the arena into extracted values.</summary>
internal static class JsonValues
{
    /// <summary>The text is <c>null</c>, which Go takes for an object without keys.</summary>
    public static bool IsNull(ReadOnlySpan<byte> json) => json.Trim(" \t\r\n"u8).SequenceEqual("null"u8);

    /// <summary>Uses the bytes in place where they are the value as Go prints it, else adds them to the
    /// arena.</summary>
    /// <param name="start">Where the JSON text begins in the arena.</param>
    public static ExtractedValue Take(StageBatch batch, int start, JsonToken token)
    {
        var at = start + token.Start;
        return token.Kind switch
        {
            JsonTokenKind.True or JsonTokenKind.False => new ExtractedValue(ExtractedKind.Bool, at, token.Length),
            JsonTokenKind.String when !token.IsEscaped => ExtractedValue.Text(at, token.Length),
            JsonTokenKind.String => Unescaped(batch, at, token.Length),
            JsonTokenKind.Number => Number(batch, at, token.Length),
            JsonTokenKind.Container => Container(batch, at, token.Length),
            _ => ExtractedValue.Nil,
        };
    }

    private static ExtractedValue Unescaped(StageBatch batch, int start, int length)
    {
        // Reserved first: the arena may move, the offset stays.
        var to = batch.Lines.Reserve(length).Span;
        var written = JsonText.Unescape(batch.Lines.Bytes.Slice(start, length), to);
        return ExtractedValue.Text(batch.Lines.Advance(written), written);
    }

    private static ExtractedValue Number(StageBatch batch, int start, int length)
    {
        if (JsonText.IsCanonicalNumber(batch.Lines.Bytes.Slice(start, length)))
            return new ExtractedValue(ExtractedKind.Number, start, length);
        var to = batch.Lines.Reserve(JsonText.NumberBytesMax).Span;
        var written = JsonText.FormatNumber(batch.Lines.Bytes.Slice(start, length), to);
        return written == 0
            ? ExtractedValue.Nil
            : new ExtractedValue(ExtractedKind.Number, batch.Lines.Advance(written), written);
    }

    private static ExtractedValue Container(StageBatch batch, int start, int length)
    {
        if (batch.Lines.Bytes.Slice(start, length).IndexOfAnyInRange((byte)0, (byte)' ') < 0)
            return ExtractedValue.Text(start, length);
        var to = batch.Lines.Reserve(length).Span;
        var written = JsonText.Compact(batch.Lines.Bytes.Slice(start, length), to);
        return ExtractedValue.Text(batch.Lines.Advance(written), written);
    }
}
