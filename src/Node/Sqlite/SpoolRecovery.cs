using System.Globalization;
using Weir.Protocol.Batches;

namespace Weir.Node.Sqlite;

/// <summary>An opened spool: what <see cref="SqliteSpool"/> works on and disposes.</summary>
internal sealed record SpoolParts(
    FileStream Lock, SqliteDatabase Database, SegmentStore Segments, SpoolIndex Index, SegmentHoles Holes,
    SpoolReader Reader, SendMarks Marks, IReadOnlyList<SourcePosition> Positions, long BytesMax);

/// <summary>Opens a spool's directory and puts right what a crash or the disk did to it. Damage never prevents a
/// start.</summary>
internal sealed class SpoolRecovery(SpoolOptions options, SpoolEvents events, TimeProvider time, Random random)
{
    private const int WouldBlock = 11; // EWOULDBLOCK: another process holds the lock
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly string[] Suffixes = ["", "-wal", "-shm"];

    private readonly string _databasePath = Path.Combine(options.Directory, SpoolSchema.FileName);
    private readonly string _segmentsPath = Path.Combine(options.Directory, "segments");

    /// <exception cref="SpoolException">Another process has it, or a newer build made it.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public SpoolParts Open(SegmentDisk disk)
    {
        Directory.CreateDirectory(options.Directory, OwnerOnly);
        Directory.CreateDirectory(_segmentsPath, OwnerOnly);
        var held = new List<IDisposable>();
        try
        {
            var parts = Open(Hold(TakeLock()));
            held.Clear();
            return parts;
        }
        finally
        {
            held.Reverse();
            held.ForEach(part => part.Dispose());
        }

        T Hold<T>(T part)
            where T : IDisposable
        {
            held.Add(part);
            return part;
        }

        SpoolParts Open(FileStream gate)
        {
            var files = ListFiles();
            var database = Hold(OpenDatabase(SaltOf(files), out var isNew));
            var salt = (uint)database.Number("SELECT salt FROM spool");
            var numberNext = files.Count == 0 ? 1 : files[^1].Number + 1;
            var segmentBytes = Math.Min(SpoolOptions.SegmentBytesMax, options.BytesMax / 8);
            var segments = Hold(new SegmentStore(_segmentsPath, files, numberNext, salt, segmentBytes, disk));
            var lettersMax = Math.Min(options.DeadLetterBytesMax, options.BytesMax / 4);
            var index = new SpoolIndex(database, segments, lettersMax);
            var marksPath = Path.Combine(options.Directory, SendMarks.FileName);
            var idNext = FragmentId.Of(numberNext, 0);
            if (isNew)
            {
                File.Delete(marksPath);
                Rebuild(segments, index);
                SpoolSchema.Finish(database);
            }

            var marks = Hold(SendMarks.Open(marksPath, idNext - 1));
            // What was acknowledged went with the damaged index: anything may have been sent.
            if (isNew) foreach (var lane in index.Lanes) marks.Note(lane.Id, idNext - 1);

            MoveOutMissing(database, segments, index);
            var holes = new SegmentHoles(segments, index, events);
            FreeSpace(database, segments, index, holes);
            var reader = Hold(new SpoolReader(SqliteDatabase.Open(_databasePath), segments));
            var bytesMax = Budget(segments.Bytes);
            var positions = reader.ReadPositions();
            return new SpoolParts(gate, database, segments, index, holes, reader, marks, positions, bytesMax);
        }
    }

