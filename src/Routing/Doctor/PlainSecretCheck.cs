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
            foreach (var secret in body.Secrets)
                if (IsPlain(secret.Value)) Report(secret.Name, secret.Value.Place, HintFor(secret.Name), findings);
            foreach (var header in Headers) ExamineHeaders(body, header, findings);
            if (body.AttributeOf("url") is { Value: LiteralSyntax { Value: StringValue url } } attribute
                && Uri.TryCreate(url.Text, UriKind.Absolute, out var address) && address.UserInfo.Contains(':'))
                Report("url", attribute.Value.Place, "use basic_auth { password = sys.env(\"NAME\") }", findings);
        }
    }

    private static void ExamineHeaders(BodyView body, string argument, Findings findings)
    {
        if (body.AttributeOf(argument)?.Value is not ObjectSyntax headers) return;
        foreach (var field in headers.Fields)
        {
            var isPlain = IsPlain(field.Value) || (field.Value is ArraySyntax list && list.Elements.Any(IsPlain));
            if (isPlain && SecretMask.IsSecretName(field.Name))
                Report(field.Name, field.Value.Place, "take it from the environment: sys.env(\"NAME\")", findings);
        }
    }

    private static bool IsPlain(ExpressionSyntax value) =>
        value is LiteralSyntax { Value: StringValue { Text.Length: > 0 } };

    private static string HintFor(string argument) => "take it from the environment, sys.env(\"NAME\")"
        + (WithFile.Contains(argument) ? $", or from a file, {argument}_file" : "");

    private static void Report(string name, SourcePlace place, string hint, Findings findings) => findings.Add(
        Code, place, $"\"{name}\" holds a credential in plain text: whoever reads the file has it", hint);
}
