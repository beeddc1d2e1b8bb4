using Weir.Routing.Language;

namespace Weir.Routing.Doctor;

/// <summary>Credentials that are written into the configuration itself.</summary>
internal sealed class PlainSecretCheck : IConfigurationCheck
{
    private const string Code = "plain-secret";

    private static readonly string[] WithFile = ["password", "bearer_token", "client_secret", "credentials"];

    private static readonly string[] Headers = ["headers", "http_headers"];

    public void Examine(ConfigurationView configuration, Findings findings)
    {
        foreach (var body in configuration.Bodies)
        {
            // What is sent as a request's body is hidden, but seldom a credential.
            foreach (var secret in body.Secrets.Where(attribute => attribute.Name != "body"))
                foreach (var value in ValuesOf(secret.Value).Where(IsPlain))
                    Report(secret.Name, value.Place, HintFor(secret.Name), findings);
            foreach (var header in Headers) ExamineHeaders(body, header, findings);
            if (body.AttributeOf("url") is { Value: LiteralSyntax { Value: StringValue url } } attribute
                && IsUrl(url.Text, out var hasPassword) && hasPassword)
                Report("url", attribute.Value.Place, "use basic_auth { password = sys.env(\"NAME\") }", findings);
        }
    }

    private static void ExamineHeaders(BodyView body, string argument, Findings findings)
    {
        if (body.AttributeOf(argument)?.Value is not ObjectSyntax headers) return;
        foreach (var field in headers.Fields)
        {
            if (ValuesOf(field.Value).Any(IsPlain) && SecretMask.IsSecretName(field.Name))
                Report(field.Name, field.Value.Place, "take it from the environment: sys.env(\"NAME\")", findings);
        }
    }

    private static IReadOnlyList<ExpressionSyntax> ValuesOf(ExpressionSyntax value) =>
        value is ArraySyntax list ? list.Elements : [value];

    // The address of a broker is a secret for the password that may stand in it.
    private static bool IsPlain(ExpressionSyntax value) =>
        value is LiteralSyntax { Value: StringValue { Text.Length: > 0 } text }
        && (!IsUrl(text.Text, out var hasPassword) || hasPassword);

    private static bool IsUrl(string text, out bool hasPassword)
    {
        hasPassword = false;
        if (!text.Contains("://", StringComparison.Ordinal)
            || !Uri.TryCreate(text, UriKind.Absolute, out var address)) return false;
        hasPassword = address.UserInfo.Contains(':');
        return true;
    }

    private static string HintFor(string argument) => "take it from the environment, sys.env(\"NAME\")"
        + (WithFile.Contains(argument) ? $", or from a file, {argument}_file" : "");

    private static void Report(string name, SourcePlace place, string hint, Findings findings) => findings.Add(
        Code, place, $"\"{name}\" holds a credential in plain text: whoever reads the file has it", hint);
}
