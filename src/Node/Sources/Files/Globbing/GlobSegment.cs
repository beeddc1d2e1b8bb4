using System.Text;

namespace Weir.Node.Sources.Files.Globbing;

/// <summary>The part of a pattern between two slashes, compiled: literals, <c>*</c>, <c>?</c> and <c>[]</c>.</summary>
internal sealed class GlobSegment
{
    private readonly List<Token> _tokens = [];

    private GlobSegment(bool anyDepth) => IsAnyDepth = anyDepth;

    /// <summary>The segment is <c>**</c>: any number of folders, none too.</summary>
    public bool IsAnyDepth { get; }

    /// <summary>The one name it matches; null where it matches by pattern.</summary>
    public string? Literal { get; private set; }

    /// <exception cref="GlobException"/>
    public static GlobSegment Parse(string text, string pattern)
    {
        var segment = new GlobSegment(text == "**");
        if (segment.IsAnyDepth) return segment;
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            switch (text[i])
            {
                case '*':
                    if (segment._tokens is not [.., { Kind: TokenKind.Star }])
                        segment._tokens.Add(new(TokenKind.Star, default, null));
                    i++;
                    break;
                case '?':
                    segment._tokens.Add(new(TokenKind.Any, default, null));
                    i++;
                    break;
                case '[':
                    segment._tokens.Add(new(TokenKind.Class, default, GlobClass.Parse(text, ref i, pattern)));
                    break;
                default:
                    var rune = GlobClass.NextRune(text, ref i, pattern);
                    segment._tokens.Add(new(TokenKind.Literal, rune, null));
                    literal.Append(rune);
                    break;
            }
        }

        if (segment._tokens.TrueForAll(token => token.Kind == TokenKind.Literal)) segment.Literal = literal.ToString();
        return segment;
    }

    /// <summary>Linear in the name for each star: the last star alone is taken back.</summary>
    public bool Matches(ReadOnlySpan<char> name)
    {
        if (IsAnyDepth) return true;
        if (Literal is not null) return name.SequenceEqual(Literal);
        int token = 0, at = 0, star = -1, starAt = 0;
        while (at < name.Length || token < _tokens.Count)
        {
            if (token < _tokens.Count && _tokens[token].Kind == TokenKind.Star)
            {
                star = token++;
                starAt = at;
                continue;
            }

            if (at < name.Length && token < _tokens.Count)
            {
                Rune.DecodeFromUtf16(name[at..], out var rune, out var length);
                if (_tokens[token].Matches(rune))
                {
                    token++;
                    at += length;
                    continue;
                }
            }

            if (star < 0 || starAt >= name.Length) return false;
            Rune.DecodeFromUtf16(name[starAt..], out _, out var skipped);
            at = starAt += skipped;
            token = star + 1;
        }

        return true;
    }

    private enum TokenKind : byte { Literal, Any, Star, Class }

    private readonly record struct Token(TokenKind Kind, Rune Literal, GlobClass? Class)
    {
        public bool Matches(Rune rune) => Kind switch
        {
            TokenKind.Literal => rune == Literal,
            TokenKind.Class => Class!.Contains(rune),
            _ => true,
        };
    }
}

/// <summary>A class of characters, <c>[a-z_]</c>, or all others, <c>[^a-z]</c> or <c>[!a-z]</c>.</summary>
internal sealed class GlobClass
{
    private readonly List<(Rune Low, Rune High)> _ranges = [];
    private bool _negated;

    /// <param name="at">Of the opening bracket; moved behind the closing one.</param>
    public static GlobClass Parse(string text, ref int at, string pattern)
    {
        var parsed = new GlobClass();
        at++;
        if (at < text.Length && text[at] is '^' or '!')
        {
            parsed._negated = true;
            at++;
        }

        while (at < text.Length && (text[at] != ']' || parsed._ranges.Count == 0))
        {
            var low = NextRune(text, ref at, pattern);
            var high = low;
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                high = NextRune(text, ref at, pattern);
            }

            parsed._ranges.Add((low, high));
        }

        if (at >= text.Length) throw new GlobException(pattern, "a [ has no ]");
        at++;
        return parsed;
    }

    public bool Contains(Rune rune)
    {
        foreach (var (low, high) in _ranges)
            if (low <= rune && rune <= high) return !_negated;
        return _negated;
    }

    /// <summary>One character, perhaps behind a backslash.</summary>
    public static Rune NextRune(string text, ref int at, string pattern)
    {
        if (text[at] == '\\' && ++at == text.Length) throw new GlobException(pattern, "nothing follows the last \\");
        if (!Rune.TryGetRuneAt(text, at, out var rune)) rune = Rune.ReplacementChar;
        at += rune.Utf16SequenceLength;
        return rune;
    }
}
