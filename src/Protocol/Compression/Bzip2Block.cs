namespace Weir.Protocol.Compression;

/// <summary>One block of bzip2: Huffman codes, move-to-front, and the inverse Burrows-Wheeler permutation.</summary>
internal static class Bzip2Block
{
    private const int SymbolsPerSelector = 50;
    private const int TablesMin = 2;
    private const int TablesMax = 6;
    private const int CodeLengthMax = 20;
    private const int RunA = 0;
    private const int RunB = 1;

    /// <param name="block">Filled: each entry is a byte and, above it, the index of the next entry.</param>
    /// <param name="origin">The entry whose next is the first.</param>
    /// <returns>Entries.</returns>
    public static int Decode(BitReader bits, uint[] block, out int origin)
    {
        origin = (int)bits.Read(24);
        Span<byte> front = stackalloc byte[256];
        var used = ReadAlphabet(bits, front);
        var symbols = used + 2;
        var tables = (int)bits.Read(3);
        var selectorCount = (int)bits.Read(15);
        if (tables is < TablesMin or > TablesMax || selectorCount == 0) throw Damaged("its tables are counted wrong");
        var selectors = ReadSelectors(bits, selectorCount, tables);
        var codes = new HuffmanTable[tables];
        for (var i = 0; i < tables; i++) codes[i] = HuffmanTable.Read(bits, symbols);
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        var length = ReadSymbols(bits, block, front, symbols, selectors, codes, counts);
        if (origin >= length) throw Damaged("its origin lies outside");
        Permute(block, length, counts);
        return length;
    }

    private static int ReadAlphabet(BitReader bits, Span<byte> front)
    {
        var groups = bits.Read(16);
        var used = 0;
        for (var group = 0; group < 16; group++)
        {
            if ((groups & (0x8000u >> group)) == 0) continue;
            var members = bits.Read(16);
            for (var i = 0; i < 16; i++)
                if ((members & (0x8000u >> i)) != 0) front[used++] = (byte)(group * 16 + i);
        }

        return used > 0 ? used : throw Damaged("it uses no bytes");
    }

    private static byte[] ReadSelectors(BitReader bits, int count, int tables)
    {
        Span<byte> front = [0, 1, 2, 3, 4, 5];
        var selectors = new byte[count];
        for (var i = 0; i < count; i++)
        {
            var at = 0;
            while (bits.Read(1) == 1)
                if (++at >= tables) throw Damaged("a selector names no table");
            selectors[i] = MoveToFront(front, at);
        }

        return selectors;
    }

    private static int ReadSymbols(
        BitReader bits, uint[] block, Span<byte> front, int symbols, byte[] selectors, HuffmanTable[] codes,
        Span<int> counts)
    {
        var end = symbols - 1;
        var length = 0;
        long run = 0, weight = 1;
        for (var read = 0; ; read++)
        {
            if (read / SymbolsPerSelector >= selectors.Length) throw Damaged("it has too few selectors");
            var symbol = codes[selectors[read / SymbolsPerSelector]].ReadSymbol(bits);
            if (symbol is RunA or RunB)
            {
                run += weight << symbol;
                weight <<= 1;
                if (run > block.Length) throw Damaged("a run is longer than the block");
                continue;
            }

            if (run > 0)
            {
                if (length + run > block.Length) throw Damaged("it is longer than its header says");
                counts[front[0]] += (int)run;
                block.AsSpan(length, (int)run).Fill(front[0]);
                length += (int)run;
                run = 0;
                weight = 1;
            }

            if (symbol == end) return length;
            if (length == block.Length) throw Damaged("it is longer than its header says");
            var value = MoveToFront(front, symbol - 1);
            counts[value]++;
            block[length++] = value;
        }
    }

    private static void Permute(uint[] block, int length, Span<int> counts)
    {
        var sum = 0;
        foreach (ref var count in counts)
        {
            var before = sum;
            sum += count;
            count = before;
        }

        for (var i = 0; i < length; i++) block[counts[(byte)block[i]]++] |= (uint)i << 8;
    }

    private static byte MoveToFront(Span<byte> front, int at)
    {
        var value = front[at];
        front[..at].CopyTo(front[1..]);
        front[0] = value;
        return value;
    }

    private static InvalidDataException Damaged(string reason) => new($"bzip2: a block is damaged: {reason}");

    /// <summary>Canonical codes: for each length the last code of it, and where its symbols begin.</summary>
    private sealed class HuffmanTable
    {
        private readonly int[] _limit = new int[CodeLengthMax + 2];
        private readonly int[] _first = new int[CodeLengthMax + 2];
        private readonly int[] _start = new int[CodeLengthMax + 2];
        private readonly ushort[] _symbols;

        private HuffmanTable(int symbols) => _symbols = new ushort[symbols];

        public static HuffmanTable Read(BitReader bits, int symbols)
        {
            Span<byte> lengths = stackalloc byte[258];
            var length = (int)bits.Read(5);
            for (var i = 0; i < symbols; i++)
            {
                for (;;)
                {
                    if (length is < 1 or > CodeLengthMax) throw Damaged("a code has no length");
                    if (bits.Read(1) == 0) break;
                    length += bits.Read(1) == 0 ? 1 : -1;
                }

                lengths[i] = (byte)length;
            }

            return new HuffmanTable(symbols).Fill(lengths[..symbols]);
        }

        public int ReadSymbol(BitReader bits)
        {
            var code = 0;
            for (var length = 1; length <= CodeLengthMax; length++)
            {
                code = (code << 1) | (int)bits.Read(1);
                if (code < _limit[length]) return _symbols[_start[length] + code - _first[length]];
            }

            throw Damaged("it holds a code that stands for nothing");
        }

        private HuffmanTable Fill(ReadOnlySpan<byte> lengths)
        {
            int code = 0, at = 0;
            for (var length = 1; length <= CodeLengthMax; length++)
            {
                code <<= 1;
                _first[length] = code;
                _start[length] = at;
                for (var symbol = 0; symbol < lengths.Length; symbol++)
                {
                    if (lengths[symbol] != length) continue;
                    _symbols[at++] = (ushort)symbol;
                    code++;
                }

                _limit[length] = code;
                if (code > 1 << length) throw Damaged("its codes overlap");
            }

            return this;
        }
    }
}
