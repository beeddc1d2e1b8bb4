using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Commands;

public sealed class SpoolBudgetTests
{
    [Theory]
    [InlineData("much", "expected a size")]
    [InlineData("1MiB", "the smallest budget is 32MiB")]
    public async Task A_budget_that_is_none_is_refused_with_what_would_be_one(string budget, string expected)
    {
        var (exitCode, _, errors) = await WeirCommand.RunAsync("run", "--spool.max-bytes", budget);

        Assert.Equal(1, exitCode);
        Assert.Contains($"--spool.max-bytes {budget}", errors, StringComparison.Ordinal);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }
}
