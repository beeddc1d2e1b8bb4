using System.Buffers;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Weir.Node.Sources.Api;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Relabeling;
using Weir.Support;

namespace Weir.Node.Tests.Sources.Api;

/// <summary>The source behind a real socket.</summary>
public sealed class ApiSourceTests : IAsyncLifetime
{
    private const string Push =
        """{"streams":[{"stream":{"app":"a","__x":"h"},"values":[["5","one",{"k":"v"}],["5","two"]]}]}""";

    private readonly CollectingReceiver _receiver = new();
    private readonly MemoryPositions _positions = new();
    private readonly RecordingHost _host = new("loki.source.api.t");
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _client = new();
    private Task _running = Task.CompletedTask;
    private ApiSource _source = null!;
    private ApiSourceOptions _options = new() { Http = new ApiHttpOptions { Address = "127.0.0.1", Port = 0 } };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _client.Dispose();
    }

    [Theory]
    [InlineData("/loki/api/v1/push")]
    [InlineData("/api/v1/push")]
    public async Task A_push_in_json_is_delivered_with_the_labels_that_rules_make_and_the_tenant(string path)
    {
        _options = _options with
        {
            Labels = new Dictionary<string, string> { ["from"] = "api" }, UseIncomingTimestamp = true,
            RelabelRules = new RelabelRules([new RuleOptions { SourceLabels = ["__x"], TargetLabel = "x" }]),
        };
        await StartAsync();

        var status = await PostAsync(path, Encoding.UTF8.GetBytes(Push), tenant: "t1");

        Assert.Equal(HttpStatusCode.NoContent, status);
        const string stream = """{app="a", from="api", x="h"}""";
        Assert.Equal([new(5, stream, "one"), new(5, stream, "two")], _receiver.Entries);
        Assert.Equal(2, _host.Metrics.Sum("loki_source_api_entries_written"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gzip")]
    public async Task A_push_in_protobuf_is_delivered_with_the_time_of_its_arrival(string encoding)
    {
        await StartAsync();

        var body = Packed(Protobuf(), encoding);

        var status = await PostAsync("/loki/api/v1/push", body, "application/x-protobuf", encoding);

        Assert.Equal(HttpStatusCode.NoContent, status);
        Assert.Equal(["one", "two"], _receiver.Lines);
        Assert.True(_receiver.Entries[0].Timestamp > 1_000_000_000_000_000_000);
        Assert.Equal(_receiver.Entries[0].Timestamp + 1, _receiver.Entries[1].Timestamp);
    }

    [Theory]
    [InlineData("/loki/api/v1/raw")]
    [InlineData("/api/v1/raw")]
    public async Task Raw_lines_are_delivered_one_by_one(string path)
    {
        _options = _options with { Labels = new Dictionary<string, string> { ["job"] = "raw" } };
        await StartAsync();

        var status = await PostAsync(path, Encoding.UTF8.GetBytes("one\r\n\ntwo"), "text/plain");

        Assert.Equal(HttpStatusCode.NoContent, status);
        Assert.Equal(["""{job="raw"} one""", """{job="raw"} two"""],
            _receiver.Entries.Select(entry => $"{entry.Stream} {entry.Line}"));
    }

    [Theory]
    [InlineData("application/json", "{", "", "JSON")]
    [InlineData("application/json", """{"streams":[{"stream":{"a-b":"c"},"values":[["1","x"]]}]}""", "", "")]
    [InlineData("application/x-protobuf", "rubbish", "", "Snappy")]
    [InlineData("application/json", "rubbish", "gzip", "gzip")]
    [InlineData("application/json", "rubbish", "br", "Content-Encoding")]
    public async Task A_malformed_push_is_refused_and_nothing_of_it_is_delivered(
        string type, string body, string encoding, string reason)
    {
        await StartAsync();

        using var answer = await SendAsync("/loki/api/v1/push", Encoding.UTF8.GetBytes(body), type, encoding);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(_receiver.Lines);
    }

    [Fact]
    public async Task A_push_above_the_limit_is_refused_however_small_it_was_packed()
    {
        _options = _options with { MessageSizeMax = new ByteSize(1024) };
        await StartAsync();
        var body = Packed(new byte[100_000], "gzip");

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("/api/v1/raw", body, "text/plain", "gzip"));
    }

    [Fact]
    public async Task A_push_is_answered_when_its_lines_are_durable_and_not_before()
    {
        await StartAsync();
        _receiver.Close();

        var pushing = PostAsync("/loki/api/v1/push", Encoding.UTF8.GetBytes(Push));
        using var ready = await _client.GetAsync(Url("/ready"));
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.False(pushing.IsCompleted);
        _receiver.Open();

        Assert.Equal(HttpStatusCode.NoContent, await pushing);
        Assert.Equal(1, Assert.Single(_positions.List(_host.Id)).Offset);
    }

    [Fact]
    public async Task While_too_much_waits_further_pushes_are_put_off_and_none_is_lost()
    {
        await StartAsync();
        _receiver.Close();
        var body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 99_999) + "\n", 300)));

        var pushes = Enumerable.Range(0, 4).Select(_ => PostAsync("/api/v1/raw", body, "text/plain")).ToList();
        var first = await await Task.WhenAny(pushes);
        _receiver.Open();
        var answers = await Task.WhenAll(pushes);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, first);
        Assert.Contains(HttpStatusCode.NoContent, answers);
        Assert.True(_receiver.Lines.Count >= 300 * answers.Count(answer => answer == HttpStatusCode.NoContent));
    }

    [Fact]
    public async Task Streams_that_a_rule_drops_are_counted()
    {
        _options = _options with
        {
            RelabelRules = new RelabelRules([new RuleOptions
            {
                SourceLabels = ["app"], Regex = "a", Action = RelabelAction.Drop,
            }]),
        };
        await StartAsync();

        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("/api/v1/push", Encoding.UTF8.GetBytes(Push)));
        Assert.Equal(2, _host.Metrics.Sum("weir_source_api_dropped_lines_total"));
    }

    private static byte[] Protobuf()
    {
        var request = new ArrayBufferWriter<byte>();
        Assert.True(new JsonPush().TryConvert(Encoding.UTF8.GetBytes(Push), request, out _));
        var body = new byte[SnappyEncoder.MaxCompressedLength(request.WrittenCount)];
        return body[..new SnappyEncoder().Compress(request.WrittenSpan, body)];
    }

    private static byte[] Packed(byte[] body, string encoding)
    {
        if (encoding.Length == 0) return body;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress)) gzip.Write(body);
        return packed.ToArray();
    }

    private async Task StartAsync()
    {
        _source = new ApiSource(_host, _positions);
        await _source.ApplyAsync((object)(_options with { ForwardTo = [_receiver] }), default);
        _running = _source.RunAsync(_stop.Token);
        await _host.ReportedAsync(HealthState.Healthy, "listens");
    }

    private Uri Url(string path) => new(((ApiStatus)_source.Status!).Address!, path);

    private async Task<HttpStatusCode> PostAsync(
        string path, byte[] body, string type = "application/json", string encoding = "", string tenant = "")
    {
        using var answer = await SendAsync(path, body, type, encoding, tenant);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(
        string path, byte[] body, string type, string encoding, string tenant = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url(path));
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding.Length > 0) request.Content.Headers.ContentEncoding.Add(encoding);
        if (tenant.Length > 0) request.Headers.Add("X-Scope-OrgID", tenant);
        return await _client.SendAsync(request);
    }
}
