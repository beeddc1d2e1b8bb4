using System.Buffers;
using System.Text;
using Weir.Routing.Templates;

namespace Weir.Routing.Tests.Templates;

/// <summary>Functions of Sprig, each with what it gives in Go.</summary>
public sealed class SprigFunctionTests
{
    // Template => result, which may stand on the next line; \\n stands for a line break in both.
    private const string Table = """
        {{ $m := fromJson `{"a":{"b":[1,"x",null]},"n":1.5e3}` }}{{ index $m.a.b 1 }} {{ $m.n }} => x 1500
        {{ toJson (dict "b" (list 1 2.5 "<") "a" .nil) }} => {"a":null,"b":[1,2.5,"\u003c"]}
        {{ toRawJson (list "<&>" 0.1 true) }} => ["<&>",0.1,true]
        {{ toPrettyJson (dict "a" (list 1)) }} => {\n  "a": [\n    1\n  ]\n}
        {{ toPrettyJson (list) }}{{ toJson (dict) }} => []{}
        {{ fromJson "{" }} {{ fromJson `{"t":1700000000123}` | toJson }} => <no value> {"t":1700000000123}
        {{ with fromJson .json }}{{ .user.id | int }}{{ end }} => 7
        {{ append .list "d" }}{{ push .list 1 }}{{ prepend .list 0 }} => [a b c d][a b c 1][0 a b c]
        {{ concat .list (list 1) }}{{ tuple 1 2 }}{{ toStrings (list 1 .t) }} => [a b c 1][1 2][1 true]
        {{ initial .list }}{{ reverse .list }}{{ without .list "b" "x" }} => [a b][c b a][a c]
        {{ uniq (list 1 1 2) }}{{ compact (list 0 1 "" .nil) }}{{ sortAlpha (list "b" 2 "a") }} => [1 2][1][2 a b]
        {{ chunk 2 .list }} {{ until 3 }}{{ untilStep 5 0 -2 }}{{ until -2 }} => [[a b] [c]] [0 1 2][5 3 1][0 -1]
        {{ untilStep 0 5 0 }} {{ all 1 .t }}{{ any 0 .empty }} {{ range until 2 }}{{ . }}{{ end }} => [] truefalse 01
        {{ $m := dict "a" 1 "b" 2 }}{{ keys $m }}{{ values $m }}{{ pick $m "a" }} => [a b][1 2]map[a:1]
        {{ omit (dict "a" 1 "b" 2) "a" }}{{ pluck "a" (dict "a" 1) (dict) }} => map[b:2][1]
        {{ $m := dict "a" 1 }}{{ set $m "b" $m }}{{ unset $m "a" }} => map[a:1 b:map[a:1]]map[b:map[a:1]]
        {{ merge (dict "a" 1) (dict "a" 2 "b" 3) }} => map[a:1 b:3]
        {{ mergeOverwrite (dict "a" 1) (dict "a" 2) }}{{ deepCopy (dict "a" 1) }} => map[a:2]map[a:1]
        {{ dig "a" "b" "none" (dict "a" (dict "b" 1)) }}{{ dig "x" "none" (dict) }} => 1none
        {{ kindIs "string" .level }} {{ typeOf .list }} {{ typeIs "int" .n }} => true []interface {} true
        {{ typeIsLike "*int" .n }} {{ deepEqual .list (list "a" "b" "c") }} {{ deepEqual 1 "1" }} => true true false
        {{ snakecase "HTTPServer2Name" }} {{ kebabcase "first name" }} => http_server2_name first-name
        {{ camelcase "http_server" }}{{ initials "Ada Byron" }}{{ swapcase "aB" }} => HttpServerABAb
        {{ abbrev 8 .Value }}|{{ abbrev 3 .Value }}|{{ untitle .Value }} => Hello...|Hello World|hello world
        {{ plural "one" "many" 2 }} {{ plural "one" "many" 1 }} {{ trimall "$" "$5$" }} => many one 5
        {{ biggest 1 3 2 }} {{ maxf 1 2.5 }} {{ minf 1 .5 }} {{ add1f 1.5 }} => 3 2.5 0.5 2.5
        {{ base "/a/b.log" }} {{ dir "/a/b.log" }} {{ ext "/a/b.log" }} {{ osBase "a/" }} => b.log /a .log a
        {{ base "" }} {{ base "/" }} {{ dir "a" }} {{ dir "/a" }} {{ ext "a.b/c" }} {{ isAbs "/a" }} => . / . /  true
        {{ regexFindAll "[0-9]+" "a1b22c333" -1 }}{{ regexFindAll "[0-9]" "123" 2 }} => [1 22 333][1 2]
        {{ regexSplit "," "a,b,c" -1 }}{{ regexSplit "," "a,b,c" 2 }}{{ regexSplit "," "a" 0 }} => [a b c][a b,c][]
        {{ regexSplit "x" "" -1 }}{{ len (regexSplit "," "a," -1) }}{{ regexQuoteMeta "a.b" }} => []2a\.b
        {{ "x" | sha512sum | trunc 8 }} => a4abd444
        {{ toJson (pick . "empty" "n" "list") }} {{ keys . }}
          => {"empty":"","list":["a","b","c"],"n":3} [Value empty json level list n nil t]
        {{ range $k, $v := . }}{{ $k }} {{ end }}{{ len . }} {{ hasKey $ "n" }}
          => Value empty json level list n nil t 8 true
        {{ $_ := set . "added" 1 }}{{ .added }}{{ with .n }}{{ len $ }}{{ end }} {{ pick . "n" "t" }}
          => 19 map[n:3 t:true]
        {{ dig "none" "x" . }} {{ get . "n" }} {{ index $ "level" }} {{ pluck "n" . }} => x 3 ERROR [3]
        {{ merge (dict "n" 1) (omit $ "list" "json" "Value") }} => map[empty: level:ERROR n:1 nil:<no value> t:true]
        {{ wrap 5 "Hello World and so on" }}|{{ wrap 3 "abcdefgh ij" }} => Hello\nWorld\nand\nso on|abcdefgh\nij
        {{ wrapWith 5 "\\t" "Hello World" }}|{{ wrapWith 2 "-" "abcde" }}|{{ wrap 0 "a b" }}
          => Hello\tWorld|ab-cd-e|a\nb
        {{ abbrevboth 5 10 "1234 5678 9123" }} {{ abbrevboth 0 8 .Value }} {{ abbrevboth 9 9 .Value }}
          => ...5678... Hello... ... World
        {{ seq 5 }}|{{ seq -3 }}|{{ seq 0 2 }}|{{ seq 2 -2 }} => 1 2 3 4 5|1 0 -1 -2 -3|0 1 2|2 1 0 -1 -2
        {{ seq 0 2 10 }}|{{ seq 0 -2 -5 }}|{{ seq 5 1 0 }}|{{ seq }} => 0 2 4 6 8 10|0 -2 -4||
        {{ (splitn "$" 2 "foo$bar$baz")._1 }} {{ splitn "," 0 "a" }}{{ splitList "" "aé" }} => bar$baz map[][a é]
        {{ clean "/a//b/./../c/" }} {{ clean "" }} {{ osClean "../a/.." }} {{ clean "/.." }} {{ dir "a//b" }}
          => /a/c . .. / a
        {{ title "hELLO it's foo-bar_baz" }} |{{ seq 1 2 3 4 }}| => HELLO It'S Foo-Bar_baz ||
        {{ subf 7.5 2 3 }} {{ mulf 1.5 2 2 }} {{ divf 10 2 4 }} {{ subf 1 }} => 2.5 6 1.25 1
        {{ round 123.555555 3 }} {{ round 123.555555 3 1 }} {{ round 1.26 1 .7 }} {{ round 15 -1 }}
          => 123.556 123.555 1.2 20
        {{ toDecimal "0777" }} {{ toDecimal "9" }} {{ toDecimal 17 }} {{ toDecimal "-10" }} => 511 0 15 -8
        {{ adler32sum "Hello World!" }} {{ adler32sum "" }} {{ hello }} => 474547262 1 Hello!
        {{ b32enc "foobar" }} {{ b32enc "a" }} {{ b32dec "MZXW6YTBOI======" }} {{ b32dec "M1" }}
          => MZXW6YTBOI====== ME====== foobar illegal base32 data at input byte 1
        {{ js "<a href='x'>\\n\"&=" }} => \\u003Ca href\\u003D\\'x\\'\\u003E\\u000A\\"\\u0026\\u003D
        {{ mustFirst .list }}{{ mustHas "a" .list }}{{ mustRegexMatch "^H" .Value }}{{ mustChunk 2 .list }}
          => atruetrue[[a b] [c]]
        """;

