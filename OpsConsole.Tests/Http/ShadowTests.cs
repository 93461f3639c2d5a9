using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Evals;
using OpsConsole.Core.Reliability;
using OpsConsole.Data;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Shadow;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;
using static OpsConsole.Tests.Support.Spine;

namespace OpsConsole.Http;

public sealed class SqliteShadowTests() : ShadowTests(postgres: false)
{
    [Fact]
    public async Task Lists_WalkTheirIndex()
    {
        foreach (var (plan, index) in ((string, string)[])[(await ReadAsync(db => QueryPlan.OfAsync(db, ShadowReader.Samples(db, "rol", 5, 100).Take(50))), "ix_decisions_samples "), (await ReadAsync(db => QueryPlan.OfAsync(db, ShadowReader.Apart(db, "rol", new ShadowQuery(), [], 100).Take(50))), "ix_shadow_records_apart "), (await ReadAsync(db => QueryPlan.OfAsync(db, ShadowReader.ByPeople(db, "rol", "agt", 5).Take(50))), "ix_shadow_records_people ")])
        {
            QueryPlan.AssertOrdered(plan);
            Assert.Contains(index, plan, StringComparison.Ordinal);
        }
    }
}

public sealed class PostgresShadowTests() : ShadowTests(postgres: true);

/// <summary>Samples, what people did, agreement, and what gate C makes of it.</summary>
public abstract class ShadowTests(bool postgres) : IAsyncLifetime
{
    private static readonly string[] Actions = ["note.add", "order.get", "mail.send"];
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await StartAsync(new HostSettings { Postgres = postgres, Time = _time });
        _spine = await Spine.BuildAsync(_host, gates: "A");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    protected async Task<T> ReadAsync<T>(Func<OpsDbContext, Task<T>> read)
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        return await read(db);
    }

    private string Path => $"/api/v1/rollouts/{_spine.Rollout}/shadow";
    private Task<JsonElement> ReportAsync(string query = "") => GetAsync(_host.Admin, Path + query);
    private async Task<string> ShadowAsync(string action = "note.add", object? arguments = null) => Id(await _spine.AskAsync(new { action, arguments = arguments ?? new { text = "call back" }, confidence = 0.9, mode = "shadow" }));
    private Task<JsonElement> HumanAsync(HttpClient who, string id, object said, int expect = 200) => PostAsync(who, $"/api/v1/decisions/{id}/human", said, expect);

    [Fact]
    public async Task Samples_AreShadowAsks_AndLiveOnesHeldBackByTierOrGate_AndNothingElse()
    {
        var shadow = await ShadowAsync();
        var held = await _spine.AskAsync(new { action = "refund.create", arguments = new { amount = 20 }, confidence = 0.9 });
        Assert.Equal(("deny", "allow", "gate A"), (Outcome(held), held.GetProperty("would_be").GetString(), held.GetProperty("limited_by").GetString()));
        var simulated = Id(await _spine.AskAsync(new { action = "refund.create", arguments = new { amount = 20 }, mode = "simulation" }));
        var denied = Id(await _spine.AskAsync(new { action = "payment.pay" }));
        var ran = Id(await _spine.AskAsync(new { action = "order.get" }));
        var open = (await GetAsync(_host.Admin, Path + "/samples")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([Id(held), shadow], open.Select(s => s.GetProperty("decision_id").GetString()));
        Assert.Equal([("live", "allow"), ("shadow", "pending")], open.Select(s => (s.GetProperty("mode").GetString(), s.GetProperty("would_be").GetString())));
        foreach (var id in (string[])[simulated, denied, ran]) Assert.Equal("shadow.no_sample", (await HumanAsync(_host.Admin, id, new { did = "same" }, 409)).GetProperty("code").GetString());
        Assert.Equal((2, 0), ((await ReportAsync()).GetProperty("samples").GetInt32(), (await ReportAsync()).GetProperty("recorded").GetInt32()));

        // Page by page, and what is recorded leaves the list.
        var page = await GetAsync(_host.Admin, Path + "/samples?limit=1");
        Assert.Equal(shadow, (await GetAsync(_host.Admin, $"{Path}/samples?limit=1&after={page.GetProperty("next").GetString()}")).GetProperty("items")[0].GetProperty("decision_id").GetString());
        await HumanAsync(_spine.Dana, Id(held), new { did = "nothing" });
        Assert.Equal([shadow], (await GetAsync(_host.Admin, Path + "/samples")).GetProperty("items").EnumerateArray().Select(s => s.GetProperty("decision_id").GetString()));
        Assert.Empty((await GetAsync(_host.Admin, Path + "/samples?action=mail.send")).GetProperty("items").EnumerateArray());
        foreach (var query in (string[])["?from=then", "?after=x", "?limit=0"]) await GetAsync(_host.Admin, Path + query, 400);
    }

    [Fact]
    public async Task Recording_IsByWhoDoesTheWork_OnceAndCorrectable_AndOnRecord()
    {
        var id = await ShadowAsync();
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        var (_, auditor) = await _host.PersonAsync("auditor@example.com", "auditor");
        await HumanAsync(stranger, id, new { did = "same" }, 404);
        Assert.Contains("rollout owner can add you", (await HumanAsync(auditor, id, new { did = "same" }, 403)).GetProperty("detail").GetString());
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
        Assert.Equal("shadow.own_agent", (await HumanAsync(_spine.Owner, id, new { did = "same" }, 403)).GetProperty("code").GetString());
        foreach (var (wrong, field) in ((object, string)[])[(new { did = "perhaps" }, "did"), (new { note = "x" }, "did"), (new { did = "different" }, "action"), (new { did = "different", action = "note add" }, "action"), (new { did = "same", action = "mail.send" }, "action"), (new { did = "edited", arguments = new { text = "call back" } }, "arguments"), (new { did = "same", note = new string('x', 2_001) }, "note"), (new { did = "same", more = 1 }, "more")])
            Assert.Equal(field, (await HumanAsync(_spine.Dana, id, wrong, 400)).GetProperty("field").GetString());

        var said = await HumanAsync(_spine.Dana, id, new { did = "same" });
        Assert.Equal((true, true, "dana"), (said.GetProperty("agrees").GetBoolean(), said.GetProperty("by_person").GetBoolean(), said.GetProperty("by").GetString()));
        await HumanAsync(_spine.Dana, id, new { did = "same" });   // again: nothing happens
        var corrected = await HumanAsync(_spine.Lee, id, new { did = "edited", arguments = new { text = "wrote to her" }, note = "She asked for mail" });
        Assert.False(corrected.GetProperty("agrees").GetBoolean());
        var entries = (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=shadow.recorded")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(2, entries.Count);
        var apart = (await ReportAsync()).GetProperty("disagreements").GetProperty("items")[0];
        Assert.Equal((id, "edited", "wrote to her", "lee"), (apart.GetProperty("decision_id").GetString(), apart.GetProperty("recorded").GetProperty("did").GetString(), apart.GetProperty("recorded").GetProperty("arguments").GetProperty("text").GetString(), apart.GetProperty("recorded").GetProperty("by").GetString()));
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail["dana@example.com"], null, "session");
        var story = (await _host.Services.GetRequiredService<Features.Decisions.DecisionStory>().TellAsync(me, id, default)).Value;
        Assert.Equal(["What people did was recorded", "What people did was corrected"], story.Steps.Where(s => s.Key.StartsWith("shadow-", StringComparison.Ordinal)).Select(s => s.Title));

        // It is kept as a case; the list says where it comes from.
        var desk = _host.Services.GetRequiredService<ShadowDesk>();
        Assert.True((await desk.KeepCaseAsync(me, id, EvalExpected.Approve, EvalCategory.CommonTask, "She asked for mail")).Ok);
        var kept = (await GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/eval_cases")).GetProperty("items")[0];
        Assert.Equal((id, "approve"), (kept.GetProperty("decision_id").GetString(), kept.GetProperty("expected").GetString()));
    }

    [Fact]
    public async Task OutcomeOfASample_IsWhatPeopleDid_AndAReportStillMeansItActedAnyway()
    {
        var id = await ShadowAsync();
        Assert.Equal("decision.not_allowed", (await PostAsync(_spine.Agent, $"/api/v1/decisions/{id}/outcome", new { status = "succeeded" }, 409)).GetProperty("code").GetString());
        Assert.Equal("human.did", (await PostAsync(_spine.Agent, $"/api/v1/decisions/{id}/outcome", new { human = new { } }, 400)).GetProperty("field").GetString());
        Assert.Equal("field.unknown", (await PostAsync(_spine.Agent, $"/api/v1/decisions/{id}/outcome", new { human = new { did = "same" }, status = "succeeded" }, 400)).GetProperty("code").GetString());
        Assert.False((await PostAsync(_spine.Agent, $"/api/v1/decisions/{id}/outcome", new { human = new { did = "same" } })).GetProperty("by_person").GetBoolean());
        var report = await ReportAsync();
        Assert.Equal((1, 1, 0), (report.GetProperty("recorded").GetInt32(), report.GetProperty("recorded_by_agents").GetInt32(), report.GetProperty("gate")[0].GetProperty("agreement").GetProperty("n").GetInt32()));
        await PostAsync(_spine.Dana, $"/api/v1/decisions/{id}/outcome", new { human = new { did = "different", action = "Mail.Send" } });
        Assert.Equal("shadow.said_by_person", (await PostAsync(_spine.Agent, $"/api/v1/decisions/{id}/outcome", new { human = new { did = "same" } }, 409)).GetProperty("code").GetString());
        var allowed = Id(await _spine.AskAsync(new { action = "order.get" }));
        Assert.Equal("shadow.no_sample", (await PostAsync(_spine.Agent, $"/api/v1/decisions/{allowed}/outcome", new { human = new { did = "same" } }, 409)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Figures_AreThoseOfTheGolden_AndGateCRestsOnThem()
    {
        // [[75,1,4],[5,4,1],[0,0,10]] of numbers.md, as samples of three actions: written as rows, for the console counts them and nothing else.
        long[][] golden = [[75, 1, 4], [5, 4, 1], [0, 0, 10]];
        List<string> ids = [];
        for (var i = 0; i < 100; i += 10) ids.AddRange(await Task.WhenAll(Enumerable.Range(i, 10).Select(n => ShadowAsync(Actions[n < 80 ? 0 : n < 90 ? 1 : 2], new { n }))));
        var at = 0;
        await Task.WhenAll(golden.SelectMany((row, i) => row.SelectMany((n, j) => Enumerable.Range(0, (int)n).Select(_ => (i, j)))).Select(cell =>
        {
            var id = ids[at++];
            return HumanAsync(_spine.Dana, id, cell.i == cell.j ? new { did = "same" } : (object)new { did = "different", action = Actions[cell.j] });
        }));
        var report = await ReportAsync();
        var agreement = report.GetProperty("agreement");
        Assert.Equal((100, 0.89, 0.66, 0.6765, 0.78), (agreement.GetProperty("n").GetInt32(), Round(agreement, "observed"), Round(agreement, "expected"), Round(agreement, "kappa"), Round(agreement, "twice_observed_less_one")));
        Assert.Equal((0.6765 - 1.959964 * Math.Sqrt(0.89 * 0.11 / 100) / 0.34, 3), (agreement.GetProperty("low").GetDouble(), 3), Close);
        Assert.Equal(["note.add", "mail.send", "order.get", "(otherwise)", "(nothing)"], report.GetProperty("matrix").GetProperty("answers").EnumerateArray().Select(a => a.GetString()));
        Assert.Equal([75, 4, 1, 0, 0], report.GetProperty("matrix").GetProperty("counts")[0].EnumerateArray().Select(n => n.GetInt32()));
        Assert.Equal(("note.add", 80, 75), (report.GetProperty("actions")[0].GetProperty("action").GetString(), report.GetProperty("actions")[0].GetProperty("n").GetInt32(), report.GetProperty("actions")[0].GetProperty("agreed").GetInt32()));
        Assert.Equal(11, report.GetProperty("disagreements").GetProperty("items").GetArrayLength());
        var first = (await ReportAsync("?limit=6")).GetProperty("disagreements");
        Assert.Equal(5, (await ReportAsync("?limit=6&after=" + first.GetProperty("next").GetString())).GetProperty("disagreements").GetProperty("items").GetArrayLength());
        Assert.Equal((80, 80), ((await ReportAsync("?action=note.add")).GetProperty("recorded").GetInt32(), (await ReportAsync("?action=note.add")).GetProperty("samples").GetInt32()));
        Assert.Equal(0, (await ReportAsync("?to=2001-01-01")).GetProperty("recorded").GetInt32());

        // The week it was asked in says so.
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail[AdminEmail], null, "session");
        var week = (await _host.Services.GetRequiredService<ReliabilityReader>().FindAsync(me, _spine.Rollout, new ReliabilityQuery(Grain.Week, 2), default)).Value.Periods[^1].Shadow!;
        Assert.Equal((89, 100, 0.6765), (week.Agreed, week.N, Math.Round(week.Kappa!.Value, 4)));

        // Gate C: met, unmet by a threshold of the rollout's own, and unmet for another version, whatever the past says.
        Assert.Equal((true, "Agent: kappa 0.68 (0.50 to 0.86) over 100 samples of 3 actions"), await CriterionAsync());
        await SendAsync(_host.Admin, new { thresholds = new { shadow_kappa = 0.7 } });
        Assert.Equal((false, "Agent: kappa 0.68 over 100 samples is below 0.7"), await CriterionAsync());
        Assert.Contains("is below 0.7", (await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/gates/C/pass", new { reason = "test", waive = new[] { "gate-b", "tests", "evals", "caps", "audience", "rollback", "checklist" } }, 422)).GetProperty("detail").GetString());
        await SendAsync(_host.Admin, new { thresholds = new { shadow_kappa = 0.5 } });
        using (var patch = await _host.Admin.SendAsync(new HttpRequestMessage(HttpMethod.Patch, "/api/v1/agents/" + _spine.AgentId) { Content = System.Net.Http.Json.JsonContent.Create(new { version = "next" }) })) Assert.True(patch.IsSuccessStatusCode);
        Assert.Equal((false, "no evidence yet"), await CriterionAsync());
        await HumanAsync(_spine.Dana, await ShadowAsync(), new { did = "same" });
        Assert.Equal((false, "Agent: 1 of 30 samples recorded by people"), await CriterionAsync());
    }

    private static readonly EqualityComparer<(double, int)> Close = EqualityComparer<(double, int)>.Create((a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-3);

    private static double Round(JsonElement of, string name) => Math.Round(of.GetProperty(name).GetDouble(), 4);

    private async Task SendAsync(HttpClient who, object patch)
    {
        using var answer = await who.SendAsync(new HttpRequestMessage(HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout) { Content = System.Net.Http.Json.JsonContent.Create(patch) });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<(bool, string?)> CriterionAsync()
    {
        var gate = (await GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/gates")).EnumerateArray().Single(g => g.GetProperty("gate").GetString() == "C");
        var criterion = gate.GetProperty("criteria").EnumerateArray().Single(c => c.GetProperty("id").GetString() == "shadow");
        return (criterion.GetProperty("met").GetBoolean(), criterion.GetProperty("evidence").GetString());
    }
}
