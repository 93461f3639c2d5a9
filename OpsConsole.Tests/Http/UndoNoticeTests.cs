using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Features.Notices;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteUndoNoticeTests() : UndoNoticeTests(postgres: false)
{
    [Fact]
    public async Task Reports_AreFoundByTheIndexOfEvents_AndTheirWindowsByKey()
    {
        await using var db = Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContext();
        var plan = await QueryPlan.OfAsync(db, NoticeFeed.ToConfirm(db, 5, 5_000).Take(3));
        QueryPlan.AssertOrdered(plan);
        Assert.Contains("ix_audit_event (event=? AND seq>? AND seq<?)", plan);
        Assert.Contains("INTEGER PRIMARY KEY (rowid=?)", plan);
    }
}

public sealed class PostgresUndoNoticeTests() : UndoNoticeTests(postgres: true);

/// <summary>People are told of what they have to confirm, and of undo steps that need somebody: who, once, and nothing secret.</summary>
public abstract class UndoNoticeTests(bool postgres) : NoticeFixture(postgres)
{
    private const string Rules = """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "crm.update", "outcome": "allow", "consequence": "low", "reversible": true, "window": "PT1H" },
        { "id": "R-2", "action": "crm.set", "outcome": "allow", "consequence": "low", "reversible": true, "window": "PT1H", "confirm": "required", "approvers": ["group:leads", "user:owner@example.com"] } ] }
    """;

    [Fact]
    public async Task Window_IsToldToWhoMayConfirmIt_AndNeverToTheAgentsOwner()
    {
        await Spine.PublishAsync(Host, Spine.Rollout, Rules);
        var free = await ActAsync("crm.update", "contact/1");   // nobody has to confirm that, and nobody is told what becomes of it
        await PostAsync(Host.Admin, $"/api/v1/decisions/{free}/veto", new { words = "No" });
        var decision = await ActAsync("crm.set", "contact/secret");
        await MailedAsync(2);
        Assert.Equal(["dana@example.com", "lee@example.com"], Sink.Mails.Select(m => m.To).Order());
        var mail = Sink.Mails.First(m => m.To == "dana@example.com");
        Assert.Equal("Waits for you to confirm it: crm.set · Support", mail.Subject);
        Assert.Contains($"https://ops.example.com/provisional?decision={decision}&say=confirm", mail.Words);
        foreach (var secret in (string[])["secret", "0815"]) Assert.DoesNotContain(secret, mail.Words);
        var notice = Assert.Single(await NoticesAsync(Spine.Dana));
        Assert.Equal(("confirm", true, decision, "open"), (notice.GetProperty("kind").GetString(), notice.GetProperty("asked").GetBoolean(), notice.GetProperty("decision_id").GetString(), notice.GetProperty("status").GetString()));
        Assert.Equal(JsonValueKind.Null, notice.GetProperty("approval_id").ValueKind);
        Assert.Empty(await NoticesAsync(Spine.Owner));   // named by the row, and owns the agent
        Assert.Empty(await NoticesAsync(Host.Admin));    // an admin is not asked by being one
        await PostAsync(Spine.Dana, $"/api/v1/decisions/{decision}/confirm", new { });
        await Until.True(() => Read(db => db.Notices.All(n => n.ReadAt != null)), "the other's is read by itself");
        var after = Assert.Single(await NoticesAsync(Spine.Lee));
        Assert.Equal(("confirmed", "dana"), (after.GetProperty("status").GetString(), after.GetProperty("decided_by").GetString()));
    }

