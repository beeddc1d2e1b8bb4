using System.Buffers;
using System.Text;
using Weir.Routing.Language;
using Weir.Routing.Patterns;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.luhn</c>: hides numbers whose check digit is right, as those of payment cards.</summary>
[BlockName("stage.luhn")]
public sealed record LuhnOptions : IStageOptions, IValidated
{
    private const string DefaultReplacement = "**REDACTED**";

    // The shortest card numbers.
    private const int DefaultLengthMin = 13;

    /// <summary>Stands in the number's place; "" for the default.</summary>
    [Argument("replacement")]
    public string Replacement { get; init; } = DefaultReplacement;

    /// <summary>The extracted value to read; the result becomes the line all the same. Null for the line.</summary>
    [Argument("source")]
    public string? Source { get; init; }

    /// <summary>Digits of a number at the least; less than 1 for the default.</summary>
    [Argument("min_length")]
    public int LengthMin { get; init; } = DefaultLengthMin;

    /// <summary>Characters that may stand between the digits of a number.</summary>
    [Argument("delimiters")]
    public string Delimiters { get; init; } = "";

    /// <summary>What matches is left alone, as ids that look like cards; "" for nothing.</summary>
    [Argument("skip_regex")]
    public string SkipRegex { get; init; } = "";

    public void Validate(OptionProblems problems)
    {
        StagePatterns.CheckSource(Source, problems);
        StagePatterns.Check("skip_regex", SkipRegex, problems);
    }

    public Stage Compile(StageCompiler compiler) => new LuhnStage(
        Source is null ? -1 : compiler.Slots.Add(Source),
        Encoding.UTF8.GetBytes(Replacement.Length == 0 ? DefaultReplacement : Replacement),
        new LuhnFinder(LengthMin < 1 ? DefaultLengthMin : LengthMin, Delimiters),
        SkipRegex.Length == 0 ? null : GoRegex.Compile(SkipRegex));
}

/// <summary>A source that is no text leaves the line alone.</summary>
internal sealed class LuhnStage(int source, byte[] replacement, LuhnFinder finder, GoRegex? skips) : Stage
{
    // Start, end and the place of the delimiter that stays.
    private const int PlacesEach = 3;

    public override void Apply(StageBatch batch)
    {
        var found = ArrayPool<int>.Shared.Rent(64);
        var bounds = skips is null ? [] : ArrayPool<int>.Shared.Rent(skips.BoundsEach);
        foreach (var entry in batch.Live)
        {
            if (!batch.TryInput(entry, source, out var input) || input.Kind != ExtractedKind.String) continue;
            var count = Find(batch.Text(input), bounds, ref found);
            if (count > 0) input = Redact(batch, input, found.AsSpan(0, count));
            ref var target = ref batch.Lines[entry];
            target.LineStart = input.Start;
            target.LineLength = input.Length;
        }

        ArrayPool<int>.Shared.Return(found);
        if (skips is not null) ArrayPool<int>.Shared.Return(bounds);
    }

    /// <summary>Looks in all parts of the text that the pattern does not skip.</summary>
    private int Find(ReadOnlySpan<byte> text, int[] bounds, ref int[] found)
    {
        var count = 0;
        if (skips is null) return FindIn(text, 0, text.Length, count, ref found);
        var at = 0;
        using var search = skips.Search(text);
        while (search.TryNext(bounds.AsSpan(0, skips.BoundsEach)))
        {
            if (bounds[1] == bounds[0]) continue;
            count = FindIn(text, at, bounds[0], count, ref found);
            at = bounds[1];
        }

        return FindIn(text, at, text.Length, count, ref found);
    }

    private int FindIn(ReadOnlySpan<byte> text, int at, int end, int count, ref int[] found)
    {
        while (finder.TryFind(text[..end], ref at, out var number))
        {
            if (found.Length < count + PlacesEach)
            {
                var grown = ArrayPool<int>.Shared.Rent(found.Length * 2);
                found.AsSpan(0, count).CopyTo(grown);
                ArrayPool<int>.Shared.Return(found);
                found = grown;
            }

            (found[count], found[count + 1], found[count + 2]) = (number.Start, number.End, number.KeptFrom);
            count += PlacesEach;
        }

        return count;
    }

