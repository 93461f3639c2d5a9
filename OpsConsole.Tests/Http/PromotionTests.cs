using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Features.Promotions;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqlitePromotionTests() : PromotionTests(postgres: false)
{
    [Fact]
    public async Task Evidence_WalksTheIndexOfTheAgent()
        => Assert.Contains("USING INDEX ix_decisions_agent (agent_id=? AND seq>?)", await ReadAsync(db => QueryPlan.OfAsync(db, PromotionEvidence.Since(db, new PromotionProposal(1, "prm", "agt", "rol", "refund.*", Tier.Contributor, new PromotionTerms(), "", "per", DateTimeOffset.UnixEpoch)))));
}

public sealed class PostgresPromotionTests() : PromotionTests(postgres: true);

/// <summary>A tier that is proven: the test is fixed first, runs count from then on, a second person confirms; what fails or is lowered cools, what nobody reviews falls back.</summary>
public abstract class PromotionTests(bool postgres) : IAsyncLifetime
{
    // 16 clean runs have a lower bound of .80.
    private static readonly object Short = new { kind = "fixed", sample = 16, target = 0.8 }, Wald = new { kind = "sequential", p1 = 0.05, p2 = 0.5, alpha = 0.2, beta = 0.2 };
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private readonly Dictionary<bool, HttpClient> _deciders = [];
    private HttpClient _engineer = default!;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await StartAsync(new HostSettings { Postgres = postgres, Time = _time });
        _spine = await Spine.BuildAsync(_host, tier: "contributor");
        await PostAsync(_host.Admin, Agent + "/grants", new { capability = "refund.*", tier = "contributor", reason = "start", expires_at = _time.GetUtcNow().AddDays(300) }, 201);
        await _host.PersonAsync("engineer@example.com", "member");
        await _host.PersonAsync("risk@example.com", "member");
        foreach (var (email, role) in ((string, string)[])[("engineer@example.com", "engineering_owner"), ("risk@example.com", "risk_lead"), ("owner@example.com", "rollout_owner")])
            await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email, roles = new[] { role } }, 201);
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { thresholds = new { promotion_target = 0.45 } }, 200);   // short tests are enough here
        _engineer = await SignedInAsync("engineer@example.com");
    }

    private string Agent => "/api/v1/agents/" + _spine.AgentId;
    private string Promotions => Agent + "/promotions";

    public async Task DisposeAsync() => await _host.DisposeAsync();

    protected async Task<T> ReadAsync<T>(Func<OpsDbContext, Task<T>> read)
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        return await read(db);
    }

    private async Task<HttpClient> SignedInAsync(string email)
        => _host.As((await PostAsync(_host.Nobody, "/api/v1/tokens", new { email, password = _host.PasswordOf(email), scopes = new[] { "*" }, expires_in_days = 300 }, 201)).GetProperty("token").GetString()!);

    private PromotionClock Clock => _host.Services.GetServices<IHostedService>().OfType<PromotionClock>().Single();

    private Task<JsonElement> ProposeAsync(object test, int expect = 201, string capability = "refund.*", HttpClient? by = null, int each = 1)
        => PostAsync(by ?? _engineer, Promotions, new { capability, reason = "It works", test, scenario_classes = new[] { "R-3", "R-4" }, each_at_least = each, review_days = 30 }, expect);

    /// <summary>Refunds that a person lets go, as many of each amount; the last ones end as said.</summary>
    private async Task RefundsAsync(int count, string status = "succeeded", double amount = 20)
    {
        for (var i = 0; i < count; i++)
        {
            var asked = await _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = $"o-{i}" }, arguments = new { amount = amount + i }, run_id = $"run-{amount}-{i}", confidence = 0.9 }, 202);
            await _spine.DecideAsync(await DeciderAsync(amount + i), asked, status == "rejected" ? new { verdict = "reject", reason = "no" } : (object)new { verdict = "approve" });
            if (status != "rejected") await PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", new { status, writes = new[] { new { system = "billing", record = $"r/{amount}/{i}", operation = "create" } } });
        }
    }

    // The leads decide what is large; the rest is for an owner of the rollout who does not own the agent.
    private async Task<HttpClient> DeciderAsync(double amount) => _deciders.TryGetValue(amount > 200, out var known) ? known : _deciders[amount > 200] = await SignedInAsync(amount > 200 ? "dana@example.com" : AdminEmail);

    private async Task<JsonElement> GrantAsync(string capability = "refund.*")
        => (await GetAsync(_host.Admin, Agent + "/grants")).GetProperty("items").EnumerateArray().Single(g => g.GetProperty("live").GetBoolean() && g.GetProperty("capability").GetString() == capability);

    private static string Code(JsonElement problem) => problem.GetProperty("code").GetString()!;
    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    [Fact]
    public async Task Promotion_ByAFixedNumber_NeedsTheRunsTheRowsAndASecondPerson()
    {
        await RefundsAsync(2);   // before the proposal: counts for nothing
        var proposal = await ProposeAsync(Short, by: _host.Admin);
        var id = Spine.Id(proposal);
        Assert.Equal(("open", "contributor", "executor", 0, 16), (Text(proposal, "state"), Text(proposal, "from"), Text(proposal, "to"), proposal.GetProperty("progress").GetProperty("runs").GetInt32(), proposal.GetProperty("progress").GetProperty("more_runs").GetInt32()));
        Assert.Equal("promotion.open", Code(await ProposeAsync(Wald, 409)));
        Assert.Equal("promotion.open", Code(await ProposeAsync(Wald, 409, "*")));   // the same runs twice, by other terms

        using var risk = await SignedInAsync("risk@example.com");
        await RefundsAsync(15);
        Assert.Equal("promotion.unproven", Code(await PostAsync(risk, $"{Promotions}/{id}/confirm", new { reason = "it is enough" }, 422)));
        await RefundsAsync(1, amount: 60);
        var stands = await GetAsync(risk, $"{Promotions}/{id}");
        Assert.Equal("16 of 16 runs clean: that is enough. Still to be met: 1 more of R-3.", Text(stands, "standing"));
        await RefundsAsync(1, amount: 420);
        stands = await GetAsync(risk, $"{Promotions}/{id}");
        Assert.Equal(("passed", true), (Text(stands, "state"), stands.GetProperty("may").GetProperty("confirm").GetBoolean()));
        Assert.Equal([("R-3", 1, 0), ("R-4", 16, 0)], stands.GetProperty("scenario_classes").EnumerateArray().Select(c => (Text(c, "rule_id"), c.GetProperty("seen").GetInt32(), c.GetProperty("missing").GetInt32())));

        // Not the proposer, not the owner of the agent, not somebody who does not answer for the rollout's authority.
        Assert.Equal("promotion.own", Code(await PostAsync(_host.Admin, $"{Promotions}/{id}/confirm", new { reason = "mine" }, 403)));
        Assert.Equal("forbidden", Code(await PostAsync(_spine.Owner, $"{Promotions}/{id}/confirm", new { reason = "my agent" }, 403)));
        Assert.Equal("forbidden", Code(await PostAsync(_engineer, $"{Promotions}/{id}/confirm", new { reason = "x" }, 403)));
        Assert.Equal("R-3", (await GetAsync(risk, $"{Promotions}/{id}/runs?limit=1&after=16")).GetProperty("items")[0].GetProperty("rule_id").GetString());
        Assert.Equal(16, (await GetAsync(risk, $"{Promotions}/{id}/runs")).GetProperty("items").EnumerateArray().Count(r => r.GetProperty("judged").GetBoolean()));

        // What was clean is so no more when it becomes part of an incident; called off, it is again.
        var first = Text((await GetAsync(risk, $"{Promotions}/{id}/runs")).GetProperty("items")[0], "decision_id");
        var incident = Spine.Id(await PostAsync(_host.Admin, "/api/v1/incidents", new { rollout_id = _spine.Rollout, title = "Twice", severity = "sev3", decisions = new[] { first } }, 201));
        Assert.Equal("promotion.unproven", Code(await PostAsync(risk, $"{Promotions}/{id}/confirm", new { reason = "it is enough" }, 422)));
        await PostAsync(_host.Admin, $"/api/v1/incidents/{incident}/state", new { state = "cancelled", words = "nothing happened" });

        var confirmed = await PostAsync(risk, $"{Promotions}/{id}/confirm", new { reason = "Proven" });
        var grant = await GrantAsync();
        Assert.Equal(("confirmed", Text(grant, "id"), "executor", false, id), (Text(confirmed, "state"), Text(confirmed, "grant_id"), Text(grant, "tier"), grant.GetProperty("override").GetBoolean(), Text(grant, "promotion")));
        Assert.InRange((grant.GetProperty("review_by").GetDateTimeOffset() - _time.GetUtcNow()).TotalDays, 29.9, 30);
        Assert.InRange((grant.GetProperty("expires_at").GetDateTimeOffset() - _time.GetUtcNow()).TotalDays, 299, 300);   // nobody lengthened what was given for a time
        Assert.Equal("allow", Spine.Outcome(await _spine.RefundAsync(20)));
        Assert.Equal("promotion.over", Code(await PostAsync(risk, $"{Promotions}/{id}/confirm", new { reason = "again" }, 409)));
        Assert.Equal("promotion.highest", Code(await ProposeAsync(Short, 422)));
        Assert.Equal(1, await ReadAsync(db => db.Audit.CountAsync(a => a.Event == "promotion.confirmed" && a.Object == id)));
    }

    [Fact]
    public async Task Promotion_BySequentialTest_PassesAtItsBoundary_AndFailsAtTheOther()
    {
        var id = Spine.Id(await ProposeAsync(Wald));
        var more = (await GetAsync(_host.Admin, $"{Promotions}/{id}")).GetProperty("progress").GetProperty("more_runs").GetInt32();
        await RefundsAsync(1, amount: 420);
        await RefundsAsync(more - 1);
        var stands = await GetAsync(_host.Admin, $"{Promotions}/{id}");
        Assert.Equal(("passed", more), (Text(stands, "state"), stands.GetProperty("progress").GetProperty("judged").GetInt32()));
        Assert.True(stands.GetProperty("progress").GetProperty("accept_at").GetDouble() >= 0);
        await RefundsAsync(3, "failed", 80);   // after its end, which it stays
        Assert.Equal("passed", Text(await GetAsync(_host.Admin, $"{Promotions}/{id}"), "state"));
        await PostAsync(_host.Admin, $"{Promotions}/{id}/confirm", new { reason = "Proven" });
        Assert.Equal("executor", Text(await GrantAsync(), "tier"));

        // Lowered in one step, it cools; then it is proposed again, and fails.
        Assert.Equal("grant.changed", Code(await PostAsync(_spine.Owner, Agent + "/demote", new { capability = "refund.*", reason = "odd", from = "contributor" }, 409)));
        await PostAsync(_spine.Dana, Agent + "/demote", new { capability = "refund.*", reason = "odd" }, 403);   // decides requests, and answers for nothing here
        var lower = await PostAsync(_spine.Owner, Agent + "/demote", new { capability = "Refund.*", reason = "odd refunds", from = "executor" });
        Assert.Equal(("contributor", "odd refunds"), (Text(lower, "tier"), Text(lower, "reason")));
        Assert.Equal("grant.none", Code(await PostAsync(_spine.Owner, Agent + "/demote", new { capability = "refund.create", reason = "x" }, 422)));
        var cooling = await ProposeAsync(Wald, 409);
        Assert.Equal("promotion.cooling", Code(cooling));
        Assert.InRange((cooling.GetProperty("until").GetDateTimeOffset() - _time.GetUtcNow()).TotalDays, 13.9, 14);
        await SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/rollouts/{_spine.Rollout}", new { thresholds = new { promotion_cooldown_days = 3, promotion_target = 0.45 } }, 200);
        _time.Skip(TimeSpan.FromDays(3.01));
        id = Spine.Id(await ProposeAsync(Wald));
        await RefundsAsync(1, "rejected", 700);
        await RefundsAsync(2, "failed", 90);
        await Clock.TurnAsync(default);
        stands = await GetAsync(_host.Admin, $"{Promotions}/{id}");
        Assert.Equal(("failed", "rejected"), (Text(stands, "state"), Text(stands.GetProperty("progress"), "verdict")));
        Assert.Contains((await GetAsync(_host.Admin, $"{Promotions}/{id}/runs")).GetProperty("items").EnumerateArray(), r => r.GetProperty("fault").GetString() == "rejected by a person");
        Assert.Equal("promotion.cooling", Code(await ProposeAsync(Wald, 409)));
        Assert.Equal(["failed", "confirmed"], (await GetAsync(_host.Admin, Promotions)).GetProperty("items").EnumerateArray().Select(p => Text(p, "state")));
    }

    [Fact]
    public async Task Proposal_IsFixed_AndTakenBackAfterALookItCools()
    {
        Assert.Equal("promotion.sample", Code(await ProposeAsync(new { kind = "fixed", sample = 15, target = 0.8 }, 422)));
        Assert.Equal("promotion.no_grant", Code(await ProposeAsync(Short, 422, "mail.send")));
        // Nobody calls something proven that the rollout does not: not even two people together.
        Assert.Equal("promotion.weak", Code(await ProposeAsync(new { kind = "fixed", sample = 16, target = 0.4 }, 422)));
        Assert.Equal("promotion.weak", Code(await ProposeAsync(new { kind = "sequential", p1 = 0.05, p2 = 0.7, alpha = 0.2, beta = 0.2 }, 422)));
        Assert.Equal("promotion.weak", Code(await ProposeAsync(new { kind = "sequential", p1 = 0.05, p2 = 0.5, alpha = 0.2, beta = 0.3 }, 422)));
        Assert.Equal("field.invalid", Code(await ProposeAsync(new { kind = "fixed", sample = 73, p1 = 0.1 }, 400)));
        Assert.Equal("promotion.unknown_class", Code(await PostAsync(_engineer, Promotions, new { capability = "refund.*", reason = "x", scenario_classes = new[] { "R-2" } }, 422)));   // it denies
        Assert.Equal("promotion.no_classes", Code(await PostAsync(_engineer, Promotions, new { capability = "refund.*", reason = "x", scenario_classes = Array.Empty<string>() }, 422)));
        await ProposeAsync(Short, 403, by: _spine.Dana);
        var usual = await PostAsync(_spine.Owner, Promotions, new { capability = "refund.*", reason = "The usual test" }, 201);
        Assert.Equal((73, 0.95, 5, 2), (usual.GetProperty("test").GetProperty("sample").GetInt32(), usual.GetProperty("test").GetProperty("target").GetDouble(), usual.GetProperty("each_at_least").GetInt32(), usual.GetProperty("scenario_classes").GetArrayLength()));
        // There is no way to change it, and the row is as it was proposed.
        foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Patch]) await SendAsync(_host.Admin, method, $"{Promotions}/{Spine.Id(usual)}", new { test = Short }, 405);
        await PostAsync(_spine.Owner, $"{Promotions}/{Spine.Id(usual)}/withdraw", new { reason = "Too long" });   // nothing was seen, so nothing cools
        var id = Spine.Id(await ProposeAsync(Short));
        await RefundsAsync(1, "failed");
        Assert.Equal(73, (await GetAsync(_host.Admin, $"{Promotions}/{Spine.Id(usual)}")).GetProperty("test").GetProperty("sample").GetInt32());
        var taken = await PostAsync(_engineer, $"{Promotions}/{id}/withdraw", new { reason = "It goes badly" });
        Assert.Equal("withdrawn", Text(taken, "state"));
        Assert.Equal("promotion.cooling", Code(await ProposeAsync(Short, 409)));

        // What happens to the tier meanwhile ends the proposal.
        _time.Skip(TimeSpan.FromDays(15));
        using var admin = await SignedInAsync(AdminEmail);
        using var engineer = await SignedInAsync("engineer@example.com");
        id = Spine.Id(await ProposeAsync(Short, by: engineer));
        await PostAsync(admin, Agent + "/grants", new { capability = "refund.*", tier = "executor", reason = "cannot wait" }, 201);
        Assert.Equal("overtaken", Text(await GetAsync(admin, $"{Promotions}/{id}"), "state"));
        await PostAsync(admin, Agent + "/demote", new { capability = "refund.*", reason = "back" });
        _time.Skip(TimeSpan.FromDays(15));
        id = Spine.Id(await ProposeAsync(Short, by: engineer));
        _time.Skip(TimeSpan.FromDays(91));
        await Clock.TurnAsync(default);
        Assert.Equal("expired", Text(await GetAsync(admin, $"{Promotions}/{id}"), "state"));
        Assert.Equal("promotion.over", Code(await PostAsync(admin, $"{Promotions}/{id}/withdraw", new { reason = "late" }, 409)));
    }

    // What a narrow grant keeps low does not rise by taking it away.
    [Fact]
    public async Task NarrowGrant_ThatKeepsATierDown_IsTakenAwayByAnAdminOnly()
    {
        await PostAsync(_spine.Owner, Agent + "/demote", new { capability = "refund.*", reason = "odd refunds" });
        var narrow = Text(await GrantAsync(), "id");
        var refused = await SendAsync(_spine.Owner, HttpMethod.Delete, $"{Agent}/grants/{narrow}", new { reason = "tidy" }, 403);
        Assert.Contains("Without it * would hold, as contributor", Text(refused, "detail"), StringComparison.Ordinal);
        await SendAsync(_spine.Owner, HttpMethod.Delete, $"{Agent}/grants/{Text(await GrantAsync("*"), "id")}", new { reason = "first" }, 204);
        await SendAsync(_spine.Owner, HttpMethod.Delete, $"{Agent}/grants/{narrow}", new { reason = "now it only takes away" }, 204);
    }

    // Whoever lowers a tier, the capability cools and its proposal is over.
    [Fact]
    public async Task Incident_ThatReducesAuthority_EndsTheProposalAndCools()
    {
        var id = Spine.Id(await ProposeAsync(Short));
        var incident = Spine.Id(await PostAsync(_host.Admin, "/api/v1/incidents", new { rollout_id = _spine.Rollout, title = "Twice", severity = "sev3" }, 201));
        await PostAsync(_host.Admin, $"/api/v1/incidents/{incident}/responses", new { response = "reduce_authority" });
        Assert.Equal(("observer", "overtaken"), (Text(await GrantAsync(), "tier"), Text(await GetAsync(_host.Admin, $"{Promotions}/{id}"), "state")));
        Assert.Equal("promotion.cooling", Code(await ProposeAsync(Short, 409)));
    }

    [Fact]
    public async Task Review_Overdue_FallsBackAtOnce_AndIsRecorded_UnlessItWasMade()
    {
        await PostAsync(_host.Admin, Agent + "/grants", new { capability = "refund.*", tier = "executor", reason = "x", review_by = _time.GetUtcNow().AddDays(-1) }, 400);
        var given = await PostAsync(_host.Admin, Agent + "/grants", new { capability = "refund.*", tier = "executor", reason = "pilot", review_by = _time.GetUtcNow().AddDays(10) }, 201);
        Assert.Equal("allow", Spine.Outcome(await _spine.RefundAsync(20)));
        using (var risk = await SignedInAsync("risk@example.com"))
        {
            await PostAsync(_spine.Owner, $"{Agent}/grants/{Spine.Id(given)}/renew", new { review_by = _time.GetUtcNow().AddDays(30), reason = "my agent" }, 403);
            await PostAsync(risk, $"{Agent}/grants/{Spine.Id(given)}/renew", new { review_by = _time.GetUtcNow().AddDays(400), reason = "for good" }, 400);
            await PostAsync(risk, $"{Agent}/grants/{Spine.Id(given)}/renew", new { review_by = _time.GetUtcNow().AddDays(20), reason = "looked at it" });
        }
        _time.Skip(TimeSpan.FromDays(11));
        Assert.Equal("allow", Spine.Outcome(await _spine.RefundAsync(20)));
        _time.Skip(TimeSpan.FromDays(9.1));
        var waits = await _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "1" }, arguments = new { amount = 21 }, run_id = "run-9", confidence = 0.9 }, 202);
        Assert.Equal("pending", Spine.Outcome(waits));
        Assert.True(await Clock.TurnAsync(default));
        using var admin = await SignedInAsync(AdminEmail);
        var (lower, entry) = ((await GetAsync(admin, Agent + "/grants")).GetProperty("items").EnumerateArray().Single(g => g.GetProperty("live").GetBoolean() && Text(g, "capability") == "refund.*"), await ReadAsync(db => db.Audit.OrderByDescending(a => a.Seq).FirstAsync(a => a.Event == "grant.given")));
        Assert.Equal(("contributor", "console"), (Text(lower, "tier"), Text(lower, "granted_by")));
        Assert.InRange((lower.GetProperty("review_by").GetDateTimeOffset() - _time.GetUtcNow()).TotalDays, 29, 30);
        Assert.Equal("system:console", entry.Actor);
        Assert.Equal("grant.ended", Code(await PostAsync(admin, $"{Agent}/grants/{Spine.Id(given)}/renew", new { review_by = _time.GetUtcNow().AddDays(30), reason = "late" }, 409)));
        // Nobody lowered it, so nothing cools.
        await PostAsync(admin, Promotions, new { capability = "refund.*", reason = "Prove it anew" }, 201);
    }
}
