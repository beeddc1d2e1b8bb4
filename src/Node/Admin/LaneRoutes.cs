using Weir.Node.Logging;
using Weir.Routing.Lanes;

namespace Weir.Node.Admin;

/// <summary><c>/api/v1/lanes</c>: what is owed to each endpoint and tenant, and how delivery does.</summary>
internal sealed class LaneRoutes(Delivery delivery) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/lanes", context =>
        context.Response.WriteAsJsonAsync(
            new { lanes = delivery.Lanes, spool = delivery.SpoolUsage }, JsonText.Answers));
}
