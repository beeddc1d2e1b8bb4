using Weir.Protocol.Protobuf;

namespace Weir.Protocol.Loki;

/// <summary>Cuts a range of entries out of a request: to resend halves, and to keep what was refused.</summary>
public static class PushRequestSlice
{
    /// <summary>Counts the streams and entries of a request.</summary>
    /// <returns>False when the request is malformed.</returns>
    public static bool TryCount(ReadOnlySpan<byte> request, out int streams, out int entries)
    {
        streams = entries = 0;
        var reader = new PushRequestReader(request);
        while (true)
        {
            switch (reader.Read())
            {
                case PushToken.Stream: streams++; break;
                case PushToken.Entry: entries++; break;
                case PushToken.End: return true;
                default: return false;
            }
        }
    }

    /// <summary>Writes the request of only the entries from <paramref name="first"/> on.</summary>
    /// <param name="request">A request that <see cref="TryCount"/> accepts.</param>
    /// <param name="destination">At least as long as the request: a part is never longer than the whole.</param>
    /// <returns>Bytes written; 0 when the range is empty.</returns>
    /// <exception cref="ArgumentException">The request is malformed.</exception>
    public static int Write(ReadOnlySpan<byte> request, int first, int count, Span<byte> destination) =>
        Write(request, first, count, default, destination);

    /// <summary>Writes the request of only the entries that are wanted.</summary>
    /// <param name="request">A request that <see cref="TryCount"/> accepts.</param>
    /// <param name="wanted">One value an entry.</param>
    /// <param name="destination">At least as long as the request.</param>
    /// <returns>Bytes written; 0 when none is wanted.</returns>
    /// <exception cref="ArgumentException">The request is malformed.</exception>
    public static int Write(ReadOnlySpan<byte> request, ReadOnlySpan<bool> wanted, Span<byte> destination) =>
        Write(request, 0, wanted.Length, wanted, destination);

    private static int Write(
        ReadOnlySpan<byte> request, int first, int count, ReadOnlySpan<bool> wanted, Span<byte> destination)
    {
        var sizes = new PushRequestReader(request);
        var writes = new PushRequestReader(request);
        var written = 0;
        var index = 0;
        var token = sizes.Read();
        while (token == PushToken.Stream)
        {
            var start = index;
            var bytes = 0;
            while ((token = sizes.Read()) == PushToken.Entry)
            {
                if (IsIn(index, first, count, wanted)) bytes += FieldBytes(sizes.EntryContent.Length);
                index++;
            }

            writes.Read();
            if (bytes > 0)
                written += PushRequestWriter.WriteStreamHeader(destination[written..], writes.Labels, bytes);
            for (var i = start; i < index; i++)
            {
                writes.Read();
                if (IsIn(i, first, count, wanted)) written += WriteEntry(destination[written..], writes.EntryContent);
            }
        }

        if (token != PushToken.End)
            throw new ArgumentException($"At byte {sizes.Offset}: {sizes.Fault}.", nameof(request));
        return written;
    }

    private static bool IsIn(int index, int first, int count, ReadOnlySpan<bool> wanted) =>
        index >= first && index - first < count && (wanted.IsEmpty || wanted[index]);

    private static int FieldBytes(int length) => 1 + Varint.Bytes((uint)length) + length;

    private static int WriteEntry(Span<byte> destination, ReadOnlySpan<byte> content)
    {
        destination[0] = PushRequestWriter.EntriesField << 3 | (int)WireType.Bytes;
        var written = 1 + Varint.Write(destination[1..], (uint)content.Length);
        content.CopyTo(destination[written..]);
        return written + content.Length;
    }
}
