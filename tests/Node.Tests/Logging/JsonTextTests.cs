using System.Text.Json;
using Weir.Node.Logging;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Logging;

public sealed class JsonTextTests
{
    [Fact]
    public void Durations_are_seconds_and_states_are_words()
    {
        var lane = new LaneStatus(
            new LaneKey("loki.write.a", "loki", "acme", 0), LaneState.Throttled, 1, 2, TimeSpan.FromSeconds(90.5), 0, 0,
            "", null);

        var answer = JsonSerializer.SerializeToElement(lane, JsonText.Answers);

        Assert.Equal(90.5, answer.GetProperty("oldest_age").GetDouble());
        Assert.Equal("throttled", answer.GetProperty("state").GetString());
    }
}
