using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Weir.Protocol.Loki;
using Weir.Routing.Components;
using Weir.Routing.Patterns;

namespace Weir.Routing.Relabeling;

/// <summary>A compiled rule. Works on labels as a map without empty values.</summary>
internal sealed class RelabelRule
{
    private readonly RuleOptions _options;
    private readonly GoRegex _regex;
    private readonly GoReplacement _replacement;
    private readonly GoReplacement _target;
    private readonly string? _constant;

    /// <exception cref="ComponentException">The pattern is none.</exception>
    public RelabelRule(RuleOptions options)
    {
        _options = options;
        if (!GoRegex.TryCompileAnchored(options.Regex, out var regex, out var error))
            throw new ComponentException($"rule with regex \"{options.Regex}\": {error}");
        _regex = regex;
        _replacement = new GoReplacement(options.Replacement);
        _target = new GoReplacement(options.TargetLabel);
        // The usual way to add or remove a label: no source, any value, nothing to expand.
        if (options is { Regex: "(.*)", SourceLabels.Count: 0 }
            && !RuleOptions.IsTemplate(options.Replacement) && !RuleOptions.IsTemplate(options.TargetLabel))
            _constant = options.Replacement;
    }

    /// <returns>False when the rule drops what has these labels.</returns>
    public bool TryApply(Dictionary<string, string> labels)
    {
        switch (_options.Action)
        {
            case RelabelAction.Replace:
                Replace(labels);
                return true;
            case RelabelAction.Keep:
                return _regex.IsMatch(Source(labels));
            case RelabelAction.Drop:
                return !_regex.IsMatch(Source(labels));
            case RelabelAction.KeepEqual:
                return labels.GetValueOrDefault(_options.TargetLabel, "") == Source(labels);
            case RelabelAction.DropEqual:
                return labels.GetValueOrDefault(_options.TargetLabel, "") != Source(labels);
            case RelabelAction.HashMod:
                Set(labels, _options.TargetLabel, Shard(Source(labels)));
                return true;
            case RelabelAction.Lowercase:
                Set(labels, _options.TargetLabel, Source(labels).ToLowerInvariant());
                return true;
            case RelabelAction.Uppercase:
                Set(labels, _options.TargetLabel, Source(labels).ToUpperInvariant());
                return true;
            default:
                ApplyToNames(labels);
                return true;
        }
    }

    /// <summary>Whether the rule looks at this label's value.</summary>
    public bool Reads(string name) => _options.Action switch
    {
        RelabelAction.LabelMap => _regex.IsMatch(name),
        RelabelAction.LabelDrop or RelabelAction.LabelKeep => false, // hidden or not, nobody sees what nobody reads
        RelabelAction.KeepEqual or RelabelAction.DropEqual when name == _options.TargetLabel => true,
        _ => _options.SourceLabels.Contains(name, StringComparer.Ordinal),
    };

    private static void Set(Dictionary<string, string> labels, string name, string value)
    {
        if (value.Length == 0) labels.Remove(name);
        else labels[name] = value;
    }

    private string Source(Dictionary<string, string> labels) => string.Join(
        _options.Separator, _options.SourceLabels.Select(name => labels.GetValueOrDefault(name, "")));

    private void Replace(Dictionary<string, string> labels)
    {
        if (_constant != null)
        {
            Set(labels, _options.TargetLabel, _constant);
            return;
        }

        var source = Source(labels);
        if (!_regex.TryExpand(source, _target, out var target) || !LabelText.IsName(target)) return;
        _regex.TryExpand(source, _replacement, out var value);
        Set(labels, target, value);
    }

    /// <summary>
    /// The last 8 bytes of the MD5 of the text, big-endian, modulo: the shard that Prometheus would choose.
    /// </summary>
    private string Shard(string text)
    {
        var hash = MD5.HashData(Encoding.UTF8.GetBytes(text));
        var shard = BinaryPrimitives.ReadUInt64BigEndian(hash.AsSpan(8)) % _options.Modulus;
        return shard.ToString(CultureInfo.InvariantCulture);
    }

    private void ApplyToNames(Dictionary<string, string> labels)
    {
        // By name, so that of two labels mapped to one name the same one always wins.
        foreach (var (name, value) in labels.OrderBy(label => label.Key, StringComparer.Ordinal).ToArray())
        {
            var isMatch = _regex.IsMatch(name);
            if (_options.Action == RelabelAction.LabelMap)
            {
                if (isMatch) Set(labels, _regex.ReplaceAll(name, _replacement), value);
            }
            else if (isMatch == (_options.Action == RelabelAction.LabelDrop)) labels.Remove(name);
        }
    }
}
