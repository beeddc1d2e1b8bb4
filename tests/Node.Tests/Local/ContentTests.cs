using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.Node.Local;
using Weir.Node.Tests.Http;
using Weir.Node.Tests.Modules;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Support;

namespace Weir.Node.Tests.Local;

/// <summary>Texts from files and servers, and where they may go.</summary>
public sealed class ContentTests
{
    private static Value Content(RunningModules rig, string id) => ((ContentExports)rig[id].Exports!).Content;

    [Theory]
    [InlineData("fsnotify", "1h")]
    [InlineData("poll", "50ms")]
    public async Task A_file_s_content_is_exported_and_follows_the_file(string detector, string frequency)
    {
        await using var rig = new RunningModules();
        rig.Write("f", "one\n");
        var errors = await rig.LoadAsync($$"""
            local.file "f" {
              filename       = "FOLDER/f"
              detector       = "{{detector}}"
              poll_frequency = "{{frequency}}"
            }
            """);
        var first = Content(rig, "local.file.f");

        await rig.UntilAsync("the new content", () =>
        {
            rig.Write("f", "two\n"); // until the component has begun to run
            return Content(rig, "local.file.f") is StringValue { Text: "two\n" };
        });

        Assert.Empty(errors);
        Assert.Equal("one\n", Assert.IsType<StringValue>(first).Text);
    }

    [Fact]
    public async Task A_file_that_is_gone_keeps_its_content_and_one_that_never_was_is_refused()
    {
        await using var rig = new RunningModules();
        rig.Write("f", "one");
        await rig.LoadAsync("local.file \"f\" {\nfilename = \"FOLDER/f\"\npoll_frequency = \"50ms\"\n}");

        File.Delete(Path.Combine(rig.Folder, "f"));
        await rig.Log.SeenAsync("local.file.f: unhealthy");
        var kept = Content(rig, "local.file.f");
        var errors = await rig.LoadAsync("local.file \"g\" { filename = \"FOLDER/g\" }");

        Assert.Equal("one", Assert.IsType<StringValue>(kept).Text);
        Assert.Contains("cannot be read", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_file_goes_where_secrets_go_and_nowhere_else()
    {
        await using var rig = new RunningModules();
        rig.Write("f", "hunter2");
        const string file = "local.file \"f\" {\nfilename = \"FOLDER/f\"\nis_secret = true\n}\n";
        static string Write(string arguments) =>
            $"{file}loki.write \"w\" {{\nendpoint {{\nurl = \"http://127.0.0.1:1\"\n{arguments}\n}}\n}}";

        var good = await rig.LoadAsync(Write("bearer_token = local.file.f.content"));
        var plain = await rig.LoadAsync(Write("tenant_id = local.file.f.content"));
        var joined = await rig.LoadAsync(Write("tenant_id = \"a\" + local.file.f.content"));
        var given = await rig.LoadAsync(Write("tenant_id = convert.nonsensitive(local.file.f.content)"));

        Assert.Empty(good);
        Assert.Contains("expected string, got secret", Assert.Single(plain), StringComparison.Ordinal);
        Assert.Contains("expected string, got secret", Assert.Single(joined), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", plain[0] + joined[0], StringComparison.Ordinal);
        Assert.Empty(given);
        Assert.IsType<SecretValue>(Content(rig, "local.file.f"));
    }

    [Fact]
    public async Task An_answer_is_exported_without_the_space_around_it_and_asked_for_as_configured()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 200;
            return context.Response.WriteAsync(" text\n");
        });
        await using var rig = new RunningModules();

        var errors = await rig.LoadAsync($$"""
            remote.http "r" {
              url     = "http://127.0.0.1:{{server.Port}}/x"
              method  = "PUT"
              body    = "question"
              headers = { "X-A" = "1", "Content-Type" = "text/special", "User-Agent" = "me" }
              client {
                bearer_token = "hunter2"
              }
            }
            """);

        Assert.Empty(errors);
        Assert.Equal("text", Assert.IsType<StringValue>(Content(rig, "remote.http.r")).Text);
        Assert.True(server.Seen.TryPeek(out var seen));
        Assert.Equal(("PUT", "/x", "question"), (seen.Method, seen.Path, Encoding.UTF8.GetString(seen.Body)));
        Assert.Equal(
            ["1", "text/special", "me", "Bearer hunter2"],
            [
                seen.Headers["X-A"].ToString(), seen.Headers.ContentType.ToString(), seen.Headers.UserAgent.ToString(),
                seen.Headers.Authorization.ToString(),
            ]);
    }