    private static readonly Dictionary<string, object?> Values = new()
    {
        ["Value"] = "Hello World", ["level"] = "ERROR", ["empty"] = "", ["n"] = 3L, ["t"] = true, ["nil"] = null,
        ["list"] = new List<object?> { "a", "b", "c" }, ["json"] = """{"user":{"id":7}}""",
    };

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var line in Table.Replace("\n  => ", " => ", StringComparison.Ordinal).Split('\n'))
        {
            var parts = line.Replace("\\\\", "\0", StringComparison.Ordinal)
                .Replace("\\n", "\n", StringComparison.Ordinal)
                .Replace("\\t", "\t", StringComparison.Ordinal).Replace('\0', '\\').Split(" => ");
            cases.Add(parts[0], parts[1]);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_gives_what_it_gives_in_Go(string text, string expected)
    {
        Assert.True(GoTemplate.TryCompile(text, out var template, out var error), error);

        var isWritten = TryExecute(template, out var written, out error);

        Assert.True(isWritten, error);
        Assert.Equal(expected, written);
    }

    [Theory]
    [InlineData("{{ $m := dict }}{{ range until 60 }}{{ $m = set $m \"a\" (list $m $m) }}{{ end }}")]
    [InlineData("{{ until 1000000000 }}")]
    [InlineData("{{ untilStep 0 9223372036854775807 1 }}")]
    [InlineData("{{ $l := list 1 }}{{ range until 40 }}{{ $l = list $l $l }}{{ end }}{{ toJson $l }}")]
    [InlineData("{{ $l := list 1 }}{{ range until 40 }}{{ $l = list $l $l }}{{ end }}{{ $l }}")]
    [InlineData("{{ $l := list }}{{ range until 20000 }}{{ $l = list $l }}{{ end }}{{ print $l }}")]
    [InlineData("{{ $l := list }}{{ range until 20000 }}{{ $l = list $l }}{{ end }}{{ deepEqual $l $l }}")]
    [InlineData("{{ $l := list }}{{ range until 20000 }}{{ $l = list $l }}{{ end }}{{ deepCopy $l }}")]
    [InlineData("{{ fail \"no\" }}")]
    [InlineData("{{ keys .level }}")]
    [InlineData("{{ mustFromJson \"{\" }}")]
    public void What_has_no_result_or_would_never_end_is_an_error(string text)
    {
        Assert.True(GoTemplate.TryCompile(text, out var template, out var refused), refused);

        var isWritten = TryExecute(template, out _, out var error);

        Assert.False(isWritten);
        Assert.NotEmpty(error);
    }

    private static bool TryExecute(GoTemplate template, out string written, out string error)
    {
        var target = new ArrayBufferWriter<byte>();
        var isWritten = template.TryExecute(new Data(), Surroundings.At(), target, out error);
        written = Encoding.UTF8.GetString(target.WrittenSpan);
        return isWritten;
    }

    private sealed class Data : ITemplateData
    {
        public bool TryGet(string name, out object? value) => Values.TryGetValue(name, out value);

        public SortedDictionary<string, object?> All() => new(Values, StringComparer.Ordinal);
    }
}
