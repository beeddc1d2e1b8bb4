using Microsoft.Win32.SafeHandles;
using Weir.Node.Sources.Files.Native;
using Weir.Node.Sources.Files.Reading;
using Weir.Protocol.Batches;
using Weir.Routing.Components;

namespace Weir.Node.Sources.Files;

/// <summary>One file that a path names or has named: an open descriptor, how far it is read, and how to know it
/// again.</summary>
/// <remarks>The descriptor stays open when the file is renamed or unlinked: what was written to it can still be
/// read.</remarks>
internal sealed class Generation(
    SourceKey key, SafeFileHandle handle, FileFacts facts, IFileContent content, ILogsInlet inlet) : IDisposable
{
    private readonly byte[] _tail = new byte[FilePlace.TailBytesMax];
    private int _tailLength;
    private Fingerprint _head;

    public SourceKey Key { get; } = key;

    public FileIdentity Identity { get; } = facts.Identity;

    public long Born { get; } = facts.Born;

    public SafeFileHandle Handle { get; } = handle;

    public IFileContent Content { get; set; } = content;

    public ILogsInlet Inlet { get; private set; } = inlet;

    /// <summary>What the file system last said.</summary>
    public FileFacts Facts { get; set; } = facts;

    /// <summary>Null until enough of the file is there to look for a byte order mark.</summary>
    public TextFormat? Format { get; set; }

    /// <summary>After the last line that was handed over.</summary>
    public long Offset { get; private set; }

    /// <summary>The path names another file now, or none.</summary>
    public bool Replaced { get; set; }

    /// <summary>The offset is what is durable, so reading may begin.</summary>
    public bool IsResumed { get; set; }

    /// <summary>The offset of the last checkpoint that was made without lines; -1: none.</summary>
    public long KeptAt { get; set; } = -1;

    /// <summary>A <see cref="TimeProvider"/> timestamp.</summary>
    public long OpenedAt { get; init; }

    /// <summary>The position that this one takes the place of, to be forgotten once this one is durable.</summary>
    public SourceKey? Supersedes { get; set; }

    /// <summary>The tail that goes on with the file, as the target of its new name.</summary>
    public FileOwners.Waiting? HandedTo { get; set; }

    /// <summary>The position when the file began to be read from its start; null once a line of it was read.</summary>
    public SourcePosition? Begun { get; set; }

    /// <summary>Zero bytes were seen from the offset up to here: no need to look at them again.</summary>
    public long ZerosEnd { get; set; }

    /// <summary>A <see cref="TimeProvider"/> timestamp: when bytes were last found in it.</summary>
    public long LastReadAt { get; set; }

    /// <summary>Null: inotify does not watch it, it is polled.</summary>
    public IDisposable? Watch { get; set; }

    /// <summary>The bytes before <see cref="Offset"/>, to be found there again at the next read.</summary>
    public ReadOnlySpan<byte> Tail => _tail.AsSpan(0, _tailLength);

    public FilePlace Place => new(Identity, Born, Facts.Modified, _head, Fingerprint.Of(Tail));

    public SourcePosition Position => new(Key, Offset, Place.Format());

    /// <summary>The position, with what the file system says of the file now.</summary>
    public SourcePosition PositionNow()
    {
        Facts = FileFacts.Of(Handle);
        return Position;
    }

    /// <summary>Goes on at <paramref name="offset"/>, whose surroundings are read from the file.</summary>
    public void Seek(long offset)
    {
        var length = (int)Math.Min(offset, FilePlace.TailBytesMax);
        _tailLength = Content.Read(_tail.AsSpan(0, length), offset - length);
        MoveTo(offset);
    }

    /// <summary>Goes on at <paramref name="offset"/>; <paramref name="before"/> are the bytes that lead up to
    /// it.</summary>
    public void Advance(long offset, ReadOnlySpan<byte> before)
    {
        var kept = before.Length > FilePlace.TailBytesMax ? before[^FilePlace.TailBytesMax..] : before;
        kept.CopyTo(_tail);
        _tailLength = kept.Length;
        MoveTo(offset);
    }

    /// <summary>The file was emptied: it begins again.</summary>
    public void Restart()
    {
        Offset = 0;
        ZerosEnd = 0;
        _tailLength = 0;
        _head = default;
        Format = null;
    }

    /// <summary>Whether this file has what was read up to the position.</summary>
    public bool Has(SourcePosition position, in FilePlace place) => place.IsIn(Content, Facts.Size, position.Offset);

    /// <summary>A new run: what stages held in the old one is read again, from where it is durable.</summary>
    public void BeginAgain(ILogsInlet inlet)
    {
        Inlet.Dispose();
        Inlet = inlet;
        IsResumed = false;
    }

    public void Dispose()
    {
        Watch?.Dispose();
        Inlet.Dispose();
        Content.Dispose();
        Handle.Dispose();
    }

    private void MoveTo(long offset)
    {
        Offset = offset;
        if (_head.Length == FilePlace.HeadBytesMax || offset == _head.Length) return;
        Span<byte> head = stackalloc byte[(int)Math.Min(offset, FilePlace.HeadBytesMax)];
        var read = Content.Read(head, 0);
        _head = Fingerprint.Of(head[..read]);
    }
}
