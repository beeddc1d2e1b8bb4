using System.Buffers;
using System.Text.Json;
using Weir.Node.Logging;
using Weir.Routing.Components;
using Weir.Routing.Language;

namespace Weir.Node.Admin;

/// <summary><c>/api/v1/components</c>: what runs, how it is, with which arguments and exports. Secrets are
/// masked.</summary>
/// <remarks>An id within a custom component has slashes.</remarks>
internal sealed class ComponentRoutes(Func<IReadOnlyList<ComponentState>> components) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/components", context => AnswerAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var component in components()) Write(json, component);
            json.WriteEndArray();
        }));
        routes.MapGet("/api/v1/components/{**id}", context =>
        {
            var id = (string)context.Request.RouteValues["id"]!;
            return components().FirstOrDefault(component => component.Id == id) is { } found
                ? AnswerAsync(context, json => Write(json, found))
                : AdminServer.TextAsync(context, StatusCodes.Status404NotFound,
                    $"no component {id} runs: /api/v1/components lists all");
        });
    }

    public static void Write(Utf8JsonWriter json, ComponentState component)
    {
        json.WriteStartObject();
        json.WriteString("id", component.Id);
        json.WriteString("name", component.Name);
        json.WriteStartObject("health");
        json.WriteString("state", component.Health.State.ToString().ToLowerInvariant());
        json.WriteString("message", component.Health.Message);
        json.WriteString("since", component.Health.Since);
        json.WriteEndObject();
        json.WriteStartArray("references");
        foreach (var reference in component.References) json.WriteStringValue(reference);
        json.WriteEndArray();
        json.WritePropertyName("arguments");
        if (component.Options is null) json.WriteNullValue();
        else OptionJson.WriteOptions(json, component.Options);
        json.WritePropertyName("exports");
        if (component.Exports is null) json.WriteNullValue();
        else OptionJson.WriteExports(json, component.Exports);
        json.WritePropertyName("status");
        JsonSerializer.Serialize(json, component.Status, JsonText.Answers);
        json.WriteEndObject();
    }

    private static async Task AnswerAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        var options = new JsonWriterOptions { Encoder = JsonText.Encoder, Indented = true };
        using (var json = new Utf8JsonWriter(buffer, options)) write(json);
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }
}
