using Weir.Node.Sources.Files.Globbing;
using Weir.Support;

namespace Weir.Node.Tests.Sources.Files;

public sealed class GlobTests
{
    [Theory]
    [InlineData("/a/b.log", "/a/b.log", true)]
    [InlineData("/a/b.log", "/a/b_log", false)]
    [InlineData("/a/*.log", "/a/b.log", true)]
    [InlineData("/a/*.log", "/a/.log", true)]
    [InlineData("/a/*.log", "/a/.hidden.log", true)]
    [InlineData("/a/*.log", "/a/b/c.log", false)]
    [InlineData("/a/*", "/a/b", true)]
    [InlineData("/a/*", "/a", false)]
    [InlineData("/a/*/c", "/a/b/c", true)]
    [InlineData("/a/*/c", "/a/c", false)]
    [InlineData("/a/b*d*f", "/a/bcdef", true)]
    [InlineData("/a/b*d*f", "/a/bddff", true)]
    [InlineData("/a/b*d*f", "/a/bcdeg", false)]
    [InlineData("/a/?.log", "/a/b.log", true)]
    [InlineData("/a/?.log", "/a/bb.log", false)]
    [InlineData("/a/?.log", "/a/é.log", true)]
    [InlineData("/a/?.log", "/a/😀.log", true)]
    [InlineData("/a/[bc].log", "/a/c.log", true)]
    [InlineData("/a/[bc].log", "/a/d.log", false)]
    [InlineData("/a/[a-c].log", "/a/b.log", true)]
    [InlineData("/a/[^a-c].log", "/a/b.log", false)]
    [InlineData("/a/[!a-c].log", "/a/d.log", true)]
    [InlineData("/a/[]x].log", "/a/].log", true)]
    [InlineData("/a/[a-].log", "/a/-.log", true)]
    [InlineData("/a/[\\]].log", "/a/].log", true)]
    [InlineData("/a/\\*.log", "/a/*.log", true)]
    [InlineData("/a/\\*.log", "/a/b.log", false)]
    [InlineData("/a/{b,c}.log", "/a/c.log", true)]
    [InlineData("/a/{b,c}.log", "/a/d.log", false)]
    [InlineData("/a/{b,c/d}.log", "/a/c/d.log", true)]
    [InlineData("/a/{b,{c,d}e}.log", "/a/de.log", true)]
    [InlineData("/a/{b,}.log", "/a/.log", true)]
    [InlineData("/a/{b,[c,]}.log", "/a/,.log", true)]
    [InlineData("/a/\\{b}.log", "/a/{b}.log", true)]
    [InlineData("/**", "/a/b/c", true)]
    [InlineData("/a/**", "/a/b/c", true)]
    [InlineData("/a/**", "/a", true)]
    [InlineData("/a/**/*.log", "/a/b.log", true)]
    [InlineData("/a/**/*.log", "/a/b/c/d.log", true)]
    [InlineData("/a/**/*.log", "/b/c.log", false)]
    [InlineData("/a/**/c/**/d", "/a/b/c/x/y/d", true)]
    [InlineData("/a/**/c/**/d", "/a/c/d", true)]
    [InlineData("/a/**/c/**/d", "/a/b/d", false)]
    [InlineData("/a/b**c", "/a/bxxc", true)]
    [InlineData("/a/b**c", "/a/b/c", false)]
    [InlineData("/var/log/{app,web}/**/*.{log,txt}", "/var/log/web/x/y.txt", true)]
    public void A_glob_matches(string pattern, string path, bool expected) =>
        Assert.Equal(expected, GlobPattern.Parse(pattern).Matches(path));

    [Theory]
    [InlineData("/a/[b", "a [ has no ]")]
    [InlineData("/a/{b,c", "a { has no }")]
    [InlineData("/a/b\\", "nothing follows")]
    [InlineData("a/*.log", "from the root")]
    public void A_wrong_glob_says_what_is_wrong(string pattern, string reason)
    {
        var wrong = Assert.Throws<GlobException>(() => GlobPattern.Parse(pattern));

        Assert.Contains(reason, wrong.Message);
    }

    [Fact]
    public void Braces_stand_for_a_bounded_number_of_patterns() =>
        Assert.Throws<GlobException>(() => GlobPattern.Parse("/" + string.Concat(Enumerable.Repeat("{a,b}", 20))));

    [Fact]
    public void Random_patterns_end_in_a_match_or_an_error()
    {
        Fuzz.Run(2000, random =>
        {
            var pattern = "/" + new string(random.GetItems("ab*?[]{},-^\\/".AsSpan(), random.Next(24)));
            try
            {
                GlobPattern.Parse(pattern).Matches("/" + new string(random.GetItems("ab-/".AsSpan(), random.Next(40))));
            }
            catch (GlobException)
            {
                // Most of them are wrong.
            }
        });
    }

    [Fact]
    public void The_walker_follows_links_once_and_finds_files_only()
    {
        var root = Directory.CreateTempSubdirectory("weir-glob-").FullName;
        Directory.CreateDirectory($"{root}/a/b");
        File.WriteAllText($"{root}/a/one.log", "");
        File.WriteAllText($"{root}/a/b/two.log", "");
        Directory.CreateDirectory($"{root}/a/folder.log");
        Directory.CreateSymbolicLink($"{root}/a/b/loop", $"{root}/a");
        File.CreateSymbolicLink($"{root}/a/link.log", $"{root}/a/b/two.log");

        var (files, walk) = GlobWalker.Find(GlobPattern.Parse($"{root}/**/*.log"));

        Assert.Equal([$"{root}/a/b/two.log", $"{root}/a/link.log", $"{root}/a/one.log"], files);
        Assert.Contains($"{root}/a/b", walk.Folders);
        Directory.Delete(root, recursive: true);
    }
}
