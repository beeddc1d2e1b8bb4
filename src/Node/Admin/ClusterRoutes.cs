using Weir.Node.Logging;
using Weir.Protocol.Cluster;
using Weir.Routing.Membership;

namespace Weir.Node.Admin;

/// <summary>All of the cluster, as this node knows it.</summary>
/// <param name="Node">The node that answers.</param>
/// <param name="Broker">Null: no node uses one.</param>
internal sealed record ClusterAnswer(
    string Node, IReadOnlyList<MemberView> Members, IReadOnlyList<ShardView> Shards, IReadOnlyList<LaneView> Lanes,
    BrokerView? Broker);

/// <param name="GivenBack">Shards that go to other writers.</param>
/// <param name="Error">"": it was asked with success.</param>
internal sealed record WriterRebalanced(string Node, int GivenBack, string Error);

internal sealed record LanePaused(string Lane, bool IsPaused);

/// <summary><c>/api/v1/cluster</c> and what belongs to it: any node answers for all.</summary>
internal sealed class ClusterRoutes(Participation cluster) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/cluster", context => AnswerAsync(context, view => new ClusterAnswer(
            cluster.Self.Id, view.Members, view.Shards, view.Lanes, view.Broker)));
        routes.MapGet("/api/v1/nodes", context => AnswerAsync(context, view => view.Members));
        routes.MapGet("/api/v1/shards", context => AnswerAsync(context, view => view.Shards));
        routes.MapGet("/api/v1/tenants", context => AnswerAsync(context, view => view.Tenants));
        routes.MapGet("/api/v1/destinations", context => AnswerAsync(context, view => view.Destinations));
        routes.MapGet("/api/v1/nodes/{id}", context => NodeAnswers.AskAsync(
            context, cluster, Id(context), new Request { Details = new Details() }));
        routes.MapPost("/api/v1/nodes/{id}/drain", context => NodeAnswers.AskAsync(
            context, cluster, Id(context), new Request { Drain = new Drain() }));
        routes.MapPost("/api/v1/shards/rebalance", RebalanceAsync);
        routes.MapPost("/api/v1/lanes/{id}/pause", context => PauseAsync(context, isPaused: true));
        routes.MapPost("/api/v1/lanes/{id}/resume", context => PauseAsync(context, isPaused: false));
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private Task AnswerAsync<T>(HttpContext context, Func<ClusterView, T> answer) =>
        context.Response.WriteAsJsonAsync(
            answer(new ClusterView(cluster.Members.All, cluster.Pauses)), JsonText.Answers);

    /// <summary>Every writer gives back what another one should have.</summary>
    private async Task RebalanceAsync(HttpContext context)
    {
        var answers = await Task.WhenAll(cluster.Members.Writers.Select(async writer => (
            Writer: writer,
            Answer: await cluster.Requests.AskAsync(
                writer, new Request { Rebalance = new Rebalance() }, context.RequestAborted))));
        await context.Response.WriteAsJsonAsync(answers.Select(one => new WriterRebalanced(
            one.Writer, one.Answer.IsError ? 0 : System.Text.Json.JsonSerializer
                .Deserialize<Cluster.RebalanceAnswer>(one.Answer.Json.Span, JsonText.Answers)!.GivenBack,
            one.Answer.Error)).ToList(), JsonText.Answers);
    }

    private async Task PauseAsync(HttpContext context, bool isPaused)
    {
        var id = Id(context);
        var view = new ClusterView(cluster.Members.All, cluster.Pauses);
        if (!view.Lanes.Any(lane => lane.Id == id) && !cluster.Pauses.All.Any(pause => pause.Lane == id))
            await AdminServer.TextAsync(context, StatusCodes.Status404NotFound,
                $"no lane {id} is known: /api/v1/cluster lists all");
        else if (!cluster.TryPause(id, isPaused))
            await AdminServer.TextAsync(context, StatusCodes.Status409Conflict,
                "too many lanes are paused: resume some of them");
        else await context.Response.WriteAsJsonAsync(new LanePaused(id, isPaused), JsonText.Answers);
    }
}
