using Weir.Node.RabbitMq;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.RabbitMq;

public sealed class ConfirmWindowTests
{
    [Fact]
    public void One_answer_may_stand_for_all_before_it()
    {
        var window = new ConfirmWindow(100, 10);
        var outcomes = Add(window, 10, 10, 10, 10);

        window.Answer(2, upTo: false, PublishOutcome.Refused);
        window.Answer(3, upTo: true, PublishOutcome.Confirmed);

        Assert.Equal(
            [PublishOutcome.Confirmed, PublishOutcome.Refused, PublishOutcome.Confirmed, null], Ended(outcomes));
        Assert.Equal(1, window.Count);
    }

    [Fact]
    public void What_came_back_is_refused_though_it_is_confirmed()
    {
        var window = new ConfirmWindow(100, 10);
        var outcomes = Add(window, 10, 10);

        window.Return(2);
        window.Answer(2, upTo: true, PublishOutcome.Confirmed);

        Assert.Equal([PublishOutcome.Confirmed, PublishOutcome.Refused], Ended(outcomes));
    }

    [Fact]
    public void Bytes_and_count_bound_it_and_one_message_always_fits()
    {
        var window = new ConfirmWindow(100, 2);
        Add(window, 500);

        Assert.False(window.TryAdd(1, 0, out _, out _));
        window.Answer(1, upTo: false, PublishOutcome.Confirmed);
        Add(window, 1, 1);

        Assert.False(window.TryAdd(1, 0, out _, out _));
    }

    [Fact]
    public void After_the_channels_end_all_is_unknown_and_nothing_more_is_sent()
    {
        var window = new ConfirmWindow(100, 10);
        var outcomes = Add(window, 10, 10);

        window.Abandon();
        outcomes.AddRange(Add(window, 10));

        Assert.Equal([PublishOutcome.Unknown, PublishOutcome.Unknown, PublishOutcome.NotSent], Ended(outcomes));
    }

    private static List<Task<PublishOutcome>> Add(ConfirmWindow window, params int[] sizes)
    {
        var outcomes = new List<Task<PublishOutcome>>();
        foreach (var bytes in sizes)
        {
            Assert.True(window.TryAdd(bytes, 0, out _, out var outcome));
            outcomes.Add(outcome);
        }

        return outcomes;
    }

    private static IEnumerable<PublishOutcome?> Ended(IEnumerable<Task<PublishOutcome>> outcomes) =>
        outcomes.Select(outcome => outcome.IsCompleted ? outcome.GetAwaiter().GetResult() : (PublishOutcome?)null);
}
