using System.Net;
using System.Text.Json;
using Weir.Node.Admin;
using Weir.Protocol.Batches;
using Weir.Routing.Cardinality;
using Weir.Support;

namespace Weir.Node.Tests.Admin;

public sealed class CardinalityRoutesTests
{
    [Fact]
    public async Task The_labels_that_are_counted_are_listed_with_most_values_first()
    {
        var fixture = new DeliveryFixture();
        var settings = DeliveryFixture.Settings(DeliveryFixture.Endpoint(new ScriptedPushClient())) with
        {
            CardinalityGuard = new CardinalityOptions { ValuesMax = 2, Action = CardinalityAction.DropLabel },
        };
        await fixture.Delivery.ApplyAsync(DeliveryFixture.Id, settings);
        using (var inlet = fixture.Delivery.ReceiverOf(DeliveryFixture.Id).Open())
        {
            foreach (var user in new[] { "a", "b", "c" })
                await inlet.SendAsync(fixture.Batch(["x"], new Label("job", "api"), new Label("user", user)), default);
        }

        await using var rig = await AdminRig.StartAsync(new CardinalityRoutes(fixture.Delivery));
        var (status, text) = await rig.GetAsync("/api/v1/cardinality");

        var labels = JsonDocument.Parse(text).RootElement.GetProperty("labels");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["user 3 True drop_label", "job 1 False drop_label"], labels.EnumerateArray().Select(label =>
            $"{label.GetProperty("label")} {label.GetProperty("values")} {label.GetProperty("is_over_budget")} "
            + $"{label.GetProperty("action")}"));
        Assert.Equal("loki.write.default", labels[0].GetProperty("destination").GetString());
    }
}