    [Fact]
    public async Task Window_ConfirmedBeforeItIsSent_IsNotMailed()
    {
        await Spine.PublishAsync(Host, Spine.Rollout, Rules);
        Sink.Answer = "451 later";
        var decision = await ActAsync("crm.set", "contact/1");
        await Until.True(() => Volatile.Read(ref Sink.Tried) >= 2, "both were tried");
        await PostAsync(Spine.Lee, $"/api/v1/decisions/{decision}/veto", new { words = "No" });
        Sink.Answer = "250 OK";
        Time.Skip(TimeSpan.FromSeconds(10));
        await Until.True(() => Read(db => db.NoticeDeliveries.Count(d => d.Event == "confirm" && d.State == DeliveryState.Stopped)) == 2, "both are stopped");
        Assert.DoesNotContain(Sink.Mails, m => m.Subject.StartsWith("Waits for you to confirm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Window_NobodyConfirmedInTime_IsToldNoMore()
    {
        await Spine.PublishAsync(Host, Spine.Rollout, Rules);
        await ActAsync("crm.set", "contact/1");
        await MailedAsync(2);
        Time.Skip(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(40));
        await Until.True(() => Read(db => db.Notices.Where(n => n.Kind == NoticeKind.Confirm).All(n => n.ReadAt != null)), "what was told of it is read");
        Assert.Equal("undone", (await NoticesAsync(Spine.Dana)).Single(n => n.GetProperty("kind").GetString() == "confirm").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Plan_OfManySteps_IsToldOnceToItsPeople_UntilNothingOfItNeedsThem()
    {
        await Spine.PublishAsync(Host, Spine.Rollout, Rules);
        foreach (var member in (string[])["owner@example.com", "dana@example.com"]) await PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/members", new { email = member, roles = new[] { "member" } }, 201);
        var decision = await ActAsync("crm.update", [.. Enumerable.Range(0, 120).Select(i => "contact/" + i)], undo: null);
        var plan = await PostAsync(Host.Admin, "/api/v1/undo/plans", new { scope = new { decision_id = decision } }, 201);
        await MailedAsync(2);
        Assert.Equal(["dana@example.com", "owner@example.com"], Sink.Mails.Select(m => m.To).Order());
        Assert.Equal("An undo needs you: 120 steps · Support", Sink.Mails.First().Subject);
        Assert.Contains("https://ops.example.com/undo/" + Spine.Id(plan), Sink.Mails.First().Words);
        Assert.DoesNotContain("contact/", Sink.Mails.First().Words);
        Assert.Empty(await NoticesAsync(Host.Admin));   // who started it saw it
        var steps = plan.GetProperty("steps").EnumerateArray().Select(Spine.Id).ToList();
        foreach (var step in steps.Take(3)) await PostAsync(Host.Admin, $"/api/v1/undo/steps/{step}/hand_over", new { to = "owner@example.com", words = "Please" });
        var notice = Assert.Single(await NoticesAsync(Spine.Owner));   // has not looked yet
        Assert.Equal(("undo", Spine.Id(plan), "needs_somebody"), (notice.GetProperty("kind").GetString(), notice.GetProperty("plan_id").GetString(), notice.GetProperty("status").GetString()));
        // Whoever has looked is told of what comes later, and not of each step that fails while they look.
        await PostAsync(Spine.Owner, $"/api/v1/me/notices/{Spine.Id(notice)}/read", null, 204);
        Time.Skip(TimeSpan.FromMinutes(11));
        await PostAsync(Host.Admin, $"/api/v1/undo/steps/{steps[3]}/hand_over", new { to = "owner@example.com", words = "This too" });
        await Until.True(async () => (await NoticesAsync(Spine.Owner)).Count == 2, "the owner is told again");
        foreach (var step in steps) await PostAsync(steps.IndexOf(step) < 4 ? Spine.Owner : Host.Admin, $"/api/v1/undo/steps/{step}/outcome", new { status = "undone" });
        await Until.True(() => Read(db => db.Notices.All(n => n.ReadAt != null)), "all are read by themselves");
        Assert.Equal("dealt_with", (await NoticesAsync(Spine.Dana)).Single().GetProperty("status").GetString());
        Assert.Equal(3, Sink.Mails.Count);
    }

    [Fact]
    public async Task Step_ThatMetAConflict_IsToldToWhoStartedThePlan_AndToAChannelOnce()
    {
        await Spine.PublishAsync(Host, Spine.Rollout, Rules);
        await PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/channels", new { kind = "slack", url = "https://hooks.example.com/chat", kinds = new[] { "undo", "confirm" } }, 201);
        var decision = await ActAsync("crm.update", ["contact/1", "contact/2", "contact/3"]);
        var plan = await PostAsync(Host.Admin, "/api/v1/undo/plans", new { scope = new { decision_id = decision } }, 201);
        foreach (var task in (await GetAsync(Spine.Agent, "/api/v1/undo")).GetProperty("items").EnumerateArray())
        {
            await PostAsync(Spine.Agent, $"/api/v1/undo/{Spine.Id(task)}/outcome", new { status = "conflict", words = "Ida changed it" });
            await Until.True(() => Read(db => db.Notices.Any(n => n.Kind == NoticeKind.Undo)), "it is told");
        }
        await ActAsync("crm.set", "contact/9");   // what comes after them in the log is told after them
        await Until.True(() => Box.Sent.Any(m => System.Text.Encoding.UTF8.GetString(m.Body).Contains("Waits to be confirmed", StringComparison.Ordinal)), "the channel has the later one");
        var notice = Assert.Single(await NoticesAsync(Host.Admin), n => n.GetProperty("kind").GetString() == "undo");
        Assert.Equal(Spine.Id(plan), notice.GetProperty("plan_id").GetString());
        await Until.True(() => Read(db => db.NoticeDeliveries.Where(d => d.EndpointId != NoticeDelivery.Mail).All(d => d.State == DeliveryState.Delivered)), "the channel has all");
        var sent = Assert.Single(Box.Sent, m => System.Text.Encoding.UTF8.GetString(m.Body).Contains("An undo needs somebody", StringComparison.Ordinal));
        Assert.Equal(2, Box.Sent.Count);
        Assert.DoesNotContain("contact/", System.Text.Encoding.UTF8.GetString(sent.Body));
    }

    [Fact]
    public async Task Preferences_KnowBothKinds()
    {
        var kept = await SendAsync(Spine.Dana, HttpMethod.Put, "/api/v1/me/notifications", new { email = new { kinds = new[] { "undo" } }, browser = new { kinds = new[] { "confirm" } } }, 200);
        Assert.Equal(["undo"], kept.GetProperty("email").GetProperty("kinds").EnumerateArray().Select(k => k.GetString()));
        await Spine.PublishAsync(Host, Spine.Rollout, Rules);
        await ActAsync("crm.set", "contact/1");
        await Until.True(async () => (await NoticesAsync(Spine.Dana)).Count == 1, "the inbox has it");
        await MailedAsync(1);
        Assert.Equal("lee@example.com", Assert.Single(Sink.Mails).To);
    }

    private Task<string> ActAsync(string action, string record) => ActAsync(action, [record]);

    private async Task<string> ActAsync(string action, IReadOnlyList<string> records, string? undo = "crm.update")
    {
        var decision = Spine.Id(await PostAsync(Spine.Agent, "/api/v1/decisions", new { action, arguments = new { phone = "0815", n = Guid.NewGuid() }, confidence = 0.9 }));
        await PostAsync(Spine.Agent, $"/api/v1/decisions/{decision}/outcome", new
        {
            status = "succeeded",
            writes = records.Select(record => new { system = "crm", record, operation = "update", before = new { v = 1 }, after = new { v = 2 }, undo = new { kind = "reverse_write", action = undo, arguments = new { record } } }),
        });
        return decision;
    }
}
