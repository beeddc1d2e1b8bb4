using System.Collections.Concurrent;
using System.Net;
using IronSnappy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Weir.Cluster.Tests.Protos;

namespace Weir.Cluster.Tests.Support;

/// <summary>How the sink answers the next push.</summary>
public enum SinkMood
{
    Accept,

    /// <summary>Stores, then answers 500: the outcome is unknown to the sender.</summary>
    StoreThenFail,

    /// <summary>Stores the first half of the entries, then answers 500.</summary>
    StoreHalfThenFail,
    Fail,
    Throttle,

    /// <summary>Stores and never answers.</summary>
    Hang,
}

/// <summary>A log entry as it arrived.</summary>
public readonly record struct Arrival(string Tenant, string Stream, long Timestamp, string Line);

/// <summary>A Loki of the tests: decodes with libraries that share nothing with Weir's own codecs, and remembers
/// all.</summary>
public sealed class LokiSink : IAsyncDisposable
{
    private readonly ConcurrentQueue<Arrival> _arrivals = new();
    private readonly ConcurrentQueue<string> _pushes = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly CancellationTokenSource _stopped = new();
    private WebApplication? _application;
    private int _port;
    private int _queries;
    private int _arriving; // pushes that are being read and stored

    /// <summary>Asked before each push.</summary>
    public Func<SinkMood> Mood { get; set; } = () => SinkMood.Accept;

    /// <summary>Set: asked instead, with the push's tenant.</summary>
    public Func<string, SinkMood>? MoodOf { get; set; }

    /// <summary>How long an answer takes once the push is stored.</summary>
    public Func<TimeSpan> AnswersAfter { get; set; } = () => TimeSpan.Zero;

    /// <summary>Set: lines are counted and not kept, for there are too many.</summary>
    public LineCensus? Census { get; set; }

    /// <summary>The last push's credentials as they came; "" for none.</summary>
    public string Authorization { get; private set; } = "";

    /// <summary>Set: it is given each body instead, with its tenant, one after the other; nothing is kept.</summary>
    public Action<string, PushRequest>? Received { get; set; }

    /// <summary>Of what is kept: when it came, its tenant and streams, and how the first and last line of each
    /// begin.</summary>
    public IEnumerable<string> Pushes => _pushes;

    public IEnumerable<Arrival> Arrivals => _arrivals;

    public int Count => _arrivals.Count;

    /// <summary>Whether it says what it has stored; if not, or with a census, reading is answered with 404.</summary>
    public bool AnswersQueries { get; set; } = true;

    /// <summary>Queries answered so far.</summary>
    public int Queries => _queries;

    public Uri PushUrl => new($"http://127.0.0.1:{_port}/loki/api/v1/push");

    public static async Task<LokiSink> StartAsync()
    {
        var sink = new LokiSink();
        await sink.ReturnAsync();
        return sink;
    }

