using Weir.Node.Logging;
using Weir.Routing.Lanes;

namespace Weir.Node.Admin;

/// <summary><c>/api/v1/cardinality</c>: the labels that <c>cardinality_guard</c> counts, those with most values
/// first.</summary>
internal sealed class CardinalityRoutes(Delivery delivery) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/cardinality", context =>
        context.Response.WriteAsJsonAsync(
            new { labels = delivery.Cardinality.OrderByDescending(label => label.Values) }, JsonText.Answers));
}
