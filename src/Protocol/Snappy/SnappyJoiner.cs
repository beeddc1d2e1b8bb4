namespace Weir.Protocol.Snappy;

/// <summary>
/// Joins compressed blocks into one without decompressing them: a new preamble with the sum of their lengths, then
/// the bodies back to back. Copies only look backwards, by distances within their own block, so they stay valid.
/// </summary>
public static class SnappyJoiner
{
    /// <summary>Longest preamble in bytes.</summary>
    public const int PreambleBytesMax = SnappyFormat.PreambleBytesMax;

    /// <summary>Largest sum of uncompressed lengths that one block can state: 4 GiB less one byte.</summary>
    public const long UncompressedBytesMax = uint.MaxValue;

    /// <summary>Writes the preamble of the joined block.</summary>
    /// <param name="destination">At least <see cref="PreambleBytesMax"/> bytes.</param>
    /// <param name="total">The sum of the uncompressed lengths.</param>
    /// <returns>Bytes written, 1 to 5.</returns>
    public static int WritePreamble(Span<byte> destination, uint total) =>
        SnappyFormat.WritePreamble(destination, total);

    /// <summary>Splits a block into the length that it states and the offset of its body.</summary>
    /// <returns>False when the preamble is malformed.</returns>
    public static bool TryGetBody(ReadOnlySpan<byte> block, out uint uncompressedLength, out int bodyOffset) =>
        SnappyFormat.TryReadPreamble(block, out uncompressedLength, out bodyOffset);
}
