using System.Text;
using Weir.Routing.Metrics;

namespace Weir.Node.Admin;

/// <summary><c>/metrics</c> in the Prometheus text format.</summary>
internal sealed class MetricsRoutes(MetricRegistry metrics) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/metrics", context =>
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(metrics.Render())).AsTask();
    });
}
