using System.Buffers;
using System.Text;
using Weir.Protocol.Loki;

namespace Weir.Routing.Writers;

/// <summary>Writes few selectors for many streams: those with the same label names are asked for at once, each label by
/// its value or by all of its values.</summary>
/// <remarks>What a selector matches beyond its streams costs only time: answers are compared label by label.</remarks>
internal static class StreamSelectors
{
    /// <summary>Characters of a selector at the most: three times as many in a URL still pass the 8 KiB that proxies
    /// take.</summary>
    public const int SelectorCharactersMax = 2048;

    private const string RegexSpecials = @"\.+*?()|[]{}^$";

    public static IReadOnlyList<(string Selector, IReadOnlyList<DoubtfulStream> Streams)> Of(
        IEnumerable<DoubtfulStream> streams)
    {
        var selectors = new List<(string, IReadOnlyList<DoubtfulStream>)>();
        foreach (var group in streams.GroupBy(stream => stream.Signature, StringComparer.Ordinal))
            Add([.. group], selectors);
        return selectors;
    }

    private static void Add(
        DoubtfulStream[] streams, List<(string, IReadOnlyList<DoubtfulStream>)> selectors)
    {
        var matchers = streams[0].Labels.Keys.Order(StringComparer.Ordinal)
            .Select(name => MatcherOf(name, streams)).ToList();
        if (Length(matchers) > SelectorCharactersMax && streams.Length > 1)
        {
            Add(streams[..(streams.Length / 2)], selectors);
            Add(streams[(streams.Length / 2)..], selectors);
            return;
        }

        // One stream with labels that long: the longest may be left out, for a selector only has to match enough.
        while (Length(matchers) > SelectorCharactersMax && matchers.Count > 1)
            matchers.Remove(matchers.MaxBy(matcher => matcher.Length)!);
        selectors.Add(($"{{{string.Join(',', matchers)}}}", streams));
    }

    private static int Length(List<string> matchers) => matchers.Sum(matcher => matcher.Length + 1) + 1;

    private static string MatcherOf(string name, DoubtfulStream[] streams)
    {
        var values = streams.Select(stream => stream.Labels[name]).Distinct(StringComparer.Ordinal).ToList();
        return values.Count == 1
            ? $"{name}={Quoted(values[0])}"
            : $"{name}=~{Quoted(string.Join('|', values.Select(Escaped)))}";
    }

    private static string Escaped(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var character in value)
        {
            if (RegexSpecials.Contains(character)) text.Append('\\');
            text.Append(character);
        }

        return text.ToString();
    }

    private static string Quoted(string value)
    {
        var text = new ArrayBufferWriter<byte>(value.Length + 16);
        LabelText.WriteQuoted(value, text);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
