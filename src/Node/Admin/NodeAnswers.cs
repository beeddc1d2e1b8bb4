using Weir.Protocol.Cluster;
using Weir.Routing.Membership;

namespace Weir.Node.Admin;

/// <summary>Answers a request with what a node answers to one of its own.</summary>
internal static class NodeAnswers
{
    public static async Task AskAsync(HttpContext context, Participation cluster, string node, Request request)
    {
        if (cluster.Members.Find(node) is not { IsLive: true })
        {
            await AdminServer.TextAsync(context, StatusCodes.Status404NotFound,
                $"no node {node} is alive: /api/v1/cluster lists all");
            return;
        }

        var answer = await cluster.Requests.AskAsync(node, request, context.RequestAborted);
        if (answer.IsError)
        {
            await AdminServer.TextAsync(context, StatusCodes.Status502BadGateway, answer.Error);
            return;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.Body.WriteAsync(answer.Json, context.RequestAborted);
    }
}