    [Fact]
    public async Task A_server_that_fails_keeps_the_last_answer_and_one_that_never_answered_is_refused()
    {
        var status = 200;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("text");
        });
        await using var rig = new RunningModules();
        string Remote(string label, string path) =>
            $"remote.http \"{label}\" {{\nurl = \"http://127.0.0.1:{server.Port}/{path}\"\n}}\n";
        var first = await rig.LoadAsync(Remote("r", "a"));

        status = 503;
        var second = await rig.LoadAsync(Remote("r", "b"));
        var refused = await rig.LoadAsync(Remote("r", "b") + Remote("s", "c"));

        Assert.Empty(first);
        Assert.Empty(second);
        Assert.Equal(HealthState.Unhealthy, rig["remote.http.r"].Health.State);
        Assert.Equal("text", Assert.IsType<StringValue>(Content(rig, "remote.http.r")).Text);
        Assert.Contains("answered 503", Assert.Single(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_is_asked_again_at_the_end_of_each_period()
    {
        var asked = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 200;
            return context.Response.WriteAsync($"answer {++asked}");
        });
        var time = new ManualTime();
        var host = new RecordingHost("remote.http.r", time);
        await using var component = new RemoteHttp(host);
        using var stop = new CancellationTokenSource();
        var options = new RemoteHttpOptions { Request = new() { Url = $"http://127.0.0.1:{server.Port}" } };
        await ((IComponent)component).ApplyAsync(options, default);

        var running = component.RunAsync(stop.Token);
        time.Advance(await time.ArmedAsync());
        var second = await host.ExportedAsync<ContentExports>(
            "the second answer", exports => exports.Content is StringValue { Text: "answer 2" });
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.NotNull(second);
    }

    [Fact]
    public async Task A_module_from_a_server_is_taken_over_with_its_new_address()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 200;
            return context.Response.WriteAsync(
                $"declare \"d\" {{\nloki.echo \"{context.Request.Path.Value![1..]}\" {{ }}\n}}");
        });
        await using var rig = new RunningModules();

        string Import(string path) =>
            $"import.http \"lib\" {{\nurl = \"http://127.0.0.1:{server.Port}/{path}\"\n}}\nlib.d \"a\" {{ }}";
        var errors = await rig.LoadAsync(Import("one"));
        var first = rig.Ids.ToList();

        var more = await rig.LoadAsync(Import("two"));

        Assert.Empty(errors);
        Assert.Empty(more);
        Assert.Equal(["import.http.lib", "lib.d.a/loki.echo.one"], first);
        Assert.Equal(["import.http.lib", "lib.d.a/loki.echo.two"], rig.Ids);
    }

    [Theory]
    [InlineData("url = \"ftp://a\"", "it must be an http:// or https:// address")]
    [InlineData("url = \"http://a\"\npoll_timeout = \"1m\"", "it must be less than poll_frequency")]
    [InlineData("url = \"http://a\"\nmethod = \"A B\"", "is no method of HTTP")]
    [InlineData("url = \"http://a\"\nheaders = {\"a b\" = \"c\"}", "is no name of a header")]
    public async Task Requests_that_cannot_be_are_refused(string arguments, string problem)
    {
        await using var rig = new RunningModules();

        var errors = await rig.LoadAsync($"remote.http \"r\" {{\n{arguments}\n}}");

        Assert.Contains(problem, Assert.Single(errors), StringComparison.Ordinal);
    }
}
