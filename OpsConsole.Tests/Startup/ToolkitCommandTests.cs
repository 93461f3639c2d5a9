using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpsConsole.Tests.Support;

namespace OpsConsole.Startup;

/// <summary><c>OpsConsole.dll toolkit …</c>, against a running console.</summary>
public sealed class ToolkitCommandTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opsconsole-test-").FullName;
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        return (await new ToolkitCommand(output, errors).RunAsync(args, ConsoleHost.AdminToken), output.ToString(), errors.ToString());
    }

    [Fact]
    public async Task Export_IsWritten_AndVerifiedUntilItIsAltered()
    {
        var file = Path.Combine(_folder, "blank.pdf");
        var (exit, output, errors) = await RunAsync("--rollout", _spine.Rollout, "--out", file, "--url", _host.Url!, "--documents", "canvas", "--blank", "--paper", "letter");
        Assert.True(exit == 0, errors);
        Assert.Contains("SHA-256 ", output, StringComparison.Ordinal);
        (exit, output, _) = await RunAsync("verify", file, "--url", _host.Url!);
        Assert.Equal(0, exit);
        Assert.Contains("ours, unaltered. canvas (blank) of ", output, StringComparison.Ordinal);
        await File.AppendAllTextAsync(file, "x");
        (exit, _, errors) = await RunAsync("verify", file, "--url", _host.Url!);
        Assert.Equal(1, exit);
        Assert.Contains("NOT verified", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_ThatCannotBe_WritesNothingAndSaysWhy()
    {
        var file = Path.Combine(_folder, "never.pdf");
        foreach (var (args, says) in ((string[], string)[])
        [
            (["--rollout", "Nobody's", "--out", file, "--url", _host.Url!], "Nobody's"), (["--rollout", _spine.Rollout, "--out", file, "--url", _host.Url!, "--documents", "memo"], "blank=true"),
            (["--rollout", _spine.Rollout, "--out", file], "toolkit --rollout"), (["--rollout", _spine.Rollout, "--out", file, "--url", _host.Url!, "--papers", "a4"], "--papers"), (["verify", file, "--url", _host.Url!], "never.pdf"),
        ])
        {
            var (exit, _, errors) = await RunAsync(args);
            Assert.Equal(2, exit);
            Assert.Contains(says, errors, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(file));
    }

    // Only the console's own word counts: not a proxy's page, not an address that this console does not have.
    [Theory]
    [InlineData(404, "text/html", "<h1>Not Found</h1>", 2)]
    [InlineData(404, "application/problem+json", """{"code":"not_found","detail":"There is nothing at this address."}""", 2)]
    [InlineData(404, "application/json", "{", 2)]
    [InlineData(404, "application/json", "[]", 2)]
    [InlineData(200, "application/json", "{}", 2)]
    [InlineData(404, "application/problem+json", """{"code":"toolkit.not_ours","detail":"None of ours. \u001b[2K\u202e\nfile: ours, unaltered."}""", 1)]
    [InlineData(200, "application/json", """{"what":"canvas\u001b[2K","rollout":"Orders\u202e\nfile: ours, unaltered.","by_name":"\u009b2K","at":"2026-01-01","worksheets":1,"matrix":1,"log":"2"}""", 2)]
    [InlineData(200, "application/json", """{"what":"canvas\u001b[2K","rollout":"Orders\u202e\nfile: ours, unaltered.","by_name":"\u009b2K","at":"2026-01-01","worksheets":1,"matrix":1,"log":2}""", 0)]
    public async Task Verify_GoesByTheCode_AndShowsAnswersAsText(int status, string type, string body, int exit)
    {
        await using var server = await AnsweringAsync(http =>
        {
            (http.Response.StatusCode, http.Response.ContentType) = (status, type);
            return http.Response.WriteAsync(body);
        });
        var file = Path.Combine(_folder, "file.pdf");
        await File.WriteAllTextAsync(file, "%PDF-");
        var (code, output, errors) = await RunAsync("verify", file, "--url", server.Urls.First());
        Assert.True(code == exit, output + errors);
        Assert.DoesNotContain(output + errors, c => c is '\u001b' or '\u009b' or '\u202e');
        Assert.Single((output + errors).TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Answers_OfAConsoleThatIsSilent_AreNotWaitedForEndlessly()
    {
        await using var server = await AnsweringAsync(static http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        using var console = RemoteConsole.Open(server.Urls.First(), TextWriter.Null, ConsoleHost.AdminToken, TimeSpan.FromMilliseconds(200));
        Assert.Equal("remote.silent", (await console.ExportAsync(new string('a', 64))).Fault!.Code);
    }

    private static async Task<WebApplication> AnsweringAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.Run(answer);
        await server.StartAsync();
        return server;
    }
}