    private FileStream TakeLock()
    {
        var path = Path.Combine(options.Directory, "lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken.HResult == WouldBlock)
        {
            throw new SpoolException(
                $"the spool {options.Directory} is in use by another weir process: stop that one, or give this one a "
                + "directory of its own (--storage.path)");
        }
    }

    private List<Segment> ListFiles()
    {
        var files = new List<Segment>();
        foreach (var file in new DirectoryInfo(_segmentsPath).EnumerateFiles("*" + SegmentStore.Extension))
        {
            var name = Path.GetFileNameWithoutExtension(file.Name);
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                files.Add(new Segment(number, file.FullName, file.Length));
        }

        files.Sort((left, right) => left.Number.CompareTo(right.Number));
        return files;
    }

    /// <summary>The salt that the segments state, for an index that must be made again; else a new one.</summary>
    private uint SaltOf(List<Segment> files)
    {
        Span<byte> header = stackalloc byte[SegmentFormat.FileHeaderBytes];
        foreach (var segment in files)
        {
            using var file = File.OpenHandle(segment.Path);
            var read = RandomAccess.Read(file, header, 0);
            if (SegmentFormat.TryReadFileHeader(header[..read], out var salt)) return salt;
        }

        return (uint)random.NextInt64(1L << 32);
    }

    private SqliteDatabase OpenDatabase(uint saltOfNew, out bool isNew)
    {
        try
        {
            return OpenSound(saltOfNew, out isNew);
        }
        catch (DatabaseException fault) when (fault.IsDamage)
        {
            SetAside(fault);
        }

        return OpenSound(saltOfNew, out isNew);
    }

    private SqliteDatabase OpenSound(uint saltOfNew, out bool isNew)
    {
        for (; ; )
        {
            var database = SqliteDatabase.Open(_databasePath);
            try
            {
                if (SpoolSchema.TryPrepare(database, saltOfNew, out isNew))
                {
                    SpoolSchema.Check(database);
                    return database;
                }
            }
            catch (IOException)
            {
                database.Dispose();
                throw;
            }

            database.Dispose();
            foreach (var suffix in Suffixes) File.Delete(_databasePath + suffix);
        }
    }

    private void SetAside(DatabaseException fault)
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var aside = $"{_databasePath}.damaged-{stamp}";
        for (var i = 2; File.Exists(aside); i++) aside = $"{_databasePath}.damaged-{stamp}-{i}";
        foreach (var suffix in Suffixes)
            if (File.Exists(_databasePath + suffix)) File.Move(_databasePath + suffix, aside + suffix);
        LinuxFile.SyncDirectory(options.Directory);
        events.IndexSetAside(aside, fault.Message);
    }

    private void Rebuild(SegmentStore segments, SpoolIndex index)
    {
        var (fragments, skipped) = (0L, 0L);
        foreach (var segment in segments.All)
        {
            var file = File.ReadAllBytes(segment.Path);
            var found = SegmentScan.All(file, segment.Number, segments.Salt, out var unreadable);
            index.Restore(found);
            fragments += found.Count;
            skipped += unreadable;
        }

        if (fragments + skipped > 0) events.IndexRebuilt(fragments, skipped);
    }

    private void MoveOutMissing(SqliteDatabase database, SegmentStore segments, SpoolIndex index)
    {
        var missing = new List<(long Id, bool HasFile)>();
        var owed = database.Prepare("SELECT id, length FROM fragments");
        while (owed.Step())
        {
            var id = owed.Long(0);
            var hasFile = segments.TryGet(FragmentId.SegmentOf(id), out var segment);
            if (!hasFile || FragmentId.OffsetOf(id) + owed.Long(1) > segment.Bytes) missing.Add((id, hasFile));
        }

        foreach (var (id, hasFile) in missing)
        {
            var reason = hasFile ? "damaged" : "missing";
            var entries = index.MoveToLost(id, reason, time.GetUtcNow());
            events.FragmentLost(id, entries, reason, SegmentStore.NameOf(FragmentId.SegmentOf(id)));
        }
    }

    private void FreeSpace(SqliteDatabase database, SegmentStore segments, SpoolIndex index, SegmentHoles holes)
    {
        try
        {
            // Acknowledgements of a killed process may be in the page cache alone.
            index.Barrier();
            CutTails(database, segments);
            segments.DeleteIdle();
            holes.CountFreed();
            holes.PunchFreed();
        }
        catch (IOException fault)
        {
            events.DeletionFailed(fault.Message); // what it has, it can still deliver
        }
    }

    private void CutTails(SqliteDatabase database, SegmentStore segments)
    {
        var ends = new Dictionary<long, long>();
        var last = database.Prepare("SELECT max(id), length FROM fragments GROUP BY id >> 32");
        while (last.Step())
        {
            var id = last.Long(0);
            ends[FragmentId.SegmentOf(id)] = FragmentId.OffsetOf(id) + last.Long(1);
        }

        var newest = segments.All.LastOrDefault();
        foreach (var segment in segments.All)
        {
            var end = ends.GetValueOrDefault(segment.Number, SegmentFormat.FileHeaderBytes);
            if (segment.Bytes <= end) continue;
            // Whole records beyond were acknowledged, or never committed; only a part of one tells of a crash.
            if (segment == newest)
            {
                var torn = SegmentScan.TornBytes(File.ReadAllBytes(segment.Path), end, segments.Salt);
                if (torn > 0) events.TailCut(segment.Path, torn);
            }

            segments.Cut(segment, end);
        }
    }

    private long Budget(long held)
    {
        var free = new DriveInfo(options.Directory).AvailableFreeSpace;
        var bytesMax = Math.Min(options.BytesMax, (long)((free + held) * options.DiskShareMax));
        if (bytesMax < options.BytesMax) events.BudgetReduced(options.BytesMax, bytesMax);
        return bytesMax;
    }
}
