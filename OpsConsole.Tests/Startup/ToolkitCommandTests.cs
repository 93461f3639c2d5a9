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
}
