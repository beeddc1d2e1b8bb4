using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using Weir.Protocol.Compression;

namespace Weir.Node.Sources.Files.Reading;

/// <summary>The bytes of a compressed file, decompressed as they are asked for; offsets count decompressed
/// bytes.</summary>
/// <remarks>
/// Holds the last <see cref="WindowBytes"/>, so that a line is found again with the bytes before it, and the first
/// bytes,
/// by which a file is recognised. Memory is bounded whatever the file expands to.
/// </remarks>
internal sealed class CompressedContent(SafeFileHandle file, CompressionFormat format, FileCounters counters)
    : IFileContent
{
    private const int WindowBytes = 1024 * 1024;
    private const long LengthUnknown = long.MaxValue / 2;

    private readonly byte[] _head = new byte[FilePlace.HeadBytesMax];
    private byte[] _window = [];
    private Stream? _stream;
    private long _end;
    private bool _complete;
    private bool _failed;

    public bool IsComplete => _complete;

    public int Read(Span<byte> destination, long offset)
    {
        if (offset + destination.Length <= Math.Min(_end, _head.Length))
        {
            _head.AsSpan((int)offset, destination.Length).CopyTo(destination);
            return destination.Length;
        }

        if (_stream is null || offset < _end - Math.Min(_end, _window.Length)) Reopen();
        var wanted = offset + destination.Length;
        var total = 0;
        for (;;)
        {
            // What the window holds of what is wanted, then more of the stream into it.
            while (total < destination.Length && offset + total < _end)
            {
                var at = (int)((offset + total) % _window.Length);
                var length = (int)Math.Min(
                    Math.Min(destination.Length - total, _end - offset - total), _window.Length - at);
                _window.AsSpan(at, length).CopyTo(destination[total..]);
                total += length;
            }

            if (_end >= wanted || _complete || _failed) return total;
            Decompress();
        }
    }

    public long Length(long fileSize) => _complete || _failed ? _end : LengthUnknown;

    public long NextData(long offset) => offset;

    public void FileChanged()
    {
        if (!_complete && !_failed) return;
        _stream?.Dispose();
        _stream = null;
        _complete = _failed = false;
    }

    public void Dispose() => _stream?.Dispose();

    private void Reopen()
    {
        _stream?.Dispose();
        if (_window.Length == 0) _window = new byte[WindowBytes];
        var source = new HandleStream(file);
        _stream = format switch
        {
            CompressionFormat.Gzip => new GZipStream(source, CompressionMode.Decompress),
            CompressionFormat.Zlib => new ZLibStream(source, CompressionMode.Decompress),
            _ => new Bzip2Stream(source),
        };
        _end = 0;
        _complete = _failed = false;
    }

    private void Decompress()
    {
        var at = (int)(_end % _window.Length);
        // A quarter at the most: what is read in one go, 256 KiB and a little, stays in the window.
        var length = Math.Min(_window.Length - at, WindowBytes / 4);
        try
        {
            var read = _stream!.Read(_window.AsSpan(at, length));
            if (_end < _head.Length)
                _window.AsSpan(at, (int)Math.Min(read, _head.Length - _end)).CopyTo(_head.AsSpan((int)_end));
            _end += read;
            _complete = read == 0;
        }
        catch (InvalidDataException)
        {
            _failed = true; // tried again when the file changes: perhaps it is still being written
            counters.DecompressionErrors.Increment();
        }
    }

    /// <summary>A file from its start, by offset: the descriptor is the generation's.</summary>
    private sealed class HandleStream(SafeFileHandle file) : Stream
    {
        private long _offset;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _offset;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = RandomAccess.Read(file, buffer, _offset);
            _offset += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
