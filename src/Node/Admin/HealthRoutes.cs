using Weir.Routing.Components;

namespace Weir.Node.Admin;

/// <summary><c>/-/ready</c>, <c>/-/healthy</c> and <c>/-/reload</c>, as Alloy answers them.</summary>
internal sealed class HealthRoutes(
    Func<bool> isReady, Func<IReadOnlyList<ComponentState>> components,
    Func<CancellationToken, Task<IReadOnlyList<string>>> reload) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/-/ready", context => isReady()
            ? AdminServer.TextAsync(context, StatusCodes.Status200OK, "Weir is ready.")
            : AdminServer.TextAsync(context, StatusCodes.Status503ServiceUnavailable, "Weir is not ready yet."));
        routes.MapGet("/-/healthy", HealthyAsync);
        routes.MapMethods("/-/reload", ["GET", "POST"], ReloadAsync);
    }

    private Task HealthyAsync(HttpContext context)
    {
        var unhealthy = components().Where(component => component.Health.State == HealthState.Unhealthy).ToList();
        if (unhealthy.Count == 0)
            return AdminServer.TextAsync(context, StatusCodes.Status200OK, "All components are healthy.");
        return AdminServer.TextAsync(context, StatusCodes.Status500InternalServerError, string.Join('\n',
            unhealthy.Select(component => $"{component.Id}: {component.Health.Message}")
                .Prepend($"{unhealthy.Count} unhealthy:")));
    }

    private async Task ReloadAsync(HttpContext context)
    {
        var errors = await reload(context.RequestAborted);
        if (errors.Count == 0) await AdminServer.TextAsync(context, StatusCodes.Status200OK, "config reloaded");
        else
            await AdminServer.TextAsync(context, StatusCodes.Status400BadRequest,
                $"the configuration was not taken over, the former one stays in force:\n{string.Join("\n\n", errors)}");
    }
}
