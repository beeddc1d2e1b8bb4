using System.Buffers;
using System.Text;
using Weir.Protocol.Loki;

namespace Weir.Protocol.Batches;

/// <summary>One label: a name and its value.</summary>
public readonly record struct Label(string Name, string Value);

/// <summary>An immutable set of labels, sorted by name (ordinal), no name twice. What a stream is, within a
/// tenant.</summary>
/// <remarks>
/// Made by <see cref="LabelSets"/> only, so equal sets are nearly always the same object; where the table was
/// cleared in between they are two equal objects, hence <see cref="Equals(LabelSet)"/> compares content after identity.
/// </remarks>
public sealed class LabelSet : IEquatable<LabelSet>
{
    /// <summary>Names that begin so never leave the node: they steer relabelling, tenants and discovery.</summary>
    public const string HiddenPrefix = "__";

    private readonly Label[] _labels;
    private byte[]? _stream;

    internal LabelSet(Label[] sorted, ulong hash)
    {
        _labels = sorted;
        Hash = hash;
    }

    /// <summary>Sorted by name, ordinal.</summary>
    public ReadOnlySpan<Label> Labels => _labels;

    public int Count => _labels.Length;

    /// <summary>Stable across processes and versions: what shards by stream uses it.</summary>
    public ulong Hash { get; }

    /// <summary>The stream as Loki names it, <c>{a="b", c="d"}</c> in UTF-8, without hidden labels.</summary>
    public ReadOnlySpan<byte> Stream => _stream ??= RenderStream();

    /// <summary>The stream's name as memory, for callers that keep it.</summary>
    public ReadOnlyMemory<byte> StreamMemory => _stream ??= RenderStream();

    public bool TryGet(string name, out string value)
    {
        int low = 0, high = _labels.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(_labels[middle].Name, name);
            if (order == 0)
            {
                value = _labels[middle].Value;
                return true;
            }

            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        value = "";
        return false;
    }

    public bool Equals(LabelSet? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Hash == other.Hash && _labels.AsSpan().SequenceEqual(other._labels));

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() => (int)Hash;

    public override string ToString() => Encoding.UTF8.GetString(Stream);

    private byte[] RenderStream()
    {
        var shown = Array.FindAll(_labels, label => !label.Name.StartsWith(HiddenPrefix, StringComparison.Ordinal));
        var text = new ArrayBufferWriter<byte>(_labels.Length * 32 + 2);
        LabelText.Write(shown, text);
        return text.WrittenSpan.ToArray();
    }
}
