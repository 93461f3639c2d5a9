using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Platform.Realtime;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>The programs under examples/, run as a user would, against a console on a real port.</summary>
public sealed class ExampleTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("curl")]
    [InlineData("python")]
    [InlineData("csharp")]
    public async Task Example_AsksWaitsActsReports(string kind)
    {
        var spine = await Spine.BuildAsync(_host);
        var key = spine.Agent.DefaultRequestHeaders.Authorization!.Parameter!;
        var (file, arguments) = kind switch
        {
            "curl" => ("bash", Repository.PathTo("examples/curl/agent.sh")),
            "python" => ("python3", Repository.PathTo("examples/python/agent.py")),
            _ => ("dotnet", Repository.PathTo("examples/csharp/bin/Release/net10.0/OpsConsole.Example.dll")),
        };
        var approver = ApproveNextAsync(spine);
        var (exit, output) = await RunAsync(file, arguments, ("OPS_URL", _host.Url!), ("OPS_KEY", key));
        Assert.True(exit == 0 && output.Contains("succeeded"), output);
        await approver;
        var (refused, words) = await RunAsync(file, arguments + " payment.transfer {}", ("OPS_URL", _host.Url!), ("OPS_KEY", key));
        Assert.True(refused == 3 && words.Contains("out of bounds"), words);
    }

    [SharedFact("data/tau-airline/runs.json")]
    public async Task Replay_OfTheAirlineRuns_CountsAsRecorded()
    {
        var (exit, output) = await RunAsync("python3", Repository.PathTo("examples/tau-airline/replay.py") + " " + SharedFolder.PathTo("data/tau-airline/runs.json"), ("OPS_URL", _host.Url!), ("OPS_ADMIN_TOKEN", ConsoleHost.AdminToken));
        Assert.True(exit == 0, output);
        var counts = JsonDocument.Parse(output.Trim().Split('\n')[^1]).RootElement;
        // numbers.md, golden values: 100 runs, 572 tool calls, 121 writes, 22 hand-offs
        Assert.Equal((100, 572, 121, 22), (Count("runs"), Count("calls"), Count("writes"), Count("handoffs")));
        Assert.Equal((121, 572, 572), (Count("approved"), Count("allow"), Count("reported")));

        int Count(string name) => counts.GetProperty(name).GetInt32();
    }

    private static async Task ApproveNextAsync(Spine spine)
    {
        // The other process decides when it asks; it is asked back first.
        using var changed = new SemaphoreSlim(0);
        using var heard = spine.Host.Services.GetRequiredService<Signals>().Subscribe("approvals", () => { changed.Release(); return Task.CompletedTask; });
        while (true)
        {
            var page = await ConsoleHost.GetAsync(spine.Dana, "/api/v1/approvals?status=pending");
            if (page.GetProperty("items").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first)
            {
                var decision = $"/api/v1/approvals/{first.GetProperty("id").GetString()}/decision";
                var answers = first.GetProperty("questions").EnumerateArray().Select(q => q.GetProperty("answer").GetString()).ToList();
                if (answers.Count == 0) await ConsoleHost.PostAsync(spine.Dana, decision, new { verdict = "ask", reason = "Which order?" });
                else if (answers[0] is { } answer)
                {
                    Assert.Contains("8812", answer);
                    await ConsoleHost.PostAsync(spine.Dana, decision, new { verdict = "approve" });
                    return;
                }
            }
            Assert.True(await changed.WaitAsync(TimeSpan.FromMinutes(1)), "The example did not ask for anything within a minute.");
        }
    }

    private static async Task<(int Exit, string Output)> RunAsync(string file, string arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await error);
    }
}
