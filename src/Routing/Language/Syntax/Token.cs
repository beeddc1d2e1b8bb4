namespace Weir.Routing.Language;

/// <summary>What a token is.</summary>
public enum TokenKind
{
    /// <summary>The end of the file; exactly one, the last token.</summary>
    EndOfFile,

    /// <summary>The end of a statement, made from a newline or the end of the file.</summary>
    Terminator,

    /// <summary>A line or block comment with its delimiters.</summary>
    Comment,

    /// <summary>Characters that no token begins with; already reported.</summary>
    Illegal,

    /// <summary>A name.</summary>
    Identifier,

    /// <summary>Digits.</summary>
    Number,

    /// <summary>Digits with a point or an exponent.</summary>
    Float,

    /// <summary>A string in double quotes.</summary>
    String,

    /// <summary>A string in backticks.</summary>
    RawString,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Bool,

    /// <summary><c>null</c>.</summary>
    Null,

    /// <summary><c>||</c></summary>
    Or,

    /// <summary><c>&amp;&amp;</c></summary>
    And,

    /// <summary><c>!</c></summary>
    Not,

    /// <summary><c>=</c></summary>
    Assign,

    /// <summary><c>==</c></summary>
    Equal,

    /// <summary><c>!=</c></summary>
    NotEqual,

    /// <summary><c>&lt;</c></summary>
    Less,

    /// <summary><c>&lt;=</c></summary>
    LessOrEqual,

    /// <summary><c>></c></summary>
    Greater,

    /// <summary><c>>=</c></summary>
    GreaterOrEqual,

    /// <summary><c>+</c></summary>
    Plus,

    /// <summary><c>-</c></summary>
    Minus,

    /// <summary><c>*</c></summary>
    Star,

    /// <summary><c>/</c></summary>
    Slash,

    /// <summary><c>%</c></summary>
    Percent,

    /// <summary><c>^</c></summary>
    Caret,

    /// <summary><c>{</c></summary>
    OpenBrace,

    /// <summary><c>}</c></summary>
    CloseBrace,

    /// <summary><c>(</c></summary>
    OpenParenthesis,

    /// <summary><c>)</c></summary>
    CloseParenthesis,

    /// <summary><c>[</c></summary>
    OpenBracket,

    /// <summary><c>]</c></summary>
    CloseBracket,

    /// <summary><c>,</c></summary>
    Comma,

    /// <summary><c>.</c></summary>
    Dot,
}

/// <summary>One token of a file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">First character, in UTF-16 units from the beginning of the file.</param>
/// <param name="Length">Characters; zero for a terminator and the end of the file.</param>
public readonly record struct Token(TokenKind Kind, int Offset, int Length)
{
    /// <summary>Offset just behind the last character.</summary>
    public int End => Offset + Length;
}
