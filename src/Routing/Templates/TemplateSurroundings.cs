using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weir.Routing.Templates;

/// <summary>What a template may ask for beyond its data: the same for all executions of a batch.</summary>
/// <param name="Now">Nanoseconds since the epoch.</param>
/// <param name="Zone">Where times are read and written unless a function names a place.</param>
/// <param name="Variable">A variable of the process' environment; null when it is not set.</param>
/// <param name="Chance">For what is drawn by lot.</param>
public sealed record TemplateSurroundings(
    long Now, TimeZoneInfo Zone, Func<string, string?> Variable, TemplateChance Chance);

/// <summary>Random bytes for the templates of one batch, from one loop.</summary>
/// <param name="seeds">Shared by sources, locked while a key is drawn: once a batch, when something is asked
/// for.</param>
/// <remarks>
/// SHA-256 of a key of 32 bytes and a counter. A seed of <see cref="Random"/> has 31 bits: among the sources of a fleet
/// two would have the same one, and give lines the same identifiers.
/// </remarks>
public sealed class TemplateChance(Random seeds)
{
    private const int KeyBytes = 32;

    private readonly byte[] _input = new byte[KeyBytes + sizeof(long)];
    private readonly byte[] _block = new byte[SHA256.HashSizeInBytes];
    private long _blocks;
    private int _used = SHA256.HashSizeInBytes;

    public void Fill(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_used == _block.Length) Refill();
            var count = Math.Min(bytes.Length, _block.Length - _used);
            _block.AsSpan(_used, count).CopyTo(bytes);
            _used += count;
            bytes = bytes[count..];
        }
    }

    /// <param name="limit">At least 1.</param>
    /// <returns>0 to one less than the limit, each as likely as the others.</returns>
    public ulong Below(ulong limit)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        while (true)
        {
            Fill(bytes);
            var drawn = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            // What lies above the last whole multiple would favour small numbers.
            if (drawn < ulong.MaxValue - ulong.MaxValue % limit) return drawn % limit;
        }
    }

    private void Refill()
    {
        if (_blocks == 0)
            lock (seeds) seeds.NextBytes(_input.AsSpan(0, KeyBytes));
        BinaryPrimitives.WriteInt64LittleEndian(_input.AsSpan(KeyBytes), ++_blocks);
        SHA256.HashData(_input, _block);
        _used = 0;
    }
}
