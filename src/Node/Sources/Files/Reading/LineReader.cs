using System.Buffers;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Files.Reading;

internal enum ReadOutcome : byte
{
    /// <summary>A batch; there may be more.</summary>
    Lines,

    /// <summary>No complete line yet.</summary>
    Nothing,

    /// <summary>The file no longer has what was read before: it was emptied or rewritten.</summary>
    Truncated,
}

/// <summary>Cuts lines from a file into batches and moves the file's offset past them. One a path; not for two
/// threads.</summary>
/// <remarks>
/// Every read begins with the last bytes of the one before. If they differ the file was rewritten in between, even if
/// it
/// has grown beyond the offset again. A last line without its line feed is read again with the next bytes: cheaper than
/// a buffer that thousands of idle files would hold.
/// </remarks>
internal sealed class LineReader(TextFormat format, FileCounters counters, TimeProvider time)
{
    /// <summary>A longer line is sent in pieces: Loki refuses lines over 256 KiB unless it is told otherwise.</summary>
    public const int LineBytesMax = 256 * 1024;

    private const int WindowBytes = LogBatch.ArenaDefault;

    // The longest line, its CR LF and the bytes before it.
    private const int LongWindowBytes = LineBytesMax + 2 + FilePlace.TailBytesMax;

    private const int ZerosBytes = 64 * 1024;
    private const int EntriesMin = 16;
    private const int EntriesMax = 2048;
    private const int LineBytesTypical = 128;

    private readonly LineCleaner _cleaner = new(counters);
    private long _lastTimestamp;

    /// <param name="flush">Also send a last line without a line feed: no more will come.</param>
    /// <param name="batch">Null unless lines; the caller's, without a checkpoint.</param>
    public ReadOutcome Read(Generation file, LabelSet labels, bool flush, out LogBatch? batch)
    {
        batch = null;
        for (var limit = WindowBytes; ;)
        {
            var available = file.Content.Length(file.Facts.Size) - file.Offset;
            if (available < 0) return ReadOutcome.Truncated;
            if (available == 0) return file.IsStillIntact() ? ReadOutcome.Nothing : ReadOutcome.Truncated;
            if (file.Format is null)
            {
                if (!TryFindFormat(file, flush)) return ReadOutcome.Nothing;
                continue;
            }

            var length = (int)Math.Min(file.Tail.Length + available, limit);
            var step = Fill(file, labels, length, flush, out batch);
            switch (step)
            {
                case Step.Lines:
                    counters.ReadBytes.Set(file.Offset);
                    return ReadOutcome.Lines;
                case Step.Truncated: return ReadOutcome.Truncated;
                case Step.Nothing: return ReadOutcome.Nothing;
                case Step.Longer: limit = LongWindowBytes; break;
                default: limit = WindowBytes; break;
            }
        }
    }

