namespace Weir.Protocol.Compression;

/// <summary>Decompresses bzip2, several streams in a row as one, with at most one block of 900 kB in memory.</summary>
/// <remarks>Forward only. Checks the sum of each block; every count and index of the input is checked.</remarks>
/// <exception cref="InvalidDataException">From reads: the input is no bzip2, damaged, or ends early.</exception>
public sealed class Bzip2Stream(Stream source) : Stream
{
    private const int BlockUnit = 100_000;
    private const long BlockMagic = 0x314159265359;
    private const long EndMagic = 0x177245385090;
    private const int RunLengthMax = 4;

    private readonly BitReader _bits = new(source);
    private uint[] _block = [];
    private int _remaining;
    private uint _at;
    private int _repeat;
    private int _runLength;
    private byte _last;
    private uint _crc;
    private uint _expectedCrc;
    private bool _inStream;
    private bool _inBlock;
    private bool _ended;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var written = 0;
        while (written < buffer.Length && !_ended)
        {
            if (!_inBlock && !BeginBlock()) break;
            written += Take(buffer[written..]);
        }

        return written;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) source.Dispose();
        base.Dispose(disposing);
    }

    /// <returns>False at the end of the input.</returns>
    private bool BeginBlock()
    {
        for (;;)
        {
            if (!_inStream)
            {
                if (!_bits.TryAlign())
                {
                    _ended = true;
                    return false;
                }

                BeginStream();
            }

            var magic = ((long)_bits.Read(24) << 24) | _bits.Read(24);
            if (magic == EndMagic)
            {
                _ = _bits.Read32(); // the sum over the blocks' sums, which were checked themselves
                _inStream = false;
                continue;
            }

            if (magic != BlockMagic) throw new InvalidDataException("bzip2: no block where one should begin");
            _expectedCrc = _bits.Read32();
            if (_bits.Read(1) != 0) throw new InvalidDataException("bzip2: a randomised block is not supported");
            _remaining = Bzip2Block.Decode(_bits, _block, out var origin);
            _at = _block[origin] >> 8;
            _crc = uint.MaxValue;
            _runLength = _repeat = 0;
            _inBlock = true;
            return true;
        }
    }

    private void BeginStream()
    {
        if (_bits.Read(24) != 0x425a68) throw new InvalidDataException("bzip2: it does not begin with BZh");
        var level = (int)_bits.Read(8) - '0';
        if (level is < 1 or > 9) throw new InvalidDataException("bzip2: no block size in the header");
        if (_block.Length != level * BlockUnit) _block = new uint[level * BlockUnit];
        _inStream = true;
    }

    /// <summary>Follows the block's permutation and expands its runs: four equal bytes are followed by a
    /// count.</summary>
    private int Take(Span<byte> buffer)
    {
        var written = 0;
        while (written < buffer.Length)
        {
            if (_repeat > 0)
            {
                _repeat--;
                Put(buffer, ref written, _last);
                continue;
            }

            if (_remaining == 0)
            {
                if (~_crc != _expectedCrc) throw new InvalidDataException("bzip2: a block's checksum is wrong");
                _inBlock = false;
                break;
            }

            _remaining--;
            var entry = _block[_at];
            _at = entry >> 8;
            var value = (byte)entry;
            if (_runLength == RunLengthMax)
            {
                _repeat = value;
                _runLength = 0;
                continue;
            }

            _runLength = _runLength > 0 && value == _last ? _runLength + 1 : 1;
            _last = value;
            Put(buffer, ref written, value);
        }

        return written;
    }

    private void Put(Span<byte> buffer, ref int written, byte value)
    {
        buffer[written++] = value;
        _crc = (_crc << 8) ^ Bzip2Crc.Table[(_crc >> 24) ^ value];
    }
}

/// <summary>The table of CRC-32 with the highest bit first.</summary>
internal static class Bzip2Crc
{
    private const uint Polynomial = 0x04c11db7;

    public static uint[] Table { get; } = Make();

    private static uint[] Make()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var sum = i << 24;
            for (var bit = 0; bit < 8; bit++) sum = (sum & 0x8000_0000) != 0 ? (sum << 1) ^ Polynomial : sum << 1;
            table[i] = sum;
        }

        return table;
    }
}

/// <summary>Bits of a stream, the highest of each byte first.</summary>
internal sealed class BitReader(Stream source)
{
    private readonly byte[] _buffer = new byte[4096];
    private int _used;
    private int _length;
    private ulong _bits;
    private int _count;

    /// <param name="count">At most 24.</param>
    public uint Read(int count)
    {
        while (_count < count)
        {
            if (!TryReadByte(out var next)) throw new InvalidDataException("bzip2: it ends early");
            _bits = (_bits << 8) | next;
            _count += 8;
        }

        _count -= count;
        return (uint)(_bits >> _count) & ((1u << count) - 1);
    }

    public uint Read32() => (Read(16) << 16) | Read(16);

    /// <summary>Goes on at the next whole byte.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool TryAlign()
    {
        _count -= _count % 8;
        if (_count > 0) return true;
        if (!TryReadByte(out var next)) return false;
        _bits = next;
        _count = 8;
        return true;
    }

    private bool TryReadByte(out byte next)
    {
        if (_used == _length)
        {
            _length = source.Read(_buffer);
            _used = 0;
        }

        next = _length == 0 ? (byte)0 : _buffer[_used++];
        return _length != 0;
    }
}
