using Microsoft.Win32.SafeHandles;

namespace Weir.Node.Sources.Files.Reading;

/// <summary>The bytes of one file, as lines are cut from them.</summary>
internal interface IFileContent : IDisposable
{
    /// <summary>Fills the destination from <paramref name="offset"/> on.</summary>
    /// <returns>Bytes read; fewer than asked for only at the end of what there is now.</returns>
    int Read(Span<byte> destination, long offset);

    /// <summary>How many bytes there are as far as known, given the file's size.</summary>
    long Length(long fileSize);

    /// <summary>Read to its end, and no more will come unless the file changes: a last line needs no line
    /// feed.</summary>
    bool IsComplete { get; }

    /// <summary>The file system says so.</summary>
    void FileChanged();

    /// <summary>Where the next byte that is no hole lies, at or after the offset; -1: there is none.</summary>
    long NextData(long offset);
}

/// <summary>A file as it is.</summary>
internal sealed class PlainContent(SafeFileHandle handle) : IFileContent
{
    public int Read(Span<byte> destination, long offset)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var read = RandomAccess.Read(handle, destination[total..], offset + total);
            if (read == 0) break;
            total += read;
        }

        return total;
    }

    public bool IsComplete => false;

    public long Length(long fileSize) => fileSize;

    public void FileChanged()
    {
        // It is read anew each time.
    }

    public long NextData(long offset) => Native.NativeFile.NextData(handle, offset);

    public void Dispose()
    {
        // The generation owns the descriptor: facts are read from it as well.
    }
}
