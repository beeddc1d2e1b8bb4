using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Weir.Node.Admin;
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

    /// <summary>Answers the result of a query.</summary>
    /// <param name="type">streams, matrix or vector.</param>
    public static Task WriteResultAsync(HttpContext context, string type, Action<Utf8JsonWriter> elements) =>
        WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("resultType", type);
            json.WriteStartArray("result");
            elements(json);
            json.WriteEndArray();
            json.WriteStartObject("stats");
            json.WriteEndObject();
            json.WriteEndObject();
        });

    /// <summary>Writes entries of one stream as an element of a <c>streams</c> result.</summary>
    public static void WriteStream(Utf8JsonWriter json, IEnumerable<FoundEntry> entries)
    {
        json.WriteStartObject();
        var isFirst = true;
        foreach (var entry in entries)
        {
            if (isFirst)
            {
                WriteLabels(json, "stream", entry.Labels);
                json.WriteStartArray("values");
                isFirst = false;
            }

            json.WriteStartArray();
            json.WriteStringValue(entry.Timestamp.ToString(CultureInfo.InvariantCulture));
            json.WriteStringValue(entry.Line);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteLabels(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> labels)
    {
        json.WriteStartObject(name);
        foreach (var (label, value) in labels.OrderBy(label => label.Key, StringComparer.Ordinal))
            json.WriteString(label, value);
        json.WriteEndObject();
    }

    public static void WriteLabels(Utf8JsonWriter json, LabelSet labels)
    {
        json.WriteStartObject();
        foreach (var (name, value) in labels.Labels) json.WriteString(name, value);
        json.WriteEndObject();
    }

    /// <summary>Answers 400 and what is wrong with the request.</summary>
    public static Task RefuseAsync(HttpContext context, string reason) =>
        AdminServer.TextAsync(context, StatusCodes.Status400BadRequest, reason);

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
