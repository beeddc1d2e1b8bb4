using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

public sealed class TypeNamesTests
{
    [Theory]
    [InlineData(typeof(Dictionary<string, List<Secret>>), "map(list(secret))")]
    [InlineData(typeof(TimeSpan?), "duration")]
    [InlineData(typeof(ILogsReceiver), "LogsReceiver")]
    [InlineData(typeof(Destination), "LogsReceiver")]
    public void A_type_has_the_name_of_what_it_is_to_others(Type type, string name) =>
        Assert.Equal(name, TypeNames.Of(type));
}
