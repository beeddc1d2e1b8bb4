using Weir.Routing.Patterns;

namespace Weir.Routing.Secrets;

/// <summary>The secrets that are found without a rule file: tokens whose shape their issuers have made known, and what
/// stands where secrets stand.</summary>
internal static class BuiltInRules
{
    private const double RandomText = 3.0;
    private const double GenericText = 3.5;

    public static IReadOnlyList<SecretRule> All { get; } =
    [
        Rule("aws-access-token", @"\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b",
            ["akia", "asia", "abia", "acca"], RandomText),
        Rule("aws-secret-access-key",
            @"(?i)aws_?(?:secret)?_?(?:access)?_?key(?:_id)?['""\s]{0,3}[:=]{1,2}[>'""\s]{0,4}([a-z0-9/+]{40})\b",
            ["aws"], GenericText),
        Rule("github-token", @"\b(gh[pousr]_[A-Za-z0-9]{36,})\b", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], RandomText),
        Rule("github-fine-grained-token", @"\b(github_pat_[A-Za-z0-9_]{82})\b", ["github_pat_"], RandomText),
        Rule("gitlab-token", @"\b(gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat)-[A-Za-z0-9_.-]{20,})",
            ["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "glsoat-"], RandomText),
        Rule("slack-token", @"\b(xox[abeoprs]-[A-Za-z0-9-]{10,})", ["xox"]),
        Rule("slack-app-token", @"\b(xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{20,})", ["xapp-"]),
        Rule("slack-webhook", @"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{40,})",
            ["hooks.slack.com"]),
        Rule("stripe-key", @"\b((?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,})\b",
            ["_live_", "_test_", "_prod_"], RandomText),
        Rule("google-api-key", @"\b(AIza[A-Za-z0-9_-]{35})", ["aiza"], RandomText),
        Rule("google-client-secret", @"\b(GOCSPX-[A-Za-z0-9_-]{28})", ["gocspx-"]),
        Rule("openai-key", @"\b(sk-[A-Za-z0-9_-]*T3BlbkFJ[A-Za-z0-9_-]{20,})", ["t3blbkfj"]),
        Rule("anthropic-key", @"\b(sk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_-]{80,})", ["sk-ant-"]),
        Rule("huggingface-token", @"\b(hf_[A-Za-z]{34})\b", ["hf_"], RandomText),
        Rule("grafana-cloud-token", @"\b(glc_[A-Za-z0-9+/]{32,}={0,3})", ["glc_"], RandomText),
        Rule("grafana-service-account-token", @"\b(glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})\b", ["glsa_"]),
        Rule("grafana-api-key", @"\b(eyJrIjoi[A-Za-z0-9]{70,}={0,3})", ["eyjrijoi"]),
        Rule("jwt", @"\b(ey[A-Za-z0-9_-]{15,}\.ey[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{10,})", [".ey"]),
        Rule("private-key", @"-----BEGIN[ A-Z0-9_-]{0,50}PRIVATE KEY(?: BLOCK)?-----([\s\S]+?)(?:-----END|\z)",
            ["private key"]),
        Rule("npm-token", @"\b(npm_[A-Za-z0-9]{36})\b", ["npm_"], RandomText),
        Rule("pypi-token", @"\b(pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,})", ["pypi-ageichlwas5vcmc"]),
        Rule("docker-token", @"\b(dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,})", ["dckr_"]),
        Rule("sendgrid-key", @"\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})", ["sg."]),
        Rule("twilio-key", @"\b(SK[0-9a-f]{32})\b", ["sk"], RandomText),
        Rule("mailgun-key", @"\b(key-[0-9a-f]{32})\b", ["key-"], RandomText),
        Rule("telegram-token", @"\b(\d{8,10}:AA[A-Za-z0-9_-]{33})\b", [":aa"]),
        Rule("digitalocean-token", @"\b(do[opr]_v1_[a-f0-9]{64})\b", ["doo_v1_", "dop_v1_", "dor_v1_"]),
        Rule("vault-token", @"\b(hv[sbr]\.[A-Za-z0-9_-]{24,})", ["hvs.", "hvb.", "hvr."], RandomText),
        Rule("terraform-token", @"\b([A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,})", [".atlasv1."]),
        Rule("databricks-token", @"\b(dapi[a-f0-9]{32}(?:-\d)?)\b", ["dapi"], RandomText),
        Rule("shopify-token", @"\b(shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32})\b", ["shpat_", "shpca_", "shppa_", "shpss_"]),
        Rule("atlassian-token", @"\b(ATATT3[A-Za-z0-9_=-]{100,})", ["atatt3"]),
        Rule("azure-storage-key", @"(?i)AccountKey=([A-Za-z0-9+/]{86}==)", ["accountkey="]),
        Rule("azure-signature", @"[?&]sig=([A-Za-z0-9%]{40,})", ["sig="]),
        Rule("new-relic-key", @"\b(NRAK-[A-Z0-9]{27})\b", ["nrak-"]),
        Rule("linear-key", @"\b(lin_api_[A-Za-z0-9]{40})\b", ["lin_api_"]),
        Rule("age-key", @"\b(AGE-SECRET-KEY-1[0-9A-Z]{58})\b", ["age-secret-key-1"]),
        Rule("authorization-header",
            @"(?i)authorization['""\\]{0,3}\s*[:=]\s*['""\\]{0,3}(?:basic|bearer|token)\s+([A-Za-z0-9+/=._~-]{8,})",
            ["authorization"]),
        Rule("url-password", @"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'""]*:([^\s/@'""]{3,})@", ["://"]),
        Rule("generic-api-key",
            @"(?i)(?:api_?key|access_?key|secret|token|passw(?:or)?d|pwd|credential|auth)[\w.-]{0,20}['""\\\s]{0,3}"
            + @"(?:=|:|=>)['""\\\s]{0,4}([\w.=+/~-]{10,})",
            ["key", "secret", "token", "passw", "pwd", "credential", "auth"], GenericText,
            Exception("^[a-zA-Z_.-]+$"), Exception("^[0-9.-]+$")),
    ];

    private static SecretRule Rule(
        string id, string pattern, string[] keywords, double entropy = 0, params SecretException[] exceptions) =>
        new(id, GoRegex.Compile(pattern), 0, keywords, entropy, exceptions);

    // Words and numbers are no keys.
    private static SecretException Exception(string pattern) =>
        new(ExceptionTarget.Secret, [GoRegex.Compile(pattern)], [], false);
}
