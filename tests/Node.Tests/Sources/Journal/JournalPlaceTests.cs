using Weir.Node.Sources.Journal;

namespace Weir.Node.Tests.Sources.Journal;

public sealed class JournalPlaceTests
{
    [Fact]
    public void A_place_survives_its_position()
    {
        var place = new JournalPlace(7, 1_700_000_000_000_000_001, "s=1;i=2;b=3;m=4;t=5;x=6", "A=b  C=d");

        var position = place.ToPosition(new("c", "k"));

        Assert.Equal(7, position.Offset);
        Assert.True(JournalPlace.TryParse(position.Context, out var read));
        Assert.Equal(place, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s=1;i=2")]
    [InlineData("2 7 8 s=1;i=2 ")]
    [InlineData("1 x 8 s=1;i=2 ")]
    [InlineData("1 7 8  ")]
    public void What_is_no_place_is_told(string context) => Assert.False(JournalPlace.TryParse(context, out _));

    [Theory]
    [InlineData("s=a;i=9;x=1", "s=a;i=a;x=2", 0L)]
    [InlineData("s=a;i=9", "s=a;i=1f", 21L)]
    [InlineData("s=a;i=9", "s=b;i=1f", null)] // another journald
    [InlineData("s=a;i=9", "s=a;i=9", null)]
    [InlineData("i=9", "i=10", null)]
    [InlineData("s=a;i=zz", "s=a;i=10", null)]
    public void Cursors_tell_how_many_entries_lie_between(string before, string after, long? between) =>
        Assert.Equal(between, JournalPlace.EntriesBetween(before, after));

    [Theory]
    [InlineData("_SYSTEMD_UNIT=a.service", null)]
    [InlineData(" PRIORITY=3  _UID=0 ", null)]
    [InlineData("_CMDLINE=a=b", null)]
    [InlineData("", null)]
    [InlineData("PRIORITY", "\"PRIORITY\" is no FIELD=value")]
    [InlineData("A=1 + B=2", "\"+\" is no FIELD=value")]
    [InlineData("priority=3", "\"priority\" is no name of a journal field")]
    [InlineData("=3", "\"\" is no name of a journal field")]
    public void Matches_are_fields_and_values(string matches, string? problem)
    {
        var found = JournalMatches.ProblemOf(matches);

        if (problem is null) Assert.Null(found);
        else Assert.StartsWith(problem, found, StringComparison.Ordinal);
    }
}