    /// <summary>Listens, on the same port as before if it was there before.</summary>
    public async Task ReturnAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, _port);
        });
        _application = builder.Build();
        _application.Run(context =>
            context.Request.Path == SinkQuery.Path ? AnswerAsync(context) : TakeAsync(context));
        await _application.StartAsync();
        _port = new Uri(_application.Urls.First()).Port;
    }

    /// <summary>Goes away: connections are refused from here on.</summary>
    public async Task LeaveAsync()
    {
        if (_application is null) return;
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
        _application = null;
    }

    /// <summary>Waits until <paramref name="enough"/> holds of what has arrived.</summary>
    public Task WaitAsync(Func<IEnumerable<Arrival>, bool> enough, TimeSpan patience, string missing) =>
        WaitAsync(enough, patience, () => missing);

    /// <summary>Waits until <paramref name="enough"/> holds of what has arrived.</summary>
    public Task WaitAsync(Func<IEnumerable<Arrival>, bool> enough, TimeSpan patience, Func<string> missing) =>
        WaitAsync(() => enough(_arrivals), patience, () => $"{missing()}; {Count} entries have arrived");

    /// <summary>Waits until the census has counted <paramref name="lines"/> different lines.</summary>
    public Task WaitAsync(long lines, TimeSpan patience) => WaitAsync(
        () => Census!.Different >= lines, patience, () => $"{lines - Census!.Different} of {lines} lines");

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await LeaveAsync();
        _changed.Dispose();
        _stopped.Dispose();
    }

    /// <summary>Waits until <paramref name="enough"/> holds.</summary>
    public async Task WaitAsync(Func<bool> enough, TimeSpan patience, Func<string> missing)
    {
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            while (!enough()) await _changed.WaitAsync(TimeSpan.FromMilliseconds(500), deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"after {patience.TotalSeconds} s still missing: {missing()}");
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!AnswersQueries || Census is not null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // What came before the query is in its answer, however slow the machine is today.
        while (Volatile.Read(ref _arriving) > 0) await Task.Delay(5, context.RequestAborted);
        Interlocked.Increment(ref _queries);
        await context.Response.WriteAsJsonAsync(SinkQuery.Of(context.Request).Answer(_arrivals));
    }

    private async Task TakeAsync(HttpContext context)
    {
        Authorization = context.Request.Headers.Authorization.ToString();
        var mood = await StoreAsync(context);
        if (mood == SinkMood.Hang)
        {
            using var either =
                CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopped.Token);
            await Task.Delay(Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.Abort();
            return;
        }

        if (AnswersAfter() is var delay && delay > TimeSpan.Zero) await Task.Delay(delay, context.RequestAborted);
        if (mood == SinkMood.Throttle) context.Response.Headers.RetryAfter = "1";
        context.Response.StatusCode = mood switch
        {
            SinkMood.Accept => StatusCodes.Status204NoContent,
            SinkMood.Throttle => StatusCodes.Status429TooManyRequests,
            _ => StatusCodes.Status500InternalServerError,
        };
    }

    private async Task<SinkMood> StoreAsync(HttpContext context)
    {
        Interlocked.Increment(ref _arriving);
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var tenant = context.Request.Headers["X-Scope-OrgID"].ToString();
            var mood = MoodOf is { } moodOf ? moodOf(tenant) : Mood();
            // Given up by the node before the machine came to it: it may have been looked up meanwhile.
            context.RequestAborted.ThrowIfCancellationRequested();
            if (mood is SinkMood.Accept or SinkMood.StoreThenFail or SinkMood.StoreHalfThenFail or SinkMood.Hang)
                Store(tenant, body.ToArray(), isHalf: mood == SinkMood.StoreHalfThenFail);

            return mood;
        }
        finally
        {
            Interlocked.Decrement(ref _arriving);
        }
    }

    private void Store(string tenant, byte[] body, bool isHalf)
    {
        var request = PushRequest.Parser.ParseFrom(Snappy.Decode(body));
        if (Received is { } received)
        {
            lock (_changed) received(tenant, request);
            _changed.Release();
            return;
        }

        if (Census is null) _pushes.Enqueue(Describe(tenant, request));
        var left = request.Streams.Sum(stream => stream.Entries.Count) / (isHalf ? 2 : 1);
        foreach (var stream in request.Streams)
        {
            foreach (var entry in stream.Entries)
            {
                if (left-- == 0) break;
                if (Census is { } census)
                {
                    census.Add(entry.Line.Span);
                    continue;
                }

                var timestamp = entry.Timestamp.Seconds * 1_000_000_000 + entry.Timestamp.Nanos;
                _arrivals.Enqueue(new Arrival(tenant, stream.Labels, timestamp, entry.Line.ToStringUtf8()));
            }
        }

        _changed.Release();
    }

    private static string Describe(string tenant, PushRequest request)
    {
        static string Beginning(EntryAdapter entry) => string.Join(' ', entry.Line.ToStringUtf8().Split(' ').Take(2));
        var streams = request.Streams.Where(stream => stream.Entries.Count > 0)
            .Select(stream => $"{Beginning(stream.Entries[0])} to {Beginning(stream.Entries[^1])}");
        return $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {tenant}: {string.Join(", ", streams)}";
    }
}
