using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Features.Authority;

/// <summary>Analyses take turns: pages wait, callers of the API not for long, and who leaves gives the place away.</summary>
public sealed class AnalysisTurnsTests
{
    [Fact]
    public async Task Run_AsManyAsProcessors_TheNextWaitsForOneToEnd()
    {
        using var turns = new AnalysisTurns();
        using var end = new ManualResetEventSlim();
        var running = Hold(turns, end);
        Assert.Equal("analysis.busy", (await turns.RunAsync(() => 1, TimeSpan.Zero, default)).Fault?.Code);
        var next = turns.RunAsync(() => 2, null, default);
        using var left = new CancellationTokenSource();
        var gone = turns.RunAsync(() => 3, null, left.Token);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.False(next.IsCompleted);
        end.Set();
        Assert.Equal(2, (await next).Value);
        await Task.WhenAll(running);
        Assert.Equal(4, (await turns.RunAsync(() => 4, TimeSpan.Zero, default)).Value);   // who left took no turn with it
    }

    [Fact]
    public async Task Run_ThatThrows_GivesItsTurnBack()
    {
        using var turns = new AnalysisTurns();
        for (var i = 0; i <= AnalysisTurns.AtOnce; i++) await Assert.ThrowsAsync<InvalidOperationException>(() => turns.RunAsync<int>(() => throw new InvalidOperationException(), null, default));
        Assert.True((await turns.RunAsync(() => 1, TimeSpan.Zero, default)).Ok);
    }

    [Fact]
    public async Task Api_NoTurn_Answers503_AndAgainWhenThereIsOne()
    {
        using var turns = new AnalysisTurns { Patience = TimeSpan.Zero };
        await using var host = await StartAsync(new HostSettings { Services = s => s.AddSingleton(turns) });
        var id = (await PostAsync(host.Admin, "/api/v1/rollouts", new { name = "Busy", purpose = "p", time_zone = "UTC" }, 201)).GetProperty("id").GetString()!;
        var path = $"/api/v1/rollouts/{id}/matrix";
        using var end = new ManualResetEventSlim();
        var running = Hold(turns, end);
        foreach (var response in new[] { await host.Admin.GetAsync(path + "/analysis"), await host.Admin.PostAsJsonAsync(path + "/publish", new { reason = "r" }) })
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (response.StatusCode, response.Headers.RetryAfter?.Delta));
            Assert.Equal("analysis.busy", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        }
        var page = host.Services.GetRequiredService<MatrixDesk>().PageAsync(new PersonCaller(host.Writer.State.Directory.ByEmail[AdminEmail], null, "session"), id, default);
        Assert.False(page.IsCompleted);
        end.Set();
        Assert.True((await page).Ok);
        await Task.WhenAll(running);
        Assert.Equal(HttpStatusCode.OK, (await host.Admin.GetAsync(path + "/analysis")).StatusCode);
    }

    private static Task[] Hold(AnalysisTurns turns, ManualResetEventSlim end) => [.. Enumerable.Range(0, AnalysisTurns.AtOnce).Select(_ => turns.RunAsync(() => { end.Wait(); return 0; }, TimeSpan.Zero, default))];
}
