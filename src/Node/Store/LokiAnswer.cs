using System.Buffers;
using System.Text.Json;
using Weir.Node.Logging;
using Weir.Protocol.Batches;

namespace Weir.Node.Store;

/// <summary>The shape of Loki's answers.</summary>
internal static class LokiAnswer
{
    /// <summary>Answers <c>{"status":"success","data":…}</c>.</summary>
    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> data)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WritePropertyName("data");
            data(json);
            json.WriteEndObject();
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    public static void WriteLabels(Utf8JsonWriter json, LabelSet labels)
    {
        json.WriteStartObject();
        foreach (var (name, value) in labels.Labels) json.WriteString(name, value);
        json.WriteEndObject();
    }

    /// <summary>All values of a parameter, from the URL and from a posted form.</summary>
    public static async Task<IReadOnlyList<string>> ParametersAsync(HttpContext context, params string[] names)
    {
        var values = new List<string>();
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : null;
        foreach (var name in names)
        {
            values.AddRange(context.Request.Query[name].OfType<string>());
            if (form is not null) values.AddRange(form[name].OfType<string>());
        }

        return values;
    }
}
