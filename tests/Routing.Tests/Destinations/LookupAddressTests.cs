using Weir.Routing.Components.Http;
using Weir.Routing.Destinations;
using Weir.Routing.Language;

namespace Weir.Routing.Tests.Destinations;

public sealed class LookupAddressTests
{
    private static readonly HttpClientOptions Token = new() { BearerToken = new Secret("push") };
    private static readonly HttpClientOptions ReadToken = new() { BearerToken = new Secret("read") };

    [Theory]
    [InlineData("http://loki:3100/loki/api/v1/push", "http://loki:3100/loki/api/v1/query_range")]
    [InlineData("https://me:p%40ss@logs/t/loki/api/v1/push", "https://me:p%40ss@logs/t/loki/api/v1/query_range")]
    [InlineData("http://gateway/push", null)]
    [InlineData("http://gateway/api/prom/push", null)]
    public void Without_a_block_the_push_url_says_where_to_ask(string push, string? query) =>
        Assert.Equal(query, LookupAddress.Of(Endpoint(push, new()))?.Url.AbsoluteUri);

    [Fact]
    public void Without_credentials_of_its_own_it_asks_with_those_of_the_endpoint()
    {
        var derived = LookupAddress.Of(Endpoint("http://loki/loki/api/v1/push", new()))!;
        var stated = LookupAddress.Of(
            Endpoint("http://me:pw@loki/loki/api/v1/push", new() { Url = "http://loki/q" }))!;

        Assert.Equal((Token, true), (derived.Http, derived.SharesServer));
        Assert.Equal("ops", derived.Headers["X-Team"]);
        Assert.Equal(("http://me:pw@loki/q", true), (stated.Url.AbsoluteUri, stated.SharesServer));
    }

    [Fact]
    public void The_credentials_of_the_endpoint_are_for_its_own_server_alone()
    {
        var other = LookupAddress.Of(Endpoint("http://me:pw@loki/loki/api/v1/push", new() { Url = "http://read/q" }))!;

        Assert.Null(other.Http.BearerToken);
        Assert.Equal("http://read/q", other.Url.AbsoluteUri);
        Assert.Empty(other.Headers);
        Assert.False(other.SharesServer);
    }

    [Fact]
    public void Credentials_of_its_own_are_used_wherever_it_asks()
    {
        var own = LookupAddress.Of(Endpoint("http://loki/loki/api/v1/push", new() { Http = ReadToken }))!;
        var proxied = LookupAddress.Of(Endpoint(
            "http://loki/loki/api/v1/push", new() { Http = new() { Proxy = new() { Url = "http://proxy:3128" } } }))!;

        Assert.Equal((ReadToken, true), (own.Http, own.SharesServer));
        Assert.False(proxied.SharesServer); // the proxy may be away while the server takes pushes
    }

    [Fact]
    public void It_is_not_asked_where_the_file_says_so() =>
        Assert.Null(LookupAddress.Of(
            Endpoint("http://loki/loki/api/v1/push", new() { Enabled = ReconcileMode.Never })));

    [Fact]
    public void To_insist_without_saying_where_to_ask_is_refused()
    {
        var problems = new OptionProblems();

        Endpoint("http://gateway/push", new() { Enabled = ReconcileMode.Always }).Validate(problems);

        Assert.Contains("does not say where to query", Assert.Single(problems.Items).Message);
    }

    private static EndpointOptions Endpoint(string push, ReconcileOptions reconcile) => new()
    {
        Url = push,
        Http = Token,
        Headers = new Dictionary<string, string> { ["X-Team"] = "ops" },
        Reconcile = reconcile,
    };
}
