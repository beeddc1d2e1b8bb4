using System.Text;

namespace Weir.Routing.Tests.Language;

/// <summary>Writes random valid files with random layout and comments.</summary>
internal sealed class RandomSource(Random random)
{
    private const int DepthMax = 4;

    private static readonly string[] Names = ["a", "bb", "forward_to", "x_1", "é"];
    private static readonly string[] Operators =
        ["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "&&", "||"];

    private readonly StringBuilder _text = new();

    public string File()
    {
        Body(0);
        if (random.Next(3) == 0) _text.Append("// the end");
        return _text.ToString();
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    private void Body(int depth)
    {
        for (var count = random.Next(4); count > 0; count--)
        {
            while (random.Next(3) == 0) _text.Append(Pick(["\n", "// c \n", "/* d */", "/* e\n f */ ", "\t", "\r\n"]));
            if (depth < DepthMax && random.Next(2) == 0) Block(depth + 1);
            else Attribute(depth);
            _text.Append(Pick(["\n", " \n\n\n", " // tail\n", " /* tail */\n", "\r\n"]));
        }
    }

    private void Block(int depth)
    {
        _text.Append(Pick(Names));
        if (random.Next(2) == 0) _text.Append(" . ").Append(Pick(Names));
        if (random.Next(2) == 0) _text.Append(" \"label\"");
        _text.Append(Pick(["{", " { ", " { // head\n", " /* h */ {\n\n"]));
        Body(depth);
        _text.Append(Pick(["}", " }", "\n}"]));
    }

    private void Attribute(int depth)
    {
        _text.Append(Pick(Names)).Append(Pick(["=", " = ", "  = ", " =\n", " = /* v */ ", " = // v\n"]));
        Expression(depth);
    }

    private void Expression(int depth)
    {
        if (depth >= DepthMax)
        {
            Literal();
            return;
        }
        switch (random.Next(9))
        {
            case 0: List("[", "]", () => Expression(depth + 1)); break;
            case 1: List("{", "}", () => Field(depth + 1)); break;
            case 2:
                _text.Append(Pick(Names));
                List("(", ")", () => Expression(depth + 1));
                break;
            case 3:
                Expression(depth + 1);
                _text.Append(Pick(["", " "])).Append(Pick(Operators)).Append(Pick([" ", "\n", " // op\n",
                    " /* op */ "]));
                Expression(depth + 1);
                break;
            case 4:
                _text.Append(Pick(["-", "!", "- ", "!\n"]));
                Expression(depth + 1);
                break;
            case 5:
                _text.Append(Pick(["(", "(\n", "( "]));
                Expression(depth + 1);
                _text.Append(Pick([")", " )"]));
                break;
            case 6:
                _text.Append(Pick(Names)).Append(Pick([".", " . ", ".\n"])).Append(Pick(Names)).Append(Pick(["[",
                    " [ "]));
                Expression(depth + 1);
                _text.Append(']');
                break;
            default: Literal(); break;
        }
    }

    private void Literal() => _text.Append(Pick(
        ["1", "2.5", ".5", "1e3", "\"s\"", "\"\\n\\\"\"", "`r\n a`", "true", "null", "a", "bb.a", "a.bb.x_1", "{}",
            "[ ]"]));

    private void Field(int depth)
    {
        _text.Append(Pick([.. Names, "\"k.k\""])).Append(Pick(["=", " = ", " =\n"]));
        Expression(depth);
    }

    private void List(string open, string close, Action element)
    {
        _text.Append(open).Append(Pick(["", " ", "\n", " // o\n", " /* o */ "]));
        var count = random.Next(4);
        var closesLine = count > 0 && random.Next(2) == 0;
        for (var at = 0; at < count; at++)
        {
            element();
            if (at < count - 1
                || closesLine) _text.Append(Pick([",", " , ", ",\n", ",\n\n\n", ", // e\n", " /* e */, "]));
        }
        _text.Append(close);
    }
}
