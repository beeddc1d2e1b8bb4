using System.CommandLine;
using System.Text.Json;

namespace Weir.Node.Commands;

/// <summary><c>weir tail '{service="api"} |= "error"'</c>: lines of all nodes as they are read.</summary>
internal static class TailCommand
{
    public static Command Create()
    {
        var options = new AdminClient.Options();
        var selector = new Argument<string>("SELECTOR")
        {
            Description = "Which lines: a selector with line filters, {service=\"api\"} |= \"error\".",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON, an object a line." };
        var command = new Command("tail", "Follow lines of all nodes as they are read.") { selector, json };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => options.AskAsync(parsed, async (client, token) =>
        {
            var path = $"/api/v1/tail?selector={Uri.EscapeDataString(parsed.GetValue(selector)!)}";
            await using var stream = await client.OpenAsync(path, token);
            try
            {
                await FollowAsync(client, stream, parsed.GetValue(json), token);
                client.Errors.WriteLine("weir: the node ended the tail");
                return 1;
            }
            catch (OperationCanceledException)
            {
                return 0; // as asked
            }
        }, cancel));
        return command;
    }

    private static async Task FollowAsync(AdminClient client, Stream stream, bool json, CancellationToken cancel)
    {
        using var reader = new StreamReader(stream);
        for (var name = ""; await reader.ReadLineAsync(cancel) is { } text;)
        {
            if (text.StartsWith("event: ", StringComparison.Ordinal)) name = text["event: ".Length..];
            if (!text.StartsWith("data: ", StringComparison.Ordinal)) continue;
            using var data = JsonDocument.Parse(text.AsMemory("data: ".Length));
            Print(client, name, data.RootElement, json);
        }
    }

    private static void Print(AdminClient client, string name, JsonElement data, bool json)
    {
        switch (name)
        {
            case "line" when json:
                client.Output.WriteLine(data.GetRawText());
                break;
            case "line":
                var labels = data.GetProperty("labels").EnumerateObject()
                    .Select(label => $"{label.Name}={JsonSerializer.Serialize(label.Value.GetString())}");
                client.Output.WriteLine(Readable.Line($"{{{string.Join(", ", labels)}}} {Text(data, "line")}"));
                break;
            case "lost":
                client.Errors.WriteLine(Readable.Line(
                    $"weir: {data.GetProperty("lines").GetInt64()} lines of node {Text(data, "node")} were not shown: "
                    + "too many at once"));
                break;
            case "refused":
                client.Errors.WriteLine(Readable.Line(
                    $"weir: node {Text(data, "node")} shows none: {Text(data, "reason")}"));
                break;
        }
    }

    private static string Text(JsonElement of, string property) => of.GetProperty(property).GetString() ?? "";
}
