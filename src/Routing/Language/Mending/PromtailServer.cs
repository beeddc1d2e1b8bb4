namespace Weir.Routing.Language;

/// <summary>What a <c>server</c> block asks for, as the flag that does it.</summary>
internal static class PromtailServer
{
    public static string HintFor(BlockSyntax server)
    {
        var (address, port) = ("", "");
        foreach (var (name, value) in TextsIn(server.Body))
        {
            if (name is "http_listen_address" or "listen_address") address = value;
            else if (name is "http_listen_port" or "listen_port") port = value;
        }

        if (port.Length == 0) return "remove it; the flag --server.http.listen-addr says where weir listens";
        return $"remove it; start weir with --server.http.listen-addr={(address.Length == 0 ? "0.0.0.0" : address)}"
            + $":{port}";
    }

    // Of blocks, only http: grpc has the same names for another listener.
    private static IEnumerable<(string Name, string Value)> TextsIn(BodySyntax body)
    {
        foreach (var attribute in body.Attributes)
        {
            if (attribute.Value is not LiteralSyntax literal) continue;
            if (literal.Value is StringValue text) yield return (attribute.Name, text.Text);
            else if (literal.Value is NumberValue number) yield return (attribute.Name, number.ToText());
        }

        foreach (var block in body.Blocks)
            if (block.Name == "http")
                foreach (var inner in TextsIn(block.Body)) yield return inner;
    }
}
