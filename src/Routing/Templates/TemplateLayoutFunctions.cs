using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Weir.Routing.Templates;

/// <summary>Sprig's functions that break, shorten and count out texts.</summary>
internal static class TemplateLayoutFunctions
{
    public static TemplateFunction[] All =>
    [
        new("wrap", 2, 2, call => Wrap(call, call.Text(1), "\n", breaksWords: false)),
        new("wrapWith", 3, 3, call => Wrap(call, call.Text(2), call.Text(1), breaksWords: true)),
        new("abbrevboth", 3, 3, AbbreviateBoth),
        new("seq", 0, TemplateFunctions.Any, Sequence),
    ];

    // Counted in bytes, as Go counts.
    private static string Wrap(TemplateCall call, string text, string newLine, bool breaksWords)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var width = (int)Math.Clamp(call.Whole(0), 1, int.MaxValue / 2);
        var wrapped = new List<byte>(bytes.Length);
        var line = Encoding.UTF8.GetBytes(newLine.Length > 0 ? newLine : "\n");
        var at = 0;
        while (bytes.Length - at > width)
        {
            if (bytes[at] == ' ')
            {
                at++;
                continue;
            }

            var space = bytes.AsSpan(at, width + 1).LastIndexOf((byte)' ');
            var length = space >= 0 ? space : width;
            if (space < 0 && !breaksWords)
            {
                var next = bytes.AsSpan(at + width).IndexOf((byte)' ');
                if (next < 0) break;
                (space, length) = (width + next, width + next);
            }

            call.Run.SpendCharacters(line.Length);
            wrapped.AddRange(bytes.AsSpan(at, length));
            wrapped.AddRange(line);
            at += space >= 0 ? length + 1 : length;
        }

        wrapped.AddRange(bytes.AsSpan(at));
        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(wrapped));
    }

    // The middle of a text, dots on one or both sides.
    private static string AbbreviateBoth(TemplateCall call)
    {
        var (left, width, text) = (call.Whole(0), call.Whole(1), call.Text(2));
        if (width < 4 || (left > 0 && width < 7) || text.Length <= width) return text;
        const string Dots = "...";
        var from = (int)Math.Min(Math.Min(Math.Max(left, 0), text.Length), text.Length - (width - 3));
        if (from <= 4) return text[..((int)width - 3)] + Dots;
        // What was moved from the left edge needs room for dots as well.
        if (width < 7) return "";
        return from + width - 3 < text.Length ? Dots + text.AsSpan(from, (int)width - 6).ToString() + Dots
            : Dots + text[(text.Length - ((int)width - 3))..];
    }

    // As the command seq: the last, first and last, or first, step and last.
    private static string Sequence(TemplateCall call)
    {
        if (call.Count is 0 or > 3) return "";
        var first = call.Count == 1 ? 1 : call.Whole(0);
        var last = call.Whole(call.Count - 1);
        var step = call.Count == 3 ? call.Whole(1) : last < first ? -1 : 1;
        var text = new StringBuilder();
        for (var at = (Int128)first; step > 0 ? at <= last : step < 0 && at >= last; at += step)
        {
            call.Run.Spend(1);
            if (text.Length > 0) text.Append(' ');
            text.Append(CultureInfo.InvariantCulture, $"{at}");
        }

        return text.ToString();
    }
}
