using System.CommandLine;

namespace Weir.Node.Commands;

/// <summary><c>weir health</c>: exits 0 when the node answers that it is ready; what a container's health check
/// runs.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static Command Create()
    {
        var address = AdminAddress.Option();
        var command = new Command("health", "Ask a running node whether it is ready.") { address };
        command.SetAction(async (parsed, cancel) =>
        {
            var url = AdminAddress.Url(parsed.GetValue(address)!, "/-/ready");
            try
            {
                using var client = new HttpClient { Timeout = Patience };
                using var answer = await client.GetAsync(url, cancel);
                Console.WriteLine((await answer.Content.ReadAsStringAsync(cancel)).TrimEnd());
                return answer.IsSuccessStatusCode ? 0 : 1;
            }
            catch (HttpRequestException unreachable)
            {
                Console.Error.WriteLine($"weir: no node answers at {url}: {unreachable.Message}");
                return 1;
            }
            catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
            {
                Console.Error.WriteLine($"weir: no answer from {url} in {Patience.TotalSeconds} s");
                return 1;
            }
        });
        return command;
    }
}
