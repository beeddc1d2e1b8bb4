using System.Text;

namespace Weir.Routing.Time;

/// <summary>Reads a text by the parts of a layout, with Go's allowances.</summary>
internal ref struct GoTimeReader(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private GoTimeFields _fields = new();

    public readonly GoTimeFields Fields => _fields;

    /// <summary>How far it came.</summary>
    public int At { get; private set; }

    private readonly ReadOnlySpan<byte> Rest => _text[At..];

    /// <param name="parts">The layout.</param>
    /// <param name="texts">Their texts in UTF-8.</param>
    /// <param name="part">
    /// The part that did not fit; the number of parts when all did but the text went on or the day is none.
    /// </param>
    public bool TryRead(GoTimePart[] parts, byte[][] texts, out int part)
    {
        for (part = 0; part < parts.Length; part++)
        {
            var start = At;
            var isSecond = parts[part].Element is GoTimeElement.Second or GoTimeElement.SecondPadded;
            if (!TryReadPart(parts[part].Element, texts[part]))
            {
                At = start;
                return false;
            }

            // A fraction is taken behind the seconds even where the layout has none.
            var hasFraction = part + 1 < parts.Length && parts[part + 1].Element >= GoTimeElement.FractionFixed;
            if (isSecond && !hasFraction && IsFraction()) ReadFraction(int.MaxValue);
        }

        return At == _text.Length && _fields.TryComplete();
    }

    private bool TryReadPart(GoTimeElement element, byte[] text)
    {
        switch (element)
        {
            case GoTimeElement.Text: return TryReadText(text);
            case GoTimeElement.YearLong: return TryReadDigits(4, out _fields.Year);
            case GoTimeElement.YearShort:
                if (!TryReadDigits(2, out _fields.Year)) return false;
                _fields.Year += _fields.Year >= 69 ? 1900 : 2000;
                return true;
            case GoTimeElement.MonthShort: return TryReadName(GoTimeNames.Months, 3, out _fields.Month);
            case GoTimeElement.MonthLong: return TryReadName(GoTimeNames.Months, int.MaxValue, out _fields.Month);
            case GoTimeElement.MonthNumber or GoTimeElement.MonthPadded:
                return TryReadNumber(element == GoTimeElement.MonthPadded, 12, out _fields.Month) && _fields.Month > 0;
            case GoTimeElement.WeekdayShort: return TryReadName(GoTimeNames.Weekdays, 3, out _);
            case GoTimeElement.WeekdayLong: return TryReadName(GoTimeNames.Weekdays, int.MaxValue, out _);
            case GoTimeElement.Day or GoTimeElement.DaySpaced or GoTimeElement.DayPadded:
                if (element == GoTimeElement.DaySpaced && Rest.StartsWith(" "u8)) At++;
                return TryReadNumber(element == GoTimeElement.DayPadded, 99, out _fields.Day);
            case GoTimeElement.YearDaySpaced or GoTimeElement.YearDayPadded:
                for (var i = 0; i < 2 && element == GoTimeElement.YearDaySpaced && Rest.StartsWith(" "u8); i++) At++;
                return element == GoTimeElement.YearDayPadded
                    ? TryReadDigits(3, out _fields.YearDay) : TryReadUpTo(3, out _fields.YearDay);
            case GoTimeElement.Hour: return TryReadNumber(false, 23, out _fields.Hour);
            case GoTimeElement.Hour12 or GoTimeElement.Hour12Padded:
                return TryReadNumber(element == GoTimeElement.Hour12Padded, 12, out _fields.Hour);
            case GoTimeElement.Minute or GoTimeElement.MinutePadded:
                return TryReadNumber(element == GoTimeElement.MinutePadded, 59, out _fields.Minute);
            case GoTimeElement.Second or GoTimeElement.SecondPadded:
                return TryReadNumber(element == GoTimeElement.SecondPadded, 59, out _fields.Second);
            case GoTimeElement.HalfUpper: return TryReadHalf("AM"u8, "PM"u8);
            case GoTimeElement.HalfLower: return TryReadHalf("am"u8, "pm"u8);
            case GoTimeElement.ZoneName: return TryReadZoneName();
            case GoTimeElement.FractionFixed: return TryReadFixedFraction(text.Length);
            case GoTimeElement.FractionOptional:
                if (IsFraction()) ReadFraction(int.MaxValue);
                return true;
            default: return TryReadOffset(element);
        }
    }

    /// <summary>A run of spaces in the layout takes any number of them, also none at the end.</summary>
    private bool TryReadText(byte[] text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != ' ')
            {
                if (At >= _text.Length || _text[At] != text[i]) return false;
                At++;
                continue;
            }

            if (At < _text.Length && _text[At] != ' ') return false;
            while (i + 1 < text.Length && text[i + 1] == ' ') i++;
            while (At < _text.Length && _text[At] == ' ') At++;
        }

        return true;
    }

    private readonly bool IsDigitAt(int at) => at < _text.Length && char.IsAsciiDigit((char)_text[at]);

    private bool TryReadDigits(int count, out int value)
    {
        value = 0;
        for (var i = 0; i < count; i++)
            if (!IsDigitAt(At + i)) return false;
        for (var i = 0; i < count; i++) value = value * 10 + (_text[At++] - '0');
        return true;
    }

    private bool TryReadUpTo(int count, out int value)
    {
        value = 0;
        var start = At;
        while (At - start < count && IsDigitAt(At)) value = value * 10 + (_text[At++] - '0');
        return At > start;
    }

    /// <summary>One or two digits.</summary>
    private bool TryReadNumber(bool isPadded, int most, out int value) =>
        (isPadded ? TryReadDigits(2, out value) : TryReadUpTo(2, out value)) && value <= most;

    private bool TryReadName(string[] names, int lengthMax, out int number)
    {
        for (number = 1; number <= names.Length; number++)
        {
            var name = names[number - 1].AsSpan();
            if (name.Length > lengthMax) name = name[..lengthMax];
            if (Rest.Length < name.Length || !Ascii.EqualsIgnoreCase(Rest[..name.Length], name)) continue;
            At += name.Length;
            return true;
        }

        return false;
    }

    private bool TryReadHalf(ReadOnlySpan<byte> morning, ReadOnlySpan<byte> afternoon)
    {
        _fields.IsMorning = Rest.StartsWith(morning);
        _fields.IsAfternoon = Rest.StartsWith(afternoon);
        At += 2;
        return _fields.IsMorning || _fields.IsAfternoon;
    }

    private readonly bool IsFraction() => At < _text.Length && _text[At] is (byte)'.' or (byte)',' && IsDigitAt(At + 1);

    private bool TryReadFixedFraction(int length)
    {
        if (At >= _text.Length || _text[At] is not ((byte)'.' or (byte)',')) return false;
        for (var i = 1; i < length; i++)
            if (!IsDigitAt(At + i)) return false;
        ReadFraction(length - 1);
        return true;
    }

    private void ReadFraction(int digitsMax)
    {
        At++;
        var unit = 100_000_000;
        _fields.Nanosecond = 0;
        for (var i = 0; i < digitsMax && IsDigitAt(At); i++)
        {
            _fields.Nanosecond += (_text[At++] - '0') * unit;
            unit /= 10;
        }
    }

    private bool TryReadOffset(GoTimeElement element)
    {
        var isZ = element >= GoTimeElement.ZOffsetHours;
        if (isZ && Rest.StartsWith("Z"u8))
        {
            At++;
            _fields.Offset = 0;
            return true;
        }

        var form = isZ ? element - GoTimeElement.ZOffsetHours : element - GoTimeElement.OffsetHours;
        var hasColon = form is 2 or 4;
        if (At >= _text.Length || _text[At] is not ((byte)'+' or (byte)'-')) return false;
        var sign = _text[At++] == '-' ? -1 : 1;
        if (!TryReadDigits(2, out var hours) || hours > 24) return false;
        var minutes = 0;
        var seconds = 0;
        if (form >= 1 && !TryReadOffsetPart(hasColon, out minutes)) return false;
        if (form >= 3 && !TryReadOffsetPart(hasColon, out seconds)) return false;
        _fields.Offset = sign * (hours * 3600 + minutes * 60 + seconds);
        return true;
    }

    private bool TryReadOffsetPart(bool hasColon, out int value)
    {
        value = 0;
        if (hasColon && (At >= _text.Length || _text[At++] != ':')) return false;
        return TryReadDigits(2, out value) && value < 60;
    }

    /// <summary>
    /// Reads an abbreviation. UTC and GMT are what they say, GMT+3 and +03 carry their offset; any other one names no
    /// offset of its own and is taken to be that of the layout's location.
    /// </summary>
    private bool TryReadZoneName()
    {
        if (Rest.StartsWith("UTC"u8) || Rest.StartsWith("GMT"u8))
        {
            At += 3;
            _fields.Offset = 0;
            if (_text[At - 3] == 'G') TryReadHourOffset();
            return true;
        }

        if (TryReadHourOffset()) return true;
        if (Rest.StartsWith("ChST"u8) || Rest.StartsWith("MeST"u8))
        {
            At += 4;
            return true;
        }

        var length = 0;
        while (length < 6 && At + length < _text.Length && char.IsAsciiLetterUpper((char)_text[At + length])) length++;
        var isName = length switch
        {
            3 => true,
            4 => Rest[3] == 'T' || Rest.StartsWith("WITA"u8),
            5 => Rest[4] == 'T',
            _ => false,
        };
        if (isName) At += length;
        return isName;
    }

    private bool TryReadHourOffset()
    {
        if (At + 1 >= _text.Length || _text[At] is not ((byte)'+' or (byte)'-') || !IsDigitAt(At + 1)) return false;
        var start = At;
        var sign = _text[At++] == '-' ? -1 : 1;
        TryReadUpTo(2, out var hours);
        if (hours > 23)
        {
            At = start;
            return false;
        }

        _fields.Offset = sign * hours * 3600;
        return true;
    }
}
