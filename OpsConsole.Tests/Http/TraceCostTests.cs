using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Features.Reliability;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>What a run cost is what its model calls cost (numbers.md, 'cost'): the agent's span around them says a total of its own, and adding it counts them twice.</summary>
public sealed class TraceCostTests
{
    private const string Trace = "data/otel-agent-traces/microsoft-agent-2025-12-17.json";

    [SharedFact(Trace)]
    public async Task RecordedRun_CostsItsModelCalls_AndNotTheirParentOnceMore()
    {
        using var trace = JsonDocument.Parse(await File.ReadAllTextAsync(SharedFolder.PathTo(Trace)));
        var spans = trace.RootElement.GetProperty("observations").EnumerateArray().Select(o => (Id: o.GetProperty("id").GetString()!, Parent: o.GetProperty("parentObservationId").GetString(), Type: o.GetProperty("type").GetString()!, Cost: o.GetProperty("totalCost").GetDecimal())).ToList();
        var calls = spans.Where(s => s.Type == "GENERATION").ToList();
        Assert.Equal((0.00028525m, 0.00065625m), (calls.Sum(c => c.Cost), spans.Sum(s => s.Cost)));   // right, and what the trap says
        Assert.All(calls, c => Assert.Equal("AGENT", spans.Single(s => s.Id == c.Parent).Type));

        await using var host = await StartAsync(new HostSettings());
        var spine = await Spine.BuildAsync(host);
        foreach (var call in calls)   // as an agent reports it: with the action that the call led to
        {
            var asked = await spine.RefundAsync(20);
            await PostAsync(spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", new { status = "succeeded", cost = new { usd = call.Cost.ToString(CultureInfo.InvariantCulture) } });
        }
        var counter = host.Services.GetServices<IHostedService>().OfType<RollupClock>().Single();
        while (await counter.TurnAsync(default)) { }
        var week = (await GetAsync(host.Admin, $"/api/v1/rollouts/{spine.Rollout}/reliability?grain=week&count=1")).GetProperty("periods")[0];
        Assert.Equal(calls.Count, week.GetProperty("executed").GetInt32());
        Assert.InRange(week.GetProperty("cost_usd").GetDecimal(), 0.00028525m, 0.00028525m + (calls.Count * 0.000001m));   // each is rounded up to a millionth, so that no cap is undercut
    }
}
