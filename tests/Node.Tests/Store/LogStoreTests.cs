using System.Security.Cryptography;
using Weir.Node.Sqlite;
using Weir.Node.Store;
using Weir.Protocol.Batches;
using Weir.Routing.LogQl;

namespace Weir.Node.Tests.Store;

public sealed class LogStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-log-store-");
    private readonly LabelSets _labels = new();

    private string DatabasePath => Path.Combine(_folder.FullName, "store.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_oldest_pushes_go_first_with_the_streams_that_they_alone_had()
    {
        var push = Push("{app=\"a0\"}", 0);
        using var store = new LogStore(DatabasePath, _labels, bytesMax: push.Body.Length * 4L);

        for (var i = 0; i < 20; i++) store.Add("t", Push($"{{app=\"a{i % 10}\"}}", i));

        var streams = store.Streams("t").Select(stream => stream.Labels.ToString()).Order(StringComparer.Ordinal);
        Assert.Equal(["{app=\"a7\"}", "{app=\"a8\"}", "{app=\"a9\"}"], streams.TakeLast(3));
        Assert.InRange(store.Streams("t").Count, 3, 4);
    }

    [Fact]
    public void Space_is_used_again_so_the_file_stops_growing()
    {
        using var store = new LogStore(DatabasePath, _labels, bytesMax: 256 * 1024);
        long SizeAfter(int pushes)
        {
            for (var i = 0; i < pushes; i++) store.Add("t", Push("{app=\"web\"}", i));
            return new FileInfo(DatabasePath).Length;
        }

        var early = SizeAfter(2000);
        var late = SizeAfter(4000);

        Assert.InRange(late, early, early + early / 4);
    }

    [Fact]
    public void A_restart_keeps_lines_streams_and_the_size()
    {
        var push = Push("{app=\"web\"}", 1);
        using (var store = new LogStore(DatabasePath, _labels, bytesMax: push.Body.Length * 5L / 2))
        {
            store.Add("t", push);
            store.Add("u", Push("{app=\"db\"}", 2));
        }

        using var reopened = new LogStore(DatabasePath, new LabelSets(), bytesMax: push.Body.Length * 5L / 2);
        var kept = (Count(reopened, "t"), Count(reopened, "u"));
        reopened.Add("u", Push("{app=\"db\"}", 3));

        Assert.Equal((1, 1), kept);
        Assert.Equal((0, 2), (Count(reopened, "t"), Count(reopened, "u")));
        Assert.Empty(reopened.Streams("t"));
    }

    [Fact]
    public void A_file_of_another_version_starts_empty()
    {
        using (var store = new LogStore(DatabasePath, _labels)) store.Add("t", Push("{app=\"web\"}", 1));
        using (var database = SqliteDatabase.Open(DatabasePath)) database.Execute("PRAGMA user_version = 99");

        using var reopened = new LogStore(DatabasePath, _labels);
        var kept = reopened.Streams("t").Count;
        reopened.Add("t", Push("{app=\"web\"}", 1));

        Assert.Equal((0, 1), (kept, Count(reopened, "t")));
    }

    [Fact]
    public void A_push_that_fails_halfway_leaves_the_store_as_it_was()
    {
        using var store = new LogStore(DatabasePath, _labels);
        store.Add("t", Push("{app=\"web\"}", 1));
        using (var database = SqliteDatabase.Open(DatabasePath))
        {
            database.Execute(
                "CREATE TRIGGER fails BEFORE INSERT ON occurrences BEGIN SELECT RAISE(ABORT, 'no room'); END");
        }

        Assert.Throws<DatabaseException>(() => store.Add("t", Push("{app=\"other\"}", 2)));

        Assert.Equal(["{app=\"web\"}"], store.Streams("t").Select(stream => stream.Labels.ToString()));
        Assert.Equal(1, Count(store, "t"));
    }

    [Fact]
    public void A_slow_follower_loses_pushes_and_learns_how_many_lines()
    {
        var hub = new TailHub();
        using var slow = hub.Follow("t");
        using var other = hub.Follow("u");

        for (var i = 0; i < TailHub.PushesMax + 10; i++) hub.Publish("t", Push("{app=\"web\"}", i));
        var (dropped, again) = (slow.TakeDropped(), slow.TakeDropped());

        Assert.Equal((10, 0), (dropped, again));
        Assert.Equal(TailHub.PushesMax, slow.Pushes.Count);
        Assert.Equal(0, other.Pushes.Count);
    }

    private int Count(LogStore store, string tenant)
    {
        var count = 0;
        var query = (LogQuery)LogQlParser.Parse("{app=~\".+\"}");
        new StoreReader(store, _labels).Read(tenant, query, 0, long.MaxValue, _ => count++, default);
        return count;
    }

    /// <summary>About a KiB that does not compress, at a second of its own.</summary>
    private DecodedPush Push(string labels, int second)
    {
        var line = Convert.ToHexString(RandomNumberGenerator.GetBytes(500));
        var body = StorePushTests.Protobuf(labels, line);
        var push = new PushDecoder(_labels).DecodeProtobuf(body);
        return push with { Oldest = second, Newest = second + long.MaxValue / 2 };
    }
}
