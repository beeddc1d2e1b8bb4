using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Weir.Node.Admin;
using Weir.Node.Logging;

namespace Weir.Node.Commands;

/// <summary>The node did not do what was asked; the message is for the operator.</summary>
internal sealed class AdminRefusalException(string message) : Exception(message);

/// <summary>Asks a node's admin endpoint for a command.</summary>
internal sealed class AdminClient(HttpClient http, TextWriter output, TextWriter errors)
{
    public TextWriter Output => output;

    public TextWriter Errors => errors;

    /// <exception cref="AdminRefusalException">The node refused.</exception>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancel)
    {
        using var answer = await CheckedAsync(await http.GetAsync(path, cancel), cancel);
        return await ReadAsync<T>(answer, cancel);
    }

    /// <summary>Prints the answer as it came.</summary>
    /// <exception cref="AdminRefusalException">The node refused.</exception>
    public async Task<int> PrintAsync(string path, CancellationToken cancel)
    {
        using var answer = await CheckedAsync(await http.GetAsync(path, cancel), cancel);
        await output.WriteLineAsync((await answer.Content.ReadAsStringAsync(cancel)).TrimEnd());
        return 0;
    }

    /// <exception cref="AdminRefusalException">The node refused.</exception>
    public async Task<T> PostAsync<T>(string path, object? body, CancellationToken cancel)
    {
        using var content = body is null ? null : JsonContent.Create(body, options: JsonText.Answers);
        using var answer = await CheckedAsync(await http.PostAsync(path, content, cancel), cancel);
        return await ReadAsync<T>(answer, cancel);
    }

    /// <summary>Opens an answer that comes bit by bit; without limit in time.</summary>
    /// <exception cref="AdminRefusalException">The node refused.</exception>
    public async Task<Stream> OpenAsync(string path, CancellationToken cancel)
    {
        var answer = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancel);
        await CheckedAsync(answer, cancel);
        return await answer.Content.ReadAsStreamAsync(cancel);
    }

    private async Task<HttpResponseMessage> CheckedAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.IsSuccessStatusCode) return answer;
        using (answer)
        {
            var text = Readable.Line((await answer.Content.ReadAsStringAsync(cancel)).Trim());
            throw new AdminRefusalException(answer.StatusCode == HttpStatusCode.Unauthorized
                ? $"the node at {http.BaseAddress} asks for its token: give --token-file, or set {AdminToken.Variable}"
                    + (http.DefaultRequestHeaders.Authorization is null ? "" : "; the one given is not right")
                : $"the node at {http.BaseAddress} answers {(int)answer.StatusCode}: {text}");
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync<T>(JsonText.Answers, cancel)
                ?? throw new JsonException("null");
        }
        catch (JsonException other)
        {
            throw new AdminRefusalException(
                $"what answers at {http.BaseAddress} is no Weir node, or one of another version: {other.Message}");
        }
    }

    /// <summary>The options of every command that asks a node.</summary>
    internal sealed class Options
    {
        private readonly Option<string> _address = AdminAddress.Option();

        private readonly Option<string?> _token = new("--token-file")
        {
            Description = $"Holds the node's token; without it {AdminToken.Variable} counts.",
        };

        /// <param name="command">Gets them, with all below it.</param>
        public void AddTo(Command command)
        {
            _address.Recursive = true;
            _token.Recursive = true;
            command.Add(_address);
            command.Add(_token);
        }

        /// <summary>Runs a command against the node; a failure is said in one line.</summary>
        /// <returns>The exit code.</returns>
        public async Task<int> AskAsync(
            ParseResult parsed, Func<AdminClient, CancellationToken, Task<int>> ask, CancellationToken cancel)
        {
            var streams = parsed.InvocationConfiguration;
            var address = parsed.GetValue(_address)!;
            try
            {
                using var http = new HttpClient { BaseAddress = AdminAddress.Url(address, "/") };
                if (ReadToken(parsed.GetValue(_token)) is { } token)
                    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
                return await ask(new AdminClient(http, streams.Output, streams.Error), cancel);
            }
            catch (AdminRefusalException refused)
            {
                await streams.Error.WriteLineAsync($"weir: {refused.Message}");
            }
            catch (UriFormatException)
            {
                await streams.Error.WriteLineAsync(
                    $"weir: --addr {address} is no address: write it as 127.0.0.1:12345");
            }
            catch (HttpRequestException unreachable)
            {
                await streams.Error.WriteLineAsync($"weir: no node answers at {address}: {unreachable.Message}");
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                await streams.Error.WriteLineAsync($"weir: {unreadable.Message}");
            }
            catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
            {
                await streams.Error.WriteLineAsync($"weir: the node at {address} takes too long to answer");
            }

            return 1;
        }

        private static string? ReadToken(string? file)
        {
            if (file is not null) return File.ReadAllText(file).Trim();
            return Environment.GetEnvironmentVariable(AdminToken.Variable) is { Length: > 0 } token
                ? token.Trim() : null;
        }
    }
}