    private ExtractedValue Redact(StageBatch batch, ExtractedValue input, ReadOnlySpan<int> found)
    {
        var lines = batch.Lines;
        var start = lines.BytesUsed;
        var kept = 0;
        for (var i = 0; i < found.Length; i += PlacesEach)
        {
            lines.Append(batch.Text(input)[kept..found[i]]);
            lines.Append(replacement);
            lines.Append(batch.Text(input)[found[i + 2]..found[i + 1]]);
            kept = found[i + 1];
        }

        lines.Append(batch.Text(input)[kept..]);
        return ExtractedValue.Text(start, lines.BytesUsed - start);
    }
}

/// <param name="Start">Of the first digit.</param>
/// <param name="End">Behind the last digit and the delimiters that follow it.</param>
/// <param name="KeptFrom">Of several delimiters behind a number only the last stays, as in Alloy: from here to the
/// end.</param>
internal readonly record struct LuhnNumber(int Start, int End, int KeptFrom);

/// <summary>Finds numbers whose check digit is right.</summary>
internal sealed class LuhnFinder(int lengthMin, string delimiters)
{
    private readonly Rune[] _delimiters = [.. delimiters.EnumerateRunes()];

    /// <summary>Finds the next one.</summary>
    /// <param name="at">Where to look from; then where to go on.</param>
    public bool TryFind(ReadOnlySpan<byte> text, ref int at, out LuhnNumber number)
    {
        number = default;
        while (at < text.Length)
        {
            Decode(text[at..], out var rune, out var length);
            if (Rune.IsDigit(rune))
            {
                if (TryNumber(text, ref at, out number)) return true;
            }
            else at += length;
        }

        return false;
    }

    private bool TryNumber(ReadOnlySpan<byte> text, ref int at, out LuhnNumber number)
    {
        var check = new LuhnCheck();
        var start = at;
        var keptFrom = -1;
        while (at < text.Length)
        {
            Decode(text[at..], out var rune, out var length);
            if (Rune.IsDigit(rune))
            {
                check.Take(rune, length);
                keptFrom = -1;
            }
            else if (_delimiters.AsSpan().Contains(rune)) keptFrom = at;
            else break;
            at += length;
        }

        number = new LuhnNumber(start, at, keptFrom < 0 ? at : keptFrom);
        return check.Bytes >= lengthMin && check.IsRight;
    }

    private static void Decode(ReadOnlySpan<byte> text, out Rune rune, out int length)
    {
        if (text[0] < 0x80) (rune, length) = (new Rune(text[0]), 1);
        else if (Rune.DecodeFromUtf8(text, out rune, out length) != OperationStatus.Done) length = 1;
    }

    /// <summary>Takes digits from left to right. The check doubles every second one from the right, so both sums are
    /// kept and change places at each digit.</summary>
    private struct LuhnCheck
    {
        private ulong _value;
        private int _sum;
        private int _otherSum;
        private bool _isTooLong;

        /// <summary>Of the digits, as Alloy measures their number.</summary>
        public int Bytes { get; private set; }

        /// <summary>False also beyond 64 bits and for digits of other scripts.</summary>
        public readonly bool IsRight => !_isTooLong && _value <= long.MaxValue && _sum % 10 == 0;

        public void Take(Rune rune, int length)
        {
            Bytes += length;
            var digit = rune.Value - '0';
            if (digit is < 0 or > 9 || _value > (ulong.MaxValue - 9) / 10)
            {
                _isTooLong = true;
                return;
            }

            _value = _value * 10 + (ulong)digit;
            var doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
            (_sum, _otherSum) = (_otherSum + digit, _sum + doubled);
        }
    }
}
