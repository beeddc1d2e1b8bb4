using System.Text;
using Weir.Protocol.Checksums;

namespace Weir.Routing.Sharding;

/// <summary>What the queues of a cluster are called.</summary>
/// <param name="cluster">Tells clusters on one broker apart; letters, digits, <c>-</c> and <c>_</c>.</param>
public sealed class ShardNames(string cluster)
{
    /// <summary>A broker takes names of up to 255 bytes; longer texts are cut and told apart by their hash.</summary>
    private const int TextBytesMax = 60;

    /// <summary>Fragments of a destination (the id of its <c>loki.write</c>) for one shard.</summary>
    public string Shard(string destination, int shard) => $"{cluster}.{Text(destination)}.{shard}";

    /// <summary>Which lanes of the shard are parked.</summary>
    public string ParkedIndex(string destination, int shard) => $"{Shard(destination, shard)}.parked";

    /// <summary>What one lane of the shard has parked.</summary>
    public string Parked(string destination, int shard, string endpoint, string tenant) =>
        $"{ParkedIndex(destination, shard)}.{Text(endpoint)}#{Text(tenant)}"; // a sign that neither text keeps

    public string DeadLetters(string destination) => $"{cluster}.{Text(destination)}.deadletters";

    /// <summary>Keeps what reads well; where something had to go, a hash of the whole follows.</summary>
    private static string Text(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var letter in text)
            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or ':' or '/') kept.Append(letter);
        if (kept.Length == text.Length && kept.Length <= TextBytesMax) return text;
        kept.Length = Math.Min(kept.Length, TextBytesMax);
        return $"{kept}~{Crc32C.Of(Encoding.UTF8.GetBytes(text)):x8}";
    }
}
