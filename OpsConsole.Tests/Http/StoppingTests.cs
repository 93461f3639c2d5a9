using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Platform.Realtime;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>A console that stops keeps nobody, and nobody keeps it.</summary>
public sealed class StoppingTests
{
    [Fact]
    public async Task Stop_AgentWaits_IsAnsweredAtOnceThatItStillWaits()
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        var spine = await Spine.BuildAsync(host);
        var asked = await spine.RefundAsync(420, 202);
        var signals = host.Services.GetRequiredService<Signals>();
        var before = signals.Count;
        var waiting = spine.WaitAsync(asked);
        await Until.True(() => signals.Count > before || waiting.IsCompleted, "the agent that waits");

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Equal("pending", Spine.Outcome(await waiting.WaitAsync(TimeSpan.FromSeconds(15))));
        await host.StopAsync();
    }
}