    private Step Fill(Generation file, LabelSet labels, int length, bool flush, out LogBatch? batch)
    {
        var filled = new LogBatch(length, Math.Clamp(length / LineBytesTypical, EntriesMin, EntriesMax));
        // Decoded text takes the batch's arena, so what it is decoded from needs memory of its own.
        var encoded = file.Format!.Encoding is null ? null : ArrayPool<byte>.Shared.Rent(length);
        batch = null;
        try
        {
            var window = encoded is null ? filled.Reserve(length).Span[..length] : encoded.AsSpan(0, length);
            var overlap = file.Tail.Length;
            var got = file.Content.Read(window, file.Offset - overlap);
            if (got < overlap || !window[..overlap].SequenceEqual(file.Tail)) return Step.Truncated;
            if (encoded is null) filled.Advance(got);
            var step = Take(file, filled, window[..got], labels, flush, full: got == length);
            if (step == Step.Lines) batch = filled;
            return step;
        }
        finally
        {
            if (batch is null) filled.Dispose();
            if (encoded is not null) ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    private Step Take(
        Generation file, LogBatch batch, ReadOnlySpan<byte> window, LabelSet labels, bool flush, bool full)
    {
        var overlap = file.Tail.Length;
        var timestamp = NextTimestamp();
        var plain = file.Format!.Encoding is null;
        // Only a long window can hold a line over the limit together with its line feed.
        var isLong = plain && window.Length > LineBytesMax + overlap && LineLength(window[overlap..]) > LineBytesMax;
        var consumed = isLong ? 0 : plain
            ? Split(batch, overlap, window.Length - overlap, file.Offset, labels, timestamp)
            : DecodedLines.Split(batch, window[overlap..], file.Format, labels, timestamp, file.Offset);
        if (consumed == 0)
        {
            if (full && window.Length == WindowBytes) return Step.Longer;
            var step = Unfinished(file, batch, window[overlap..], labels, timestamp, flush, out consumed);
            if (step != Step.Lines) return step;
        }

        // Before lines are rewritten: that may move the arena away from under the window.
        _lastTimestamp = timestamp + batch.Count - 1;
        file.Advance(file.Offset + consumed, window[..(overlap + consumed)]);
        if (plain) _cleaner.Clean(batch, window.Slice(overlap, consumed));
        return batch.Count > 0 ? Step.Lines : Step.Again;
    }

    private static int LineLength(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        if (end < 0) return bytes.Length;
        return end > 0 && bytes[end - 1] == '\r' ? end - 1 : end;
    }

    /// <summary>Names the lines of the window in place.</summary>
    /// <returns>Bytes up to and including the last line feed.</returns>
    private static int Split(LogBatch batch, int start, int length, long offset, LabelSet labels, long timestamp)
    {
        var bytes = batch.Bytes.Slice(start, length);
        var from = 0;
        for (;;)
        {
            var end = bytes[from..].IndexOf((byte)'\n');
            if (end < 0) return from;
            var line = end > 0 && bytes[from + end - 1] == '\r' ? end - 1 : end;
            batch.Add(timestamp++, labels, start + from, line, offset + from);
            from += end + 1;
        }
    }

    /// <summary>Bytes without a line feed: a line that is not finished, or too long, or a stretch of zero
    /// bytes.</summary>
    private Step Unfinished(
        Generation file, LogBatch batch, ReadOnlySpan<byte> bytes, LabelSet labels, long timestamp, bool flush,
        out int consumed)
    {
        consumed = 0;
        if (bytes.IsEmpty) return Step.Nothing;
        var format = file.Format!;
        var plain = format.Encoding is null;
        var line = plain ? bytes.TrimEnd((byte)0) : bytes;
        var zeros = line.Length < bytes.Length;
        if (zeros)
        {
            // Zero bytes at the end are room for more, unless text follows them.
            var next = FindText(file, file.Offset + bytes.Length);
            if (next < 0 && !(flush && line.Length > 0)) return Step.Nothing;
            if (line.Length == 0)
            {
                counters.ZeroBytes.Add(next - file.Offset);
                file.Seek(next);
                return Step.Again;
            }
        }

        var limit = plain ? LineBytesMax : format.PieceBytesMax(LineBytesMax);
        if (line.Length > limit)
        {
            line = line[..format.PieceLength(line, limit)];
            counters.LinesSplit.Increment();
        }
        else if (!zeros && !flush) return Step.Nothing;

        consumed = line.Length;
        if (plain) batch.Add(timestamp, labels, file.Tail.Length, consumed, file.Offset);
        else DecodedLines.Add(batch, format, line, labels, timestamp, file.Offset);
        return Step.Lines;
    }

    /// <returns>Where bytes that are not zero follow, from <paramref name="from"/> on; -1: nowhere.</returns>
    private static long FindText(Generation file, long from)
    {
        from = Math.Max(from, file.ZerosEnd);
        var end = file.Content.Length(file.Facts.Size);
        var buffer = ArrayPool<byte>.Shared.Rent(ZerosBytes);
        try
        {
            while (from < end)
            {
                from = file.Content.NextData(from);
                if (from < 0) break;
                var read = file.Content.Read(buffer, from);
                var text = buffer.AsSpan(0, read).IndexOfAnyExcept((byte)0);
                if (text >= 0) return from + text;
                if (read == 0) break;
                from += read;
            }

            file.ZerosEnd = end;
            return -1;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <returns>False: too little of the file is there to tell.</returns>
    private bool TryFindFormat(Generation file, bool flush)
    {
        Span<byte> head = stackalloc byte[TextFormat.MarkBytesMax];
        head = head[..file.Content.Read(head, 0)];
        if (head.Length < TextFormat.MarkBytesMax && !head.Contains((byte)'\n') && !flush) return false;
        file.Format = format.For(head);
        if (file.Offset < file.Format.MarkBytes) file.Advance(file.Format.MarkBytes, head[..file.Format.MarkBytes]);
        return true;
    }

    private long NextTimestamp()
    {
        var now = (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;
        return Math.Max(now, _lastTimestamp + 1);
    }

    private enum Step : byte
    {
        Lines,
        Nothing,
        Truncated,

        /// <summary>The window was too short for the line in it.</summary>
        Longer,

        /// <summary>Something was skipped: look again from there.</summary>
        Again,
    }
}
