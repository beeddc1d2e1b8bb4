using System.Buffers;
using System.Text;
using Weir.Routing.Templates;

namespace Weir.Routing.Tests.Templates;

public sealed class GoTemplateTests
{
    private static readonly Dictionary<string, object?> Values = new()
    {
        ["Value"] = "Hello World", ["level"] = "ERROR", ["empty"] = "", ["n"] = 3L, ["f"] = 1.5, ["big"] = 1234567.0,
        ["t"] = true, ["nil"] = null, ["é"] = "ü", ["list"] = new List<object?> { "a", "b", "c" },
    };

    [Theory]
    // Actions, trimming, comments.
    [InlineData("plain }} text", "plain }} text")]
    [InlineData("{{ .Value }}!", "Hello World!")]
    [InlineData("a {{- .n -}} b", "a3b")]
    [InlineData("a {{- /* gone */ -}} b", "ab")]
    [InlineData("{{/* gone */}}x", "x")]
    [InlineData("{{ .nope }}|{{ .nil }}", "<no value>|<no value>")]
    [InlineData("{{ .é }}", "ü")]
    [InlineData("{{ \"}}\" }}", "}}")]
    [InlineData("{{ .f }} {{ .big }} {{ .t }} {{ .n }}", "1.5 1.234567e+06 true 3")]
    [InlineData("{{ .list }}", "[a b c]")]
    [InlineData("{{ 0x1F }} {{ 1e3 }} {{ -2 }} {{ 'a' }} {{ 1_000 }}", "31 1000 -2 97 1000")]
    [InlineData("{{ `raw\\n` }}{{ \"\\t\\u00e9\\\"\" }}", "raw\\n\té\"")]
    // Pipelines and variables.
    [InlineData("{{ .Value | ToLower | printf \"%s-%s\" \"x\" }}", "x-hello world")]
    [InlineData("{{ ToUpper (Replace .Value \"o\" \"0\" 1) }}", "HELL0 WORLD")]
    [InlineData("{{ $x := .n }}{{ $x }}{{ $x = 5 }}{{ $x }}", "35")]
    [InlineData("{{ $.Value }} {{ with .level }}{{ . }} {{ $.n }}{{ end }}", "Hello World ERROR 3")]
    [InlineData("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21")]
    // Blocks.
    [InlineData("{{ if eq .level \"ERROR\" \"WARN\" }}bad{{ else }}good{{ end }}", "bad")]
    [InlineData("{{ if .empty }}a{{ else if .nope }}b{{ else if .t }}c{{ else }}d{{ end }}", "c")]
    [InlineData("{{ with .empty }}a{{ else }}b{{ end }}", "b")]
    [InlineData("{{ range .list }}<{{ . }}>{{ end }}", "<a><b><c>")]
    [InlineData("{{ range $i, $e := .list }}{{ $i }}{{ $e }}{{ end }}", "0a1b2c")]
    [InlineData("{{ range .list }}{{ if eq . \"b\" }}{{ continue }}{{ end }}{{ . }}{{ end }}", "ac")]
    [InlineData("{{ range .list }}{{ if eq . \"b\" }}{{ break }}{{ end }}{{ . }}{{ end }}", "a")]
    [InlineData("{{ range .nil }}a{{ else }}none{{ end }}", "none")]
    [InlineData("{{ range 3 }}{{ . }}{{ end }}", "012")]
    [InlineData("{{ range $k, $v := dict \"b\" 2 \"a\" 1 }}{{ $k }}={{ $v }};{{ end }}", "a=1;b=2;")]
    // Go's functions.
    [InlineData("{{ and .t .level }} {{ or .empty .n }} {{ not .empty }}", "ERROR 3 true")]
    [InlineData("{{ and .empty (index .list 9) }}", "")]
    [InlineData("{{ lt 1 2 }}{{ le 2 2 }}{{ gt 1 2 }}{{ ge 1 2 }}{{ ne 1 2 }}", "truetruefalsefalsetrue")]
    [InlineData("{{ eq .nope \"a\" }}{{ ne .nope \"a\" }}", "falsetrue")]
    [InlineData("{{ len .Value }} {{ len .list }} {{ len \"é\" }}", "11 3 2")]
    [InlineData("{{ index .list 1 }} {{ slice .Value 1 3 }} {{ index .Value 0 }}", "b el 72")]
    [InlineData("{{ print 1 2 \"a\" \"b\" 3 }}", "1 2ab3")]
    [InlineData("{{ html \"<a&'\\\"é>\" }} {{ urlquery \"a b&\" }}", "&lt;a&amp;&#39;&#34;é&gt; a+b%26")]
    [InlineData("{{ printf \"%d|%5d|%-5d|%05d|%x|%+d\" 42 42 42 42 255 1 }}", "42|   42|42   |00042|ff|+1")]
    [InlineData("{{ printf \"%.2f|%8.3f|%e|%v\" 1.005 3.14159 12345.678 .f }}", "1.00|   3.142|1.234568e+04|1.5")]
    [InlineData("{{ printf \"%q %s %5s|%-5s|%.2s %t %% %c\" \"a\\n\" \"b\" \"c\" \"d\" \"éfg\" true 233 }}",
        "\"a\\n\" b     c|d    |éf true % é")]
    [InlineData("{{ printf \"%d\" \"a\" }} {{ printf \"%s\" }} {{ printf \"a\" 1 }}",
        "%!d(string=a) %!s(MISSING) a%!(EXTRA int=1)")]
    // Promtail's functions.
    [InlineData("{{ TrimPrefix .Value \"Hello\" | TrimSpace }}", "World")]
    [InlineData(
        "{{ Trim \"xxaxx\" \"x\" }}{{ TrimLeft \"xa\" \"x\" }}"
            + "{{ TrimRight \"ax\" \"x\" }}{{ TrimSuffix \"ab\" \"b\" }}",
        "aaaa")]
    [InlineData("{{ Hash \"\" \"\" }}", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a")]
    [InlineData("{{ Hash \"a\" \"bc\" }}", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]
    [InlineData("{{ Sha2Hash \"a\" \"bc\" }}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("{{ regexReplaceAll \"(l+)(o?)\" .Value \"[$1]\" }}", "He[ll] Wor[l]d")]
    [InlineData("{{ regexReplaceAllLiteral \"l\" .Value \"$1\" }}", "He$1$1o Wor$1d")]
    // Sprig's functions.
    [InlineData("{{ upper \"a\" }}{{ lower \"B\" }} {{ title \"hello world\" }} {{ trim \" a \" }}",
        "Ab Hello World a")]
    [InlineData("{{ replace \"l\" \"L\" .Value }} {{ contains \"World\" .Value }}", "HeLLo WorLd true")]
    [InlineData("{{ hasPrefix \"He\" .Value }}{{ hasSuffix \"He\" .Value }}", "truefalse")]
    [InlineData("{{ default \"x\" .empty }}{{ default \"x\" .nope }}{{ .level | default \"x\" }}", "xxERROR")]
    [InlineData("{{ coalesce .empty .nope .n }} {{ ternary \"a\" \"b\" true }} {{ empty .empty }}", "3 a true")]
    [InlineData("{{ quote \"a\" }} {{ squote \"a\" }} {{ cat \"a\" 1 }}", "\"a\" 'a' a 1")]
    [InlineData("{{ substr 0 5 .Value }} {{ trunc 3 .Value }} {{ trunc -3 .Value }}", "Hello Hel rld")]
    [InlineData("{{ splitList \",\" \"a,b\" | join \"-\" }} {{ (split \",\" \"a,b\")._1 }}", "a-b b")]
    [InlineData("{{ first .list }}{{ last .list }}{{ rest .list }}{{ has \"a\" .list }}", "ac[b c]true")]
    [InlineData("{{ add 1 \"2\" 3 }} {{ sub 5 2 }} {{ mul 2 3 }} {{ div 7 2 }} {{ mod 7 2 }} {{ max 1 5 2 }}",
        "6 3 6 3 1 5")]
    [InlineData("{{ atoi \"12\" }} {{ int \"1.9\" }} {{ float64 \"1.5\" }} {{ round 1.255 2 }}", "12 1 1.5 1.25")]
    [InlineData("{{ b64enc \"hi\" }} {{ b64dec \"aGk=\" }} {{ sha256sum \"\" | trunc 8 }}", "aGk= hi e3b0c442")]
    [InlineData("{{ repeat 3 \"ab\" }} {{ nospace \"a b\" }} {{ indent 2 \"a\\nb\" }}", "ababab ab   a\n  b")]
    [InlineData("{{ regexMatch \"^H\" .Value }} {{ regexFind \"W.r\" .Value }}", "true Wor")]
    public void Writes_what_Go_writes(string text, string expected)
    {
        Assert.True(GoTemplate.TryCompile(text, out var template, out var error), error);

        var isWritten = TryExecute(template, out var written, out error);

        Assert.True(isWritten, error);
        Assert.Equal(expected, written);
    }

    [Theory]
    [InlineData("{{ .a", "unclosed action")]
    [InlineData("{{ nope .a }}", "function \"nope\" not defined")]
    [InlineData("{{ if .a }}", "{{if}} without {{end}}")]
    [InlineData("{{ end }}", "unexpected {{end}}")]
    [InlineData("{{ else }}", "unexpected {{else}}")]
    [InlineData("{{ $x }}", "undefined variable \"$x\"")]
    [InlineData("{{ break }}", "{{break}} outside {{range}}")]
    [InlineData("{{ ToLower }}", "wrong number of args for ToLower: want 1 got 0")]
    [InlineData("{{ .a .b }}", "can't give argument \"b\" to what is no function")]
    [InlineData("{{ .a | .b }}", "only a function can take what is piped into it")]
    [InlineData("{{ (.a }}", "unclosed left paren")]
    [InlineData("{{ }}", "missing value for command")]
    [InlineData("{{ \"a }}", "unclosed action")]
    [InlineData("{{ template \"x\" }}", "{{template}} is not supported")]
    [InlineData("{{ 1x }}", "bad number syntax: \"1x\"")]
    public void Refuses_what_is_no_template(string text, string expected)
    {
        var isCompiled = GoTemplate.TryCompile(text, out _, out var error);

        Assert.False(isCompiled);
        Assert.StartsWith("template: " + expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ ToLower .nope }}", "error calling ToLower: argument 1 is nil; expected string")]
    [InlineData("{{ .Value.x }}", "can't evaluate field x in a string")]
    [InlineData("{{ index .list 5 }}", "index out of range: 5")]
    [InlineData("{{ eq 1 \"a\" }}", "incompatible types for comparison")]
    [InlineData("{{ regexMatch \"(\" .Value }}", "missing closing )")]
    [InlineData("{{ div 1 0 }}", "divide by zero")]
    [InlineData("{{ range 1000000 }}{{ end }}", "steps")]
    [InlineData("{{ repeat 999999999 \"aaaa\" }}", "characters")]
    [InlineData("{{ range 100 }}{{ range 900 }}{{ $.Value }}{{ repeat 50 $.Value }}{{ end }}{{ end }}", "makes more")]
    public void Fails_without_writing_anything(string text, string expected)
    {
        Assert.True(GoTemplate.TryCompile(text, out var template, out var refused), refused);

        var isWritten = TryExecute(template, out var written, out var error);

        Assert.False(isWritten);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Empty(written);
    }

    [Fact]
    public void Names_the_fields_it_may_read()
    {
        Assert.True(GoTemplate.TryCompile("{{ .b }}{{ if $.a }}{{ .c.d | default .b }}{{ end }}", out var template,
            out _));

        Assert.Equal(["a", "b", "c"], template.Fields);
    }

    [Theory]
    [InlineData("{{ .Value }}{{ .nope.x }}{{ $.n }}", false)]
    [InlineData("{{ index . \"Value\" }}{{ get $ \"n\" }}{{ hasKey . \"n\" }}", false)]
    [InlineData("{{ range .list }}{{ . }}{{ end }}{{ with .n }}{{ . }}{{ else }}none{{ end }}", false)]
    [InlineData("{{ range $k, $v := . }}{{ $k }}{{ end }}", true)]
    [InlineData("{{ with .n }}{{ toJson $ }}{{ end }}", true)]
    [InlineData("{{ with .empty }}a{{ else }}{{ keys . }}{{ end }}", true)]
    [InlineData("{{ index (keys .) 0 }}{{ index . .level }}", true)]
    public void All_names_are_asked_for_only_where_the_dot_itself_is_used(string text, bool expected)
    {
        var data = new Data();
        Assert.True(GoTemplate.TryCompile(text, out var template, out var refused), refused);

        template.TryExecute(data, Surroundings.At(), new ArrayBufferWriter<byte>(), out _);

        Assert.Equal(expected, data.IsAskedForAll);
    }

    [Fact]
    public void No_template_breaks_it() => Fuzz.Run(4000, random =>
    {
        string[] pieces =
        [
            "{{", "}}", " ", "{{ .Value }}", "{{ if .n }}", "{{ else }}", "{{ end }}", "{{ range .list }}", "{{-",
                "-}}", "|",
            ".n", "$x", ":=", "(", ")", "\"a\"", "`b`", "printf \"%5.2f %q %x\"", "ToUpper", "index", "slice",
                "substr", "repeat",
            "1", "-9999", "99999999999", "1.5", "splitList", ".list", "trunc", "'", "round", "é", "{{/*", "*/}}",
                "mod", "eq",
        ];
        if (!GoTemplate.TryCompile(Fuzz.Text(random, pieces, 14), out var template, out var error))
        {
            Assert.StartsWith("template: ", error, StringComparison.Ordinal);
            return;
        }

        if (!TryExecute(template, out _, out error)) Assert.StartsWith("template: ", error, StringComparison.Ordinal);
    });

    [Fact]
    public void Any_arguments_are_taken_or_refused() => Fuzz.Run(6000, random =>
    {
        string[] functions =
        [
            "substr", "trunc", "repeat", "indent", "slice", "index", "printf", "round", "div", "mod", "join", "split",
                "Replace",
            "replace", "trimAll", "regexFind", "default", "ternary", "atoi", "max", "quote", "b64dec", "len", "lt",
                "has", "get", "toJson", "fromJson", "until", "untilStep", "set", "chunk", "dig", "regexSplit", "append",
            "regexFindAll", "abbrev", "without", "merge", "keys", "sortAlpha", "camelcase", "snakecase", "dir", "base",
            "ext", "biggest", "maxf", "pluck", "omit", "concat", "uniq", "deepCopy", "deepEqual", "initials", "trimall",
            "date", "dateInZone", "dateModify", "mustDateModify", "toDate", "mustToDate", "unixEpoch", "ago",
            "duration", "durationRound", "htmlDateInZone", "randAlphaNum", "randAscii", "randInt", "randBytes",
            "shuffle", "b32enc", "b32dec", "adler32sum", "urlParse", "urlJoin", "semver", "semverCompare", "wrap",
            "wrapWith", "seq", "splitn", "abbrevboth", "clean", "toDecimal", "js", "call", "expandenv", "encryptAES",
            "decryptAES", "mustSlice", "mustChunk", "toJson", "now.AddDate", "now.Format",
            "(semver \"1.2.3-a\").Compare",
        ];
        string[] arguments =
        [
            "1", "-1", "9223372036854775807", "-9223372036854775808", "\"\"", "\"%d%s\"", ".list", ".nil", ".f",
            ".Value", "1e300", "now", ".", "$", "(toDate \"15:04\" \"10:00\")",
            "(dict \"path\" \"//\" \"host\" \"é\")",
            "\"-9999999h\"", "\"http://[::1%25e]:8/%2\"", "\"^1.x || ~2, != v3.0.0-a.1\"", "\"$a${b}${\"",
            "(semver \"1.2.3-alpha.1+5\")", "\"2006-01-02T15:04:05.999Z07:00 __2 MST\"", "\"MFRGG===\"",
            "\"Pacific/Kiritimati\"", "(toDate \"2006 -0700\" \"0001 +2459\")",
            "(toDate \"2006 -0700\" \"0000 -2459\")",
            "(toDate \"20060102 -0700\" \"99991229 -2459\")",
        ];
        var text = "{{ " + functions[random.Next(functions.Length)] + " "
            + string.Join(' ', Enumerable.Range(0, random.Next(5)).Select(_ =>
                arguments[random.Next(arguments.Length)])) + " }}";
        if (!GoTemplate.TryCompile(text, out var template, out _)) return;

        if (!TryExecute(template, out _, out var error)) Assert.StartsWith("template: ", error,
            StringComparison.Ordinal);
    });

    private static bool TryExecute(GoTemplate template, out string written, out string error)
    {
        var target = new ArrayBufferWriter<byte>();
        var isWritten = template.TryExecute(new Data(), Surroundings.At(), target, out error);
        written = Encoding.UTF8.GetString(target.WrittenSpan);
        return isWritten;
    }

    private sealed class Data : ITemplateData
    {
        public bool IsAskedForAll { get; private set; }

        public bool TryGet(string name, out object? value) => Values.TryGetValue(name, out value);

        public SortedDictionary<string, object?> All()
        {
            IsAskedForAll = true;
            return new SortedDictionary<string, object?>(Values, StringComparer.Ordinal);
        }
    }
}
