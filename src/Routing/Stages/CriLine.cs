namespace Weir.Routing.Stages;

internal enum CriFlag : byte { None, Full, Partial }

/// <summary>The places of a CRI line's parts.</summary>
/// <param name="TimeLength">The time stands at the front.</param>
internal readonly record struct CriLine(
    CriFlag Flag, int TimeLength, int StreamStart, int FlagsStart, int FlagsLength, int ContentStart)
{
    /// <summary>Both <c>stdout</c> and <c>stderr</c>.</summary>
    public const int StreamLength = 6;

    /// <summary>Parses <c>time stream P|F[:tags] content</c>; without flags the line is a full one.</summary>
    /// <remarks>One space parts the fields, so a content's indent stays. The time is not checked.</remarks>
    public static bool TryParse(ReadOnlySpan<byte> line, out CriLine parsed)
    {
        parsed = default;
        var time = line.IndexOf((byte)' ');
        if (time <= 0) return false;
        var stream = time + 1;
        var flags = stream + StreamLength;
        if (line.Length < flags) return false;
        var name = line.Slice(stream, StreamLength);
        if (!name.SequenceEqual("stdout"u8) && !name.SequenceEqual("stderr"u8)) return false;
        if (line.Length == flags)
        {
            parsed = new CriLine(CriFlag.Full, time, stream, flags, 0, flags);
            return true;
        }

        if (line[flags++] != ' ') return false;
        var rest = line[flags..];
        var length = rest.IndexOf((byte)' ');
        if (length < 0) length = rest.Length;
        var isFlag = length > 0 && rest[0] is (byte)'P' or (byte)'F' && (length == 1 || rest[1] == ':');
        if (!isFlag)
        {
            parsed = new CriLine(CriFlag.Full, time, stream, flags, 0, flags);
            return true;
        }

        parsed = new CriLine(
            rest[0] == 'P' ? CriFlag.Partial : CriFlag.Full, time, stream, flags, length,
            Math.Min(flags + length + 1, line.Length));
        return true;
    }
}
