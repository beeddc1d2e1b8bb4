using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Weir.Routing.Templates;

namespace Weir.Routing.Tests.Templates;

/// <summary>Functions of Sprig that look beyond the data, at 2023-11-14 22:13:20.5 UTC; versions and
/// addresses.</summary>
public sealed class SprigTimeAndChanceTests
{
    // Template => result, which may stand on the next line; \\n stands for a line break in both.
    private const string Table = """
        {{ now }} {{ now | unixEpoch }} => 2023-11-14 22:13:20.5 +0000 UTC 1700000000
        {{ now | date "2006-01-02 15:04:05.000" }} {{ date "Jan _2 3PM" 0 }} => 2023-11-14 22:13:20.500 Jan  1 12AM
        {{ date "2006" "no date" }} {{ date "RFC3339" now }} => 2023 RFC1010109
        {{ dateInZone "15:04 -0700" now "Europe/Berlin" }} {{ date_in_zone "15:04" now "no/zone" }}
          => 23:13 +0100 22:13
        {{ dateInZone "15:04" now "../../etc/passwd" }} {{ dateInZone "15:04" 0 "" }} => 22:13 00:00
        {{ htmlDate now }} {{ htmlDateInZone now "Asia/Tokyo" }} => 2023-11-14 2023-11-15
        {{ now | dateModify "-1.5h" | date "15:04" }} {{ now | date_modify "x" | date "15:04" }} => 20:43 22:13
        {{ now | mustDateModify "600ms" | date "05.000" }} {{ now | dateModify "-600ms" | date "05.0" }}
          => 21.100 19.9
        {{ toDate "2006-01-02" "2017-12-31" | date "02/01/2006" }} {{ toDate "2006" "x" }}
          => 31/12/2017 0001-01-01 00:00:00 +0000 UTC
        {{ mustToDate "Jan _2 15:04" "Feb  3 04:05" | date "02.01. 15:04 2006" }} => 03.02. 04:05 0000
        {{ (toDate "2006-01-02T15:04:05Z07:00" "2024-02-29T01:00:00+05:30").UTC }} => 2024-02-28 19:30:00 +0000 UTC
        {{ now.Year }} {{ now.Month }} {{ (now).Weekday }} {{ now.YearDay }} {{ now.UnixMilli }}
          => 2023 November Tuesday 318 1700000000500
        {{ now.Format "2006" }} {{ $t := now }}{{ $t.Format "15h" }} {{ "05" | now.Format }} => 2023 22h 20
        {{ with now }}{{ .Format "04" }} {{ .Unix }}{{ end }} => 13 1700000000
        {{ (now.AddDate 0 1 17).Format "2006-01-02" }} {{ (now.AddDate -1 -11 0).Format "Jan 2006" }}
          => 2023-12-31 Dec 2021
        {{ now.After (now | dateModify "-1s") }} {{ now.Before now }} {{ (toDate "2006" "").IsZero }}
          => true false true
        {{ toJson now }} {{ typeOf now }} {{ kindOf now }} {{ printf "%s" now }}
          => "2023-11-14T22:13:20.5Z" time.Time struct 2023-11-14 22:13:20.5 +0000 UTC
        {{ ago (now | dateModify "-2h34m7s") }} {{ ago 1700000000 }} {{ ago "x" }} => 2h34m7s 1s 0s
        {{ duration "95" }} {{ duration 3600 }} {{ duration "x" }} {{ duration "-90" }} => 1m35s 1h0m0s 0s -1m30s
        {{ durationRound "2h10m5s" }} {{ durationRound "2400h10m5s" }} {{ durationRound "x" }} => 2h 3mo 0s
        {{ durationRound (now | dateModify "-49h") }} {{ durationRound "9000h" }} {{ durationRound "61s" }}
          => 2d 1y 1m
        {{ env "HOSTNAME" }}|{{ env "NONE" }}|{{ expandenv "a $HOSTNAME ${HOSTNAME}s $NONE$ ${" }}
          => box||a box boxs $ 
        {{ len (randAlphaNum 20) }} {{ len (randAlpha 3) }} {{ randNumeric -1 }}{{ len (randAscii 7) }} => 20 3 7
        {{ randInt 5 6 }} {{ len (b64dec (randBytes 9) | b32enc) | lt 0 }} {{ len (shuffle "äbc") }} => 5 true 4
        {{ regexMatch "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" uuidv4 }} => true
        {{ $v := semver "v1.2.3-alpha.1+5" }}{{ $v }} {{ $v.Major }}{{ $v.Minor }}{{ $v.Patch }}
          => 1.2.3-alpha.1+5 123
        {{ (semver "1.2-a").Prerelease }} {{ (semver "1+b").Metadata }} {{ (semver "v1").Original }} => a b v1
        {{ semver "1.4.3" | (semver "1.2.3").Compare }} {{ (semver "1.0.0").GreaterThan (semver "1.0.0-rc.1") }}
          => -1 true
        {{ (semver "1.0.0-a.2").Compare (semver "1.0.0-a.10") }} {{ (semver "1.0.0-1").LessThan (semver "1.0.0-a") }}
          => -1 true
        {{ semverCompare "1.2.3" "1.2.3" }}{{ semverCompare "^1.2.0" "1.3.0" }}{{ semverCompare "^1.2.0" "2.0.0" }}
          => truetruefalse
        {{ semverCompare ">= 1.2, < 3.0.0 || >= 4.2.3" "3.5.0" }}{{ semverCompare ">=1.2 <3 || >=4.2.3" "4.3" }}
          => falsetrue
        {{ semverCompare "1.2 - 1.4.5" "1.4.5" }}{{ semverCompare "1.2 - 1.4" "1.4.9" }} => truetrue
        {{ semverCompare "1.2.x" "1.2.9" }}{{ semverCompare "1.2.x" "1.3.0" }} => truefalse
        {{ semverCompare "~1.2.3" "1.3.0" }}{{ semverCompare "~1" "1.9" }}{{ semverCompare "~2.3" "2.3.4" }}
          => falsetruetrue
        {{ semverCompare "^0.2.3" "0.3.0" }}{{ semverCompare "^0.0.3" "0.0.4" }}{{ semverCompare "^0" "0.9" }}
          => falsefalsetrue
        {{ semverCompare ">1" "1.5.0" }}{{ semverCompare "<=2.x" "2.9" }} => falsetrue
        {{ semverCompare "*" "0.1" }}{{ semverCompare "!=1.x" "1.1" }} => truefalse
        {{ semverCompare ">1.2.3" "1.3.0-beta" }}{{ semverCompare ">1.2.3-a" "1.3.0-beta" }} => falsetrue
        {{ $u := urlParse "http://a:b@h.com:8080/x%20y" }}{{ $u.scheme }} {{ $u.host }} {{ $u.path }}
          => http h.com:8080 /x y
        {{ $u := urlParse "HTTP://a:b@h.com:80?c=%20#e" }}{{ $u.hostname }} {{ $u.query }} {{ $u.userinfo }}
          => h.com c=%20 a:b
        {{ $u := urlParse "https://h#a%20b" }}{{ $u.fragment }}{{ $u.path }}{{ $u.opaque }} {{ $u.scheme }}
          => a b https
        {{ (urlParse "/a/b?c").path }} {{ (urlParse "mailto:a@b").opaque }} {{ (urlParse "http://[::1]:80").hostname }}
          => /a/b a@b ::1
        {{ urlJoin (dict "scheme" "http" "host" "h:80" "path" "/p q" "query" "a=b" "fragment" "f") }}
          => http://h:80/p%20q?a=b#f
        {{ urlJoin (urlParse "https://u:p@h/x?y#z") }} {{ urlJoin (urlParse "mailto:a@b") }}
          => https://u:p@h/x?y#z mailto:a@b
        """;

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var line in Table.Replace("\n  => ", " => ", StringComparison.Ordinal).Split('\n'))
        {
            var parts = line.Split(" => ");
            cases.Add(parts[0], parts[1]);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_gives_what_it_gives_in_Go(string text, string expected) => Assert.Equal(expected, Write(text));

    [Fact]
    public void Times_are_read_and_written_in_the_zone_of_the_machine()
    {
        var written = Write(
            "{{ date \"15:04\" now }} {{ toDate \"2006-01-02 15:04\" \"2024-07-01 12:00\" | unixEpoch }}",
            "Asia/Tokyo");

        Assert.Equal("07:13 1719802800", written);
    }

    [Theory]
    [InlineData("{{ toDate \"2006\" \"0001\" | date \"2006-01-02\" }}", "Pacific/Kiritimati", "0001-01-01")]
    [InlineData("{{ toDate \"2006\" \"0001\" | date \"2006-01-02\" }}", "America/New_York", "0001-01-01")]
    [InlineData("{{ toDate \"2006\" \"x\" | date \"2006-01-02\" }}", "America/New_York", "0000-12-31")]
    [InlineData("{{ (toDate \"2006 -0700\" \"0000 -2459\").Year }}", "UTC", "0")]
    [InlineData("{{ (toDate \"2006 -0700\" \"0001 +2459\").UTC.Year }}", "UTC", "0")]
    [InlineData("{{ toDate \"20060102\" \"99991228\" | date \"2006-01-02\" }}", "Pacific/Kiritimati", "9999-12-28")]
    [InlineData("{{ (toDate \"20060102 -0700\" \"99991228 -2459\").Year }}", "UTC", "9999")]
    [InlineData("{{ range until 30 }}{{ $n := randInt -9 -7 }}{{ if or (lt $n -9) (gt $n -8) }}x{{ end }}{{ end }}",
        "UTC", "")]
    public void The_first_and_the_last_that_there_is_is_written(string text, string zone, string expected) =>
        Assert.Equal(expected, Write(text, zone));

    [Fact]
    public void Chance_is_its_seed_s()
    {
        const string Text = "{{ uuidv4 }} {{ randAlphaNum 12 }} {{ randInt 0 1000000 }} {{ shuffle \"abcdefgh\" }}";

        var (one, same, other) = (Write(Text, seed: 1), Write(Text, seed: 1), Write(Text, seed: 2));

        Assert.Equal(one, same);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Drawn_texts_hold_every_character_of_their_alphabet_and_no_other()
    {
        Assert.Matches(new Regex("^[0-9]+$"), Write("{{ randNumeric 500 }}"));
        Assert.Equal(10, Write("{{ randNumeric 500 }}").Distinct().Count());
        Assert.Equal(62, Write("{{ randAlphaNum 5000 }}").Where(char.IsAsciiLetterOrDigit).Distinct().Count());
        Assert.Equal(52, Write("{{ randAlpha 5000 }}").Where(char.IsAsciiLetter).Distinct().Count());
        Assert.Equal(95, Write("{{ randAscii 9000 }}").Where(unit => unit is >= ' ' and <= '~').Distinct().Count());
        Assert.Equal("abcdefgh", string.Concat(Write("{{ shuffle \"abcdefgh\" }}").Order()));
    }

    [Fact]
    public void What_was_encrypted_is_decrypted_with_the_same_password()
    {
        var written = Write(
            "{{ encryptAES \"secret\" \"héllo\" | decryptAES \"secret\" }} {{ encryptAES \"s\" \"\" }}|");
        var encrypted = Convert.FromBase64String(Write("{{ encryptAES \"secret\" \"0123456789abcdef\" }}"));

        Assert.Equal("héllo |", written);
        Assert.Equal(16 + 32, encrypted.Length);
    }

    [Theory]
    [InlineData("{{ mustDateModify \"1d\" now }}", "unknown unit")]
    [InlineData("{{ mustToDate \"2006\" \"x\" }}", "parsing time")]
    [InlineData("{{ unixEpoch 5 }}", "expected time.Time")]
    [InlineData("{{ date \"2006\" 999999999999999 }}", "outside the years")]
    [InlineData("{{ now.AddDate 9999 0 0 }}", "outside the years")]
    [InlineData("{{ date (repeat 2000 \"x\") now }}", "at most 1024 characters")]
    [InlineData("{{ now.Nothing }}", "can't evaluate field Nothing in a time.Time")]
    [InlineData("{{ $x := .Value }}{{ $x.Format \"2006\" }}", "no method")]
    [InlineData("{{ randInt 5 5 }}", "must be the greater")]
    [InlineData("{{ randAlpha 99999999 }}", "characters")]
    [InlineData("{{ semver \"1.x\" }}", "no semantic version")]
    [InlineData("{{ semver \"1.2.3-01\" }}", "no semantic version")]
    [InlineData("{{ semverCompare \"=>\" \"1\" }}", "no range of versions")]
    [InlineData("{{ semverCompare \"1 || \" \"2\" }}", "no range of versions")]
    [InlineData("{{ urlParse \"http://a/%zz\" }}", "invalid URL escape")]
    [InlineData("{{ urlParse \"http://[::1/\" }}", "missing ']'")]
    [InlineData("{{ urlParse \":x\" }}", "missing protocol scheme")]
    [InlineData("{{ seq 1 1000000 }}", "steps")]
    [InlineData("{{ call .Value }}", "is no function")]
    [InlineData("{{ encryptAES \"a\" \"b\" | decryptAES \"c\" }}", "another password")]
    [InlineData("{{ decryptAES \"a\" \"b\" }}", "none that encryptAES made")]
    [InlineData("{{ fail \"on purpose\" }}", "on purpose")]
    public void What_has_no_result_is_an_error(string text, string expected)
    {
        Assert.True(GoTemplate.TryCompile(text, out var template, out var refused), refused);

        var isWritten = template.TryExecute(
            new Data(), Surroundings.At(), new ArrayBufferWriter<byte>(), out var error);

        Assert.False(isWritten);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_function_of_Sprig_is_there_or_refused_by_name()
    {
        const string Names = """
            hello ago date date_in_zone date_modify dateInZone dateModify duration durationRound htmlDate
            htmlDateInZone must_date_modify mustDateModify mustToDate now toDate unixEpoch abbrev abbrevboth trunc
            trim upper lower title untitle substr repeat trimall trimAll trimSuffix trimPrefix nospace initials
            randAlphaNum randAlpha randAscii randNumeric swapcase shuffle snakecase camelcase kebabcase wrap wrapWith
            contains hasPrefix hasSuffix quote squote cat indent nindent replace plural sha1sum sha256sum sha512sum
            adler32sum toString atoi int64 int float64 seq toDecimal split splitList splitn toStrings until untilStep
            add1 add sub div mod mul randInt add1f addf subf divf mulf biggest max min maxf minf ceil floor round join
            sortAlpha default empty coalesce all any compact mustCompact fromJson toJson toPrettyJson toRawJson
            mustFromJson mustToJson mustToPrettyJson mustToRawJson ternary deepCopy mustDeepCopy typeOf typeIs
            typeIsLike kindOf kindIs deepEqual env expandenv getHostByName base dir clean ext isAbs osBase osClean
            osDir osExt osIsAbs b64enc b64dec b32enc b32dec tuple list dict get set unset hasKey pluck keys pick omit
            merge mergeOverwrite mustMerge mustMergeOverwrite values append push mustAppend mustPush prepend
            mustPrepend first mustFirst rest mustRest last mustLast initial mustInitial reverse mustReverse uniq
            mustUniq without mustWithout has mustHas slice mustSlice concat dig chunk mustChunk bcrypt htpasswd
            genPrivateKey derivePassword buildCustomCert genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey
            genSignedCert genSignedCertWithKey encryptAES decryptAES randBytes uuidv4 semver semverCompare fail
            regexMatch mustRegexMatch regexFindAll mustRegexFindAll regexFind mustRegexFind regexReplaceAll
            mustRegexReplaceAll regexReplaceAllLiteral mustRegexReplaceAllLiteral regexSplit mustRegexSplit
            regexQuoteMeta urlParse urlJoin and call html index js len not or print printf println urlquery eq ge gt
            le lt ne
            """;

        var unknown = Names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(name =>
            !GoTemplate.TryCompile("{{ " + name + " }}", out _, out var error)
                && error.Contains("not defined", StringComparison.Ordinal));

        Assert.Empty(unknown);
    }

    [Theory]
    [InlineData("genPrivateKey \"rsa\"", "make it once, outside")]
    [InlineData("genCA \"ca\" 365", "make it once, outside")]
    [InlineData("bcrypt .Value", "use sha256sum")]
    [InlineData("htpasswd \"a\" .Value", "use sha256sum")]
    [InlineData("derivePassword 1 \"long\" \"a\" \"b\" \"c\"", "use sha256sum")]
    [InlineData("getHostByName .Value", "loki.enrich")]
    public void A_function_that_would_hold_up_lines_is_refused_by_name_with_what_to_do_instead(
        string call, string expected)
    {
        var isCompiled = GoTemplate.TryCompile("{{ " + call + " }}", out _, out var error);

        Assert.False(isCompiled);
        Assert.Contains($"function \"{call.Split(' ')[0]}\"", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static string Write(string text, string zone = "UTC", int seed = 1)
    {
        var target = new ArrayBufferWriter<byte>();
        Assert.True(GoTemplate.TryCompile(text, out var template, out var error), error);
        var isWritten = template.TryExecute(new Data(), Surroundings.At(zone, seed), target, out error);
        Assert.True(isWritten, error);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    private sealed class Data : ITemplateData
    {
        public bool TryGet(string name, out object? value)
        {
            value = name == "Value" ? "text" : null;
            return value != null;
        }

        public SortedDictionary<string, object?> All() => new(StringComparer.Ordinal) { ["Value"] = "text" };
    }
}
