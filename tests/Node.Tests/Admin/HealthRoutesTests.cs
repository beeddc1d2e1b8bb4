using System.Net;
using Weir.Node.Admin;
using Weir.Routing.Components;
using Weir.Routing.Metrics;

namespace Weir.Node.Tests.Admin;

public sealed class HealthRoutesTests
{
    private readonly List<ComponentState> _components = [State("loki.write.a", HealthState.Healthy, "fine")];
    private IReadOnlyList<string> _errors = [];
    private bool _isReady;

    [Fact]
    public async Task Ready_says_whether_the_configuration_is_in_force()
    {
        await using var rig = await AdminRig.StartAsync(Routes());

        var before = await rig.GetAsync("/-/ready");
        _isReady = true;
        var after = await rig.GetAsync("/-/ready");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Weir is not ready yet."), before);
        Assert.Equal((HttpStatusCode.OK, "Weir is ready."), after);
    }

    [Fact]
    public async Task Healthy_lists_what_is_not()
    {
        await using var rig = await AdminRig.StartAsync(Routes());

        var well = await rig.GetAsync("/-/healthy");
        _components.Add(State("loki.source.file.b", HealthState.Unhealthy, "the folder is not readable"));
        var ill = await rig.GetAsync("/-/healthy");

        Assert.Equal((HttpStatusCode.OK, "All components are healthy."), well);
        Assert.Equal(HttpStatusCode.InternalServerError, ill.Status);
        Assert.Equal("1 unhealthy:\nloki.source.file.b: the folder is not readable", ill.Text);
    }

    [Fact]
    public async Task Reload_answers_the_errors_of_a_configuration_that_is_not_taken_over()
    {
        await using var rig = await AdminRig.StartAsync(Routes());

        using var good = await rig.Client.PostAsync("/-/reload", null);
        _errors = ["a.alloy:1:1: first", "a.alloy:2:1: second"];
        using var bad = await rig.Client.PostAsync("/-/reload", null);

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, bad.StatusCode);
        var text = await bad.Content.ReadAsStringAsync();
        Assert.All(_errors, error => Assert.Contains(error, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_are_in_Prometheus_text_format()
    {
        var metrics = new MetricRegistry();
        metrics.Counter("a_total", "A counter.").With().Add(2);
        await using var rig = await AdminRig.StartAsync(new MetricsRoutes(metrics));

        using var answer = await rig.Client.GetAsync("/metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.EndsWith("\na_total 2\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_paths_components_and_methods_are_named_so()
    {
        await using var rig = await AdminRig.StartAsync(Routes(), new ComponentRoutes(() => _components));

        var unknown = await rig.GetAsync("/nothing/here");
        var component = await rig.GetAsync("/api/v1/components/loki.write.b");
        using var method = await rig.Client.DeleteAsync("/-/ready");

        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Equal(HttpStatusCode.NotFound, component.Status);
        Assert.Contains("no component loki.write.b runs", component.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
    }

    private HealthRoutes Routes() => new(() => _isReady, () => _components, _ => Task.FromResult(_errors));

    private static ComponentState State(string id, HealthState state, string message) =>
        new(id, "probe", new Health(state, message, DateTimeOffset.UnixEpoch), [], null, null, null);
}
