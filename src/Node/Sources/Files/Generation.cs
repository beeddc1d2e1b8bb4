using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Reading;
using Weir.Protocol.Batches;
using Weir.Routing.Components;

namespace Weir.Node.Sources.Files;

/// <summary>One content that a path names or has named: the file that holds it, how far it is read, and how to know
/// it again.</summary>
/// <remarks>A file that is emptied begins another generation; the old one is read on from the copy that was made of
/// it. The sequence is the order among the generations of a path.</remarks>
internal sealed class Generation(OpenedFile file, ILogsInlet inlet) : IDisposable
{
    private readonly byte[] _tail = new byte[FilePlace.TailBytesMax];
    private int _tailLength;
    private long _modified = file.Facts.Modified;
    private Fingerprint _head;

    public OpenedFile File { get; private set; } = file;

    public FileFacts Facts => File.Facts;

    public FileIdentity Identity => File.Identity;

    public IFileContent Content => File.Content;

    /// <summary>Of its position; set before anything is read.</summary>
    public SourceKey Key { get; private set; }

    /// <summary>0: it has no key yet.</summary>
    public long Sequence { get; private set; }

    /// <summary>As in <see cref="FilePlace"/>.</summary>
    public long Started { get; set; }

    public ILogsInlet Inlet { get; private set; } = inlet;

    /// <summary>Null until enough of the file is there to look for a byte order mark.</summary>
    public TextFormat? Format { get; set; }

    /// <summary>After the last line that was handed over.</summary>
    public long Offset { get; private set; }

    /// <summary>Lines of it were handed over: nothing can come before it any more.</summary>
    public bool IsBegun { get; set; }

    /// <summary>What the file system said before the last search for files that come before it.</summary>
    public FileFacts Surveyed { get; set; }

    /// <summary>The path names another file now, or none.</summary>
    public bool Replaced { get; set; }

    /// <summary>Its bytes are nowhere any more; the file is another generation's.</summary>
    public bool IsGone { get; private set; }

    /// <summary>The offset is what is durable, so reading may begin.</summary>
    public bool IsResumed { get; set; }

    /// <summary>Its position says that it was read to its end and let go.</summary>
    public bool IsDone { get; set; }

    /// <summary>The offset of the last checkpoint that was made without lines; -1: none.</summary>
    public long KeptAt { get; set; } = -1;

    /// <summary>A <see cref="TimeProvider"/> timestamp.</summary>
    public long OpenedAt { get; init; }

    /// <summary>Positions that this one takes the place of, to be forgotten once it is durable.</summary>
    public List<SourceKey> Superseded { get; } = [];

    /// <summary>The tail that goes on with the file, as the target of its new name, and its
    /// position there.</summary>
    public (FileOwners.Waiting Tail, SourcePosition Position)? HandedTo { get; set; }

    /// <summary>Zero bytes were seen from the offset up to here: no need to look at them again.</summary>
    public long ZerosEnd { get; set; }

    /// <summary>A <see cref="TimeProvider"/> timestamp: when bytes were last found in it.</summary>
    public long LastReadAt { get; set; }

    /// <summary>The bytes before <see cref="Offset"/>, to be found there again at the next read.</summary>
    public ReadOnlySpan<byte> Tail => _tail.AsSpan(0, _tailLength);

    /// <summary>After the last line that nothing can come before any more.</summary>
    public long BegunTo => IsBegun ? Offset : 0;

    public FilePlace Place => IsBegun
        ? new(Identity, Facts.Born, _modified, _head, Fingerprint.Of(Tail), Started, IsDone)
        : new(Identity, Facts.Born, Facts.Modified, default, default, Started, IsDone);

    public SourcePosition Position => new(Key, BegunTo, Place.Format());

    public void Enlist(SourceKey key, long sequence)
    {
        if (Sequence != 0) Superseded.Add(Key);
        (Key, Sequence) = (key, sequence);
    }

    /// <summary>Goes on at <paramref name="offset"/>, whose surroundings are read from the file.</summary>
    public void Seek(long offset)
    {
        var length = (int)Math.Min(offset, FilePlace.TailBytesMax);
        _tailLength = Content.Read(_tail.AsSpan(0, length), offset - length);
        Span<byte> head = stackalloc byte[(int)Math.Min(offset, FilePlace.HeadBytesMax)];
        _head = Fingerprint.Of(head[..Content.Read(head, 0)]);
        (Offset, _modified) = (offset, Facts.Modified);
    }

    /// <summary>Goes on at the position, if the file has what was read up to there.</summary>
    /// <returns>False when it has not: the caller decides where it goes on.</returns>
    public bool TrySeek(SourcePosition position, in FilePlace place)
    {
        if (!place.IsIn(Content, File.Refresh().Size, position.Offset)) return false;
        Seek(position.Offset);
        return place.IsIn(Content, File.Refresh().Size, position.Offset); // not emptied in between
    }

    /// <summary>Goes on at <paramref name="offset"/>; <paramref name="before"/> are the bytes that lead up to
    /// it.</summary>
    public void Advance(long offset, ReadOnlySpan<byte> before)
    {
        // Of the bytes that were read: another look at the file may find it emptied.
        var more = before[^(int)(offset - Offset)..];
        _head = _head.Append(more[..Math.Min(more.Length, FilePlace.HeadBytesMax - _head.Length)]);
        var kept = before.Length > FilePlace.TailBytesMax ? before[^FilePlace.TailBytesMax..] : before;
        kept.CopyTo(_tail);
        _tailLength = kept.Length;
        (Offset, _modified) = (offset, Facts.Modified);
    }

    /// <summary>What was read of it is read again.</summary>
    public void Rewind()
    {
        Offset = 0;
        ZerosEnd = 0;
        _tailLength = 0;
        _head = default;
        Format = null;
        IsBegun = false;
        Surveyed = default;
    }

    /// <summary>Whether the file still has what was read of it.</summary>
    public bool IsIntact() => IsGone || Place.IsIn(Content, File.Refresh().Size, Offset);

    /// <summary>The same, of a file that is as long as it was read: looked at only if it was written since.</summary>
    public bool IsStillIntact()
    {
        if (Facts.Modified == _modified) return true;
        if (!IsIntact()) return false;
        _modified = Facts.Modified;
        return true;
    }

    /// <summary>The file was emptied, and this copy has all that was read.</summary>
    /// <returns>False: it has not.</returns>
    public bool TryMoveTo(OpenedFile copy, SourcePosition position, in FilePlace place)
    {
        if (!place.IsIn(copy.Content, copy.Refresh().Size, position.Offset)) return false;
        File = copy;
        ZerosEnd = 0;
        Seek(position.Offset);
        return true;
    }

    /// <summary>The file was emptied, and there is no copy of what it held.</summary>
    /// <param name="read">After the last line of it that comes through all the same.</param>
    public void Lose(long read) => (IsGone, Offset) = (true, read);

    /// <summary>A new run: what stages held in the old one is read again, from where it is durable.</summary>
    public void BeginAgain(ILogsInlet inlet)
    {
        Inlet.Dispose();
        Inlet = inlet;
        IsResumed = false;
    }

    public void Dispose()
    {
        Inlet.Dispose();
        if (!IsGone) File.Dispose();
    }
}
