using System.Collections.Concurrent;
using System.Globalization;

namespace Weir.Routing.Patterns;

/// <summary>The named classes of Go's syntax: <c>\d</c>, <c>[:alpha:]</c>, <c>\p{Lu}</c>, <c>\p{Greek}</c>.</summary>
internal static class RuneClasses
{
    public static readonly RuneRanges Digit = RuneRanges.Of(('0', '9'));
    public static readonly RuneRanges Space = RuneRanges.Of(('\t', '\n'), ('\f', '\r'), (' ', ' '));
    public static readonly RuneRanges Word = RuneRanges.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    public static readonly RuneRanges Any = RuneRanges.Of((0, RuneRanges.RuneMax));
    public static readonly RuneRanges AnyButNewline = RuneRanges.Of((0, '\n' - 1), ('\n' + 1, RuneRanges.RuneMax));

    private static readonly Dictionary<string, RuneRanges> Posix = new(StringComparer.Ordinal)
    {
        ["alnum"] = RuneRanges.Of(('0', '9'), ('A', 'Z'), ('a', 'z')),
        ["alpha"] = RuneRanges.Of(('A', 'Z'), ('a', 'z')),
        ["ascii"] = RuneRanges.Of((0, 0x7F)),
        ["blank"] = RuneRanges.Of(('\t', '\t'), (' ', ' ')),
        ["cntrl"] = RuneRanges.Of((0, 0x1F), (0x7F, 0x7F)),
        ["digit"] = Digit,
        ["graph"] = RuneRanges.Of(('!', '~')),
        ["lower"] = RuneRanges.Of(('a', 'z')),
        ["print"] = RuneRanges.Of((' ', '~')),
        ["punct"] = RuneRanges.Of(('!', '/'), (':', '@'), ('[', '`'), ('{', '~')),
        ["space"] = RuneRanges.Of(('\t', '\r'), (' ', ' ')),
        ["upper"] = RuneRanges.Of(('A', 'Z')),
        ["word"] = Word,
        ["xdigit"] = RuneRanges.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
    };

