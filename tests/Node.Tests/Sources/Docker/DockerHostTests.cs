using Weir.Node.Sources.Docker;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;

namespace Weir.Node.Tests.Sources.Docker;

public sealed class DockerHostTests
{
    [Theory]
    [InlineData("unix:///var/run/docker.sock", false, "http://docker/", "/var/run/docker.sock")]
    [InlineData("tcp://10.0.0.1:2375", false, "http://10.0.0.1:2375/", null)]
    [InlineData("tcp://engine", true, "https://engine:2376/", null)]
    [InlineData("https://engine/proxy", false, "https://engine/proxy/", null)]
    public void An_address_of_an_engine_is_understood(string host, bool secure, string address, string? socket)
    {
        var at = DockerHost.Parse(host, secure);

        Assert.Equal(new Uri(address), at.Address);
        Assert.Equal(socket, at.SocketPath);
    }

    [Fact]
    public async Task A_socket_that_cannot_be_opened_is_named_with_the_remedy()
    {
        var path = Path.Combine(Path.GetTempPath(), $"weir-no-socket-{Guid.NewGuid():n}");
        using var engine = DockerEngine.Connect("unix://" + path, new HttpClientOptions(), TimeProvider.System);

        var fault = await Assert.ThrowsAsync<DockerException>(() => engine.InspectAsync("web", default));

        Assert.Equal($"GET /containers/web/json: there is no {path}; "
            + "start the engine, or mount the socket into Weir's container", fault.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unix://")]
    [InlineData("/var/run/docker.sock")]
    [InlineData("npipe:////./pipe/docker_engine")]
    public void What_is_no_address_is_refused_with_the_remedy(string host)
    {
        var refusal = Assert.Throws<ComponentException>(() => DockerHost.Parse(host, secure: false));

        Assert.Contains("unix:///var/run/docker.sock", refusal.Message);
        Assert.NotNull(DockerHost.ProblemOf(host));
    }
}
