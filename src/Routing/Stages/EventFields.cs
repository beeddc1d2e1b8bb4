using System.Text;
using System.Text.Unicode;

namespace Weir.Routing.Stages;

/// <summary>Sets the fields of a Windows event's message as extracted values of one entry, under names that only the
/// message brings.</summary>
/// <param name="dropsInvalid">Names that no label can have are left out, rather than mended with underscores.</param>
/// <param name="overwrites">A name that is there already is set anew; otherwise <c>_extracted</c> is put behind
/// it.</param>
internal readonly ref struct EventFields(StageBatch batch, int entry, bool dropsInvalid, bool overwrites)
{
    /// <summary>Longer names are no field's: they are left out.</summary>
    public const int NameBytesMax = StageBatch.NameBytesMax;

    private static ReadOnlySpan<byte> Suffix => "_extracted"u8;

    /// <param name="name">Not in the arena; mended in place.</param>
    /// <param name="start">Of the value, in the arena.</param>
    public void Set(Span<byte> name, int start, int length)
    {
        Span<byte> key = stackalloc byte[NameBytesMax + Suffix.Length];
        if (!TryName(name, key, out var keyLength)) return;
        if (!overwrites && batch.Has(entry, key[..keyLength]))
        {
            Suffix.CopyTo(key[keyLength..]);
            keyLength += Suffix.Length;
        }

        Trim(ref start, ref length);
        if (!Utf8.IsValid(batch.Lines.Bytes.Slice(start, length))) return;
        batch.SetNamed(entry, batch.Lines.Append(key[..keyLength]), keyLength, ExtractedValue.Text(start, length));
    }

    /// <summary>A letter or underscore, then letters, digits and underscores; each other character becomes an
    /// underscore.</summary>
    private bool TryName(ReadOnlySpan<byte> name, Span<byte> key, out int length)
    {
        length = 0;
        if (name.Length > NameBytesMax) return false;
        var isValid = name.Length > 0;
        while (!name.IsEmpty)
        {
            var unit = (char)name[0];
            Rune.DecodeFromUtf8(name, out _, out var taken);
            var fits = char.IsAsciiLetter(unit) || unit == '_' || (char.IsAsciiDigit(unit) && length > 0);
            isValid &= fits;
            key[length++] = fits ? (byte)unit : (byte)'_';
            name = name[taken..];
        }

        if (length == 0) key[length++] = (byte)'_';
        return isValid || !dropsInvalid;
    }

    /// <summary>Takes white space off both ends.</summary>
    private void Trim(ref int start, ref int length)
    {
        var text = batch.Lines.Bytes.Slice(start, length);
        while (!text.IsEmpty && Rune.DecodeFromUtf8(text, out var rune, out var first) == default
            && Rune.IsWhiteSpace(rune))
        {
            text = text[first..];
            start += first;
        }

        while (!text.IsEmpty && Rune.DecodeLastFromUtf8(text, out var rune, out var last) == default
            && Rune.IsWhiteSpace(rune))
        {
            text = text[..^last];
        }

        length = text.Length;
    }
}
