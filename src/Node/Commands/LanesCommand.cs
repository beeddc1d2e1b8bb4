using System.CommandLine;
using System.Text.Json;
using Weir.Node.Admin;
using Weir.Routing.Membership;

namespace Weir.Node.Commands;

/// <summary><c>weir lanes</c> lists what is owed to each endpoint and tenant; <c>pause</c> and <c>resume</c> steer one
/// of
/// them on all nodes.</summary>
internal static class LanesCommand
{
    public static Command Create()
    {
        var options = new AdminClient.Options();
        var json = new Option<bool>("--json") { Description = "Print JSON, an array." };
        var command = new Command("lanes", "List what is owed to each endpoint and tenant.") { json };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => options.AskAsync(parsed, async (client, token) =>
        {
            var lanes = (await client.GetAsync<ClusterAnswer>("/api/v1/cluster", token)).Lanes;
            if (parsed.GetValue(json))
                client.Output.WriteLine(JsonSerializer.Serialize(lanes, Logging.JsonText.Answers));
            else Print(lanes, client.Output);
            return 0;
        }, cancel));
        command.Add(Steering("pause", "Send nothing of a lane, on any node, until it is resumed.", options));
        command.Add(Steering("resume", "Send again what a paused lane owes.", options));
        return command;
    }

    public static void Print(IEnumerable<LaneView> lanes, TextWriter output)
    {
        var table = new TextTable(
            "lane", "node", "destination", "endpoint", "tenant", "state", "waiting", "bytes", "lag", "rate",
            "last error");
        foreach (var lane in lanes)
        {
            table.Add(
                lane.Id, lane.Node, lane.Destination, lane.Endpoint, lane.Tenant, lane.IsPaused ? "paused" : lane.State,
                Readable.Count(lane.BacklogFragments), Readable.Bytes(lane.BacklogBytes),
                Readable.Duration(lane.LagSeconds), $"{Readable.Bytes(lane.BytesPerSecond)}/s", lane.LastError);
        }

        table.Print(output);
    }

    private static Command Steering(string verb, string description, AdminClient.Options options)
    {
        var id = new Argument<string>("LANE") { Description = "Its id, as `weir lanes` lists it." };
        var command = new Command(verb, description) { id };
        command.SetAction((parsed, cancel) => options.AskAsync(parsed, async (client, token) =>
        {
            var lane = parsed.GetValue(id)!;
            var done = await client.PostAsync<LanePaused>(
                $"/api/v1/lanes/{Uri.EscapeDataString(lane)}/{verb}", null, token);
            client.Output.WriteLine($"lane {done.Lane} is {(done.IsPaused ? "paused on all nodes" : "resumed")}");
            return 0;
        }, cancel));
        return command;
    }
}
