using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Weir.Routing.Language;

/// <summary>Reads YAML into values, plain scalars by YAML 1.2's core schema.</summary>
internal static class YamlValues
{
    /// <exception cref="FunctionException">It is no YAML; the message tells the position, not the content.</exception>
    public static Value Parse(string text)
    {
        try
        {
            var events = new YamlDotNet.Core.Parser(new StringReader(text));
            events.Consume<StreamStart>();
            if (events.Accept<StreamEnd>(out _)) return NullValue.Instance;
            events.Consume<DocumentStart>();
            return new Reader(events).Read(0);
        }
        catch (InvalidOperationException)
        {
            // The scanner's own way to refuse some texts.
            throw new FunctionException(0, "the text is no valid YAML");
        }
        catch (YamlException wrong)
        {
            throw new FunctionException(0,
                $"the text is no valid YAML (line {wrong.Start.Line}, column {wrong.Start.Column})");
        }
    }

    private sealed class Reader(IParser events)
    {
        private readonly Dictionary<AnchorName, Value> _anchors = [];

        public Value Read(int depth)
        {
            if (depth > Language.Parser.NestingMax)
                throw new FunctionException(0,
                    $"the YAML is nested more than {Language.Parser.NestingMax} levels deep");
            if (events.TryConsume<AnchorAlias>(out var alias))
                return _anchors.TryGetValue(alias.Value, out var known)
                    ? known : throw new FunctionException(0, "the YAML refers to an anchor that does not exist");
            if (events.TryConsume<Scalar>(out var scalar)) return Remember(scalar, OfScalar(scalar));
            if (events.TryConsume<SequenceStart>(out var sequence)) return Remember(sequence, ReadSequence(depth));
            return Remember(events.Consume<MappingStart>(), ReadMapping(depth));
        }

        private Value Remember(NodeEvent node, Value value)
        {
            if (!node.Anchor.IsEmpty) _anchors[node.Anchor] = value;
            return value;
        }

        private ArrayValue ReadSequence(int depth)
        {
            var elements = new List<Value>();
            while (!events.TryConsume<SequenceEnd>(out _)) elements.Add(Read(depth + 1));
            return new ArrayValue(elements);
        }

        private ObjectValue ReadMapping(int depth)
        {
            var fields = new List<KeyValuePair<string, Value>>();
            while (!events.TryConsume<MappingEnd>(out _))
            {
                var key = events.TryConsume<Scalar>(out var scalar)
                    ? scalar.Value : throw new FunctionException(0, "the YAML has a key that is no text");
                fields.Add(KeyValuePair.Create(key, Read(depth + 1)));
            }
            return new ObjectValue(fields);
        }

        private static Value OfScalar(Scalar scalar)
        {
            if (scalar.Style != ScalarStyle.Plain) return new StringValue(scalar.Value);
            return scalar.Value switch
            {
                "" or "~" or "null" or "Null" or "NULL" => NullValue.Instance,
                "true" or "True" or "TRUE" => BoolValue.True,
                "false" or "False" or "FALSE" => BoolValue.False,
                _ when NumberValue.TryParse(scalar.Value, out var number) => number,
                ['0', 'x', .. var digits]
                    when long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                        out var hex)
                    => NumberValue.Of((Int128)hex),
                _ => new StringValue(scalar.Value),
            };
        }
    }
}