    // Scripts are no part of the runtime's Unicode data; these are the ones that occur in log patterns.
    private static readonly Dictionary<string, RuneRanges> Scripts = new(StringComparer.Ordinal)
    {
        ["Latin"] = RuneRanges.Of(('A', 'Z'), ('a', 'z'), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6),
            (0xF8, 0x2B8), (0x2E0, 0x2E4), (0x1D00, 0x1D25), (0x1D2C, 0x1D5C), (0x1D62, 0x1D65), (0x1D6B, 0x1D77),
            (0x1D79, 0x1DBE), (0x1E00, 0x1EFF), (0x2071, 0x2071), (0x207F, 0x207F), (0x2090, 0x209C),
            (0x212A, 0x212B), (0x2132, 0x2132), (0x214E, 0x214E), (0x2160, 0x2188), (0x2C60, 0x2C7F),
            (0xA722, 0xA787), (0xA78B, 0xA7CA), (0xA7F2, 0xA7FF), (0xAB30, 0xAB5A), (0xAB5C, 0xAB64),
            (0xFB00, 0xFB06), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A)),
        ["Greek"] = RuneRanges.Of((0x370, 0x373), (0x375, 0x377), (0x37A, 0x37D), (0x37F, 0x37F), (0x384, 0x384),
            (0x386, 0x386), (0x388, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x3E1), (0x3F0, 0x3FF),
            (0x1D26, 0x1D2A), (0x1F00, 0x1F15), (0x1F18, 0x1F1D), (0x1F20, 0x1F45), (0x1F48, 0x1F4D),
            (0x1F50, 0x1F57), (0x1F59, 0x1F59), (0x1F5B, 0x1F5B), (0x1F5D, 0x1F5D), (0x1F5F, 0x1F7D),
            (0x1F80, 0x1FB4), (0x1FB6, 0x1FC4), (0x1FC6, 0x1FD3), (0x1FD6, 0x1FDB), (0x1FDD, 0x1FEF),
            (0x1FF2, 0x1FF4), (0x1FF6, 0x1FFE), (0x2126, 0x2126)),
        ["Cyrillic"] = RuneRanges.Of((0x400, 0x484), (0x487, 0x52F), (0x1C80, 0x1C88), (0x1D2B, 0x1D2B),
            (0x1D78, 0x1D78), (0x2DE0, 0x2DFF), (0xA640, 0xA69F), (0xFE2E, 0xFE2F)),
        ["Han"] = RuneRanges.Of((0x2E80, 0x2E99), (0x2E9B, 0x2EF3), (0x2F00, 0x2FD5), (0x3005, 0x3005),
            (0x3007, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
            (0xF900, 0xFA6D), (0xFA70, 0xFAD9), (0x20000, 0x2A6DF), (0x2A700, 0x2B739), (0x2B740, 0x2B81D),
            (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0), (0x2F800, 0x2FA1D), (0x30000, 0x3134A), (0x31350, 0x323AF)),
        ["Hiragana"] = RuneRanges.Of((0x3041, 0x3096), (0x309D, 0x309F), (0x1B001, 0x1B11F), (0x1F200, 0x1F200)),
        ["Katakana"] = RuneRanges.Of((0x30A1, 0x30FA), (0x30FD, 0x30FF), (0x31F0, 0x31FF), (0x32D0, 0x32FE),
            (0x3300, 0x3357), (0xFF66, 0xFF6F), (0xFF71, 0xFF9D)),
        ["Hangul"] = RuneRanges.Of((0x1100, 0x11FF), (0x302E, 0x302F), (0x3131, 0x318E), (0x3200, 0x321E),
            (0x3260, 0x327E), (0xA960, 0xA97C), (0xAC00, 0xD7A3), (0xD7B0, 0xD7C6), (0xD7CB, 0xD7FB)),
        ["Hebrew"] = RuneRanges.Of((0x591, 0x5C7), (0x5D0, 0x5EA), (0x5EF, 0x5F4), (0xFB1D, 0xFB36),
            (0xFB38, 0xFB3C), (0xFB3E, 0xFB3E), (0xFB40, 0xFB41), (0xFB43, 0xFB44), (0xFB46, 0xFB4F)),
        ["Thai"] = RuneRanges.Of((0xE01, 0xE3A), (0xE40, 0xE5B)),
    };

    private static readonly Dictionary<string, UnicodeCategory[]> Categories = new(StringComparer.Ordinal)
    {
        ["Lu"] = [UnicodeCategory.UppercaseLetter],
        ["Ll"] = [UnicodeCategory.LowercaseLetter],
        ["Lt"] = [UnicodeCategory.TitlecaseLetter],
        ["Lm"] = [UnicodeCategory.ModifierLetter],
        ["Lo"] = [UnicodeCategory.OtherLetter],
        ["Mn"] = [UnicodeCategory.NonSpacingMark],
        ["Mc"] = [UnicodeCategory.SpacingCombiningMark],
        ["Me"] = [UnicodeCategory.EnclosingMark],
        ["Nd"] = [UnicodeCategory.DecimalDigitNumber],
        ["Nl"] = [UnicodeCategory.LetterNumber],
        ["No"] = [UnicodeCategory.OtherNumber],
        ["Pc"] = [UnicodeCategory.ConnectorPunctuation],
        ["Pd"] = [UnicodeCategory.DashPunctuation],
        ["Ps"] = [UnicodeCategory.OpenPunctuation],
        ["Pe"] = [UnicodeCategory.ClosePunctuation],
        ["Pi"] = [UnicodeCategory.InitialQuotePunctuation],
        ["Pf"] = [UnicodeCategory.FinalQuotePunctuation],
        ["Po"] = [UnicodeCategory.OtherPunctuation],
        ["Sm"] = [UnicodeCategory.MathSymbol],
        ["Sc"] = [UnicodeCategory.CurrencySymbol],
        ["Sk"] = [UnicodeCategory.ModifierSymbol],
        ["So"] = [UnicodeCategory.OtherSymbol],
        ["Zs"] = [UnicodeCategory.SpaceSeparator],
        ["Zl"] = [UnicodeCategory.LineSeparator],
        ["Zp"] = [UnicodeCategory.ParagraphSeparator],
        ["Cc"] = [UnicodeCategory.Control],
        ["Cf"] = [UnicodeCategory.Format],
        ["Cs"] = [UnicodeCategory.Surrogate],
        ["Co"] = [UnicodeCategory.PrivateUse],
    };

    private static readonly ConcurrentDictionary<string, RuneRanges> Scanned = new(StringComparer.Ordinal);

    public static bool TryPosix(string name, out RuneRanges set) => Posix.TryGetValue(name, out set!);

    /// <param name="name">A category of one or two letters, a script, or <c>Any</c>.</param>
    public static bool TryUnicode(string name, out RuneRanges set)
    {
        set = Any;
        if (name == "Any" || Scripts.TryGetValue(name, out set!)) return true;
        var known = name.Length == 1
            ? Categories.Where(pair => pair.Key[0] == name[0]).SelectMany(pair => pair.Value).ToArray()
            : Categories.TryGetValue(name, out var exact) ? exact : [];
        if (known.Length == 0) return false;
        set = Scanned.GetOrAdd(name, _ => Scan(known));
        return true;
    }

    private static RuneRanges Scan(UnicodeCategory[] categories)
    {
        var set = new RuneRanges();
        var start = -1;
        for (var rune = 0; rune <= RuneRanges.RuneMax + 1; rune++)
        {
            var isIn = rune <= RuneRanges.RuneMax
                && Array.IndexOf(categories, CharUnicodeInfo.GetUnicodeCategory(rune)) >= 0;
            if (isIn && start < 0) start = rune;
            if (isIn || start < 0) continue;
            set.Add(start, rune - 1);
            start = -1;
        }

        set.Normalize();
        return set;
    }
}
