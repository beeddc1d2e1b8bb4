namespace Weir.Routing.Tests.Sharding;

public sealed class SimulatedProcessTests
{
    [Fact]
    public void A_stopped_process_goes_on_where_it_stood_and_a_killed_one_never()
    {
        var (time, schedule) = (new ManualTime(), new Schedule(1));
        var (stopped, killed) = (new SimulatedProcess(schedule), new SimulatedProcess(schedule));
        var (steps, stepsOfKilled, stepsWhileStopped) = (0, 0, 0);

        var isDone = schedule.Run(time, TimeSpan.FromHours(1), async () =>
        {
            _ = killed.Run(async () =>
            {
                while (true)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), time);
                    stepsOfKilled++;
                }
            });
            var work = stopped.Run(async () =>
            {
                for (; steps < 10; steps++) await Task.Delay(TimeSpan.FromSeconds(1), time);
            });
            await Task.Delay(TimeSpan.FromSeconds(4.5), time);
            killed.Kill();
            stopped.Stop();
            await Task.Delay(TimeSpan.FromMinutes(1), time);
            stepsWhileStopped = steps;
            stopped.Continue();
            await work;
        });

        Assert.True(isDone);
        Assert.Equal((10, 4, 4), (steps, stepsOfKilled, stepsWhileStopped));
        Assert.True(time.GetUtcNow() - new ManualTime().GetUtcNow() > TimeSpan.FromSeconds(69));
    }
}
