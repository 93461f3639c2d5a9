using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Core.Incidents;
using OpsConsole.Data;
using OpsConsole.Features.Incidents;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteAlertWatchTests() : AlertWatchTests(postgres: false)
{
    [Fact]
    public async Task BrokenLog_IsAnIncidentOfTheGravestKind()
    {
        await RaisedAsync("audit.broken", 0);
        var decision = Spine.Id(await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.update", arguments = new { n = 1 }, confidence = 0.9 }));
        var was = await ReadAsync(async db => (await db.Audit.AsNoTracking().SingleAsync(a => a.Object == decision)).Actor);
        await AlterAsync(db => db.Database.ExecuteSqlRawAsync("DROP TRIGGER audit_entries_no_update"));
        await AlterAsync(db => db.Database.ExecuteSqlAsync($"UPDATE audit_entries SET actor = 'agent:other' WHERE object = {decision}"));
        Time.Skip(AlertWatch.FirstCheck);
        await RaisedAsync("audit.broken", 1);
        var incident = await IncidentAsync("audit.broken:");
        Assert.Equal(Severity.Sev1, incident.Severity);
        Time.Skip(AlertWatch.Every);
        await AlterAsync(db => db.Database.ExecuteSqlAsync($"UPDATE audit_entries SET actor = {was} WHERE object = {decision}"));   // as it was, for the fixture looks as well
    }

    private Task AlterAsync(Func<OpsDbContext, Task<int>> alter) => Host.Writer.ChangeAsync<OpsConsole.Core.Shared.Done>(async (scope, _) =>
    {
        await alter(scope.Db);
        return OpsConsole.Core.Shared.Done.Value;
    });

    [Fact]
    public async Task Reviewed_WalksTheIndexOfWhatWasDecided()
        => Assert.Contains("ix_approvals_decided (rollout_id=? AND decided_at>? AND decided_at<?)", await ReadAsync(db => QueryPlan.OfAsync(db, AlertWatch.Reviewed(db, "rol", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch))));
}

public sealed class PostgresAlertWatchTests() : AlertWatchTests(postgres: true);

/// <summary>What no single decision shows becomes an alert, once, and an incident.</summary>
public abstract class AlertWatchTests(bool postgres) : UndoFixture(postgres)
{
    protected override string Rules => """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "crm.update", "outcome": "allow", "consequence": "low", "reversible": true },
        { "id": "R-2", "action": "crm.set", "outcome": "approve", "approvers": ["group:leads"], "reversible": true, "sla": "PT30M" } ] }
    """;

    [Fact]
    public async Task Overrides_FarAboveThePast_LowerTheTierAsTheRowSays()
    {
        await PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/worksheets/escalation/start", null);
        for (var i = 0; i < 52; i++) await DecideAsync("approve");
        Time.Skip(TimeSpan.FromHours(30));
        var token = await PostAsync(Host.Nobody, "/api/v1/tokens", new { email = "dana@example.com", password = Host.PasswordOf("dana@example.com"), scopes = new[] { "*" }, expires_in_days = 1 }, 201);
        _dana = Host.As(token.GetProperty("token").GetString()!);   // hers was for a day
        for (var i = 0; i < 20; i++) await DecideAsync(i < 4 ? "reject" : "approve");
        Time.Skip(AlertWatch.Every);
        await RaisedAsync("override.spike", 0);
        for (var i = 0; i < 4; i++) await DecideAsync("reject");
        Time.Skip(AlertWatch.Every);
        await RaisedAsync("override.spike", 1);
        var incident = await IncidentAsync("override.spike:" + Spine.AgentId);
        Assert.Equal("start-2", incident.Row);
        Assert.Equal("contributor", await ReadAsync(async db => (await db.Grants.SingleAsync(g => g.EndedAt == null)).Tier.ToString().ToLowerInvariant()));
        Time.Skip(AlertWatch.Every);
        Time.Skip(AlertWatch.Every);
        await RaisedAsync("override.spike", 1);
        Assert.Equal(1, await ReadAsync(db => db.Incidents.CountAsync()));
    }

    [Fact]
    public async Task Errors_FarAboveThePast_AreAnIncident()
    {
        for (var i = 0; i < 52; i++) await DoAsync("succeeded");
        Time.Skip(TimeSpan.FromHours(3));
        for (var i = 0; i < 20; i++) await DoAsync(i < 8 ? "failed" : "succeeded");
        Time.Skip(AlertWatch.Every);
        await RaisedAsync("error.spike", 1);
        Assert.Contains("8 of 20 (40 %)", (await IncidentAsync("error.spike:" + Spine.AgentId)).Text);
    }

    [Fact]
    public async Task Requests_ThatNobodyLookedAt_AreAnIncident_ThoseThatWereSeenAreNot()
    {
        var seen = await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.set", arguments = new { n = Guid.NewGuid() }, confidence = 0.9 }, 202);
        await PostAsync(Spine.Dana, $"/api/v1/approvals/{seen.GetProperty("approval").GetProperty("id").GetString()}/claim", null);
        Time.Skip(TimeSpan.FromMinutes(45));
        await Until.True(async () => await ReadAsync(db => db.Approvals.CountAsync(a => a.Status == OpsConsole.Core.Approvals.ApprovalStatus.Expired)) == 1, "it ran out");
        Time.Skip(AlertWatch.Every);
        await RaisedAsync("expired.unseen", 0);
        await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.set", arguments = new { n = Guid.NewGuid() }, confidence = 0.9 }, 202);
        Time.Skip(TimeSpan.FromMinutes(45));
        await Until.True(async () => await ReadAsync(db => db.Approvals.CountAsync(a => a.Status == OpsConsole.Core.Approvals.ApprovalStatus.Expired)) == 2, "it ran out");
        Time.Skip(AlertWatch.Every);
        await RaisedAsync("expired.unseen", 1);
        Assert.StartsWith("1 request of Agent ran out", (await IncidentAsync("expired.unseen:" + Spine.AgentId)).Text);
    }

    [Fact]
    public async Task Agent_ThatGoesSilent_IsSaidOncePerSilence()
    {
        for (var i = 0; i < 55; i++)
        {
            await DoAsync("succeeded");
            Time.Skip(TimeSpan.FromMinutes(90));
        }
        Time.Skip(TimeSpan.FromHours(1));
        await RaisedAsync("silent", 0);
        Time.Skip(TimeSpan.FromHours(1));
        await RaisedAsync("silent", 1);
        Time.Skip(TimeSpan.FromHours(9));
        Time.Skip(AlertWatch.Every);
        await RaisedAsync("silent", 1);
        Assert.Equal(Severity.Sev4, (await IncidentAsync("silent:" + Spine.AgentId)).Severity);
    }

    private HttpClient? _dana;

    private async Task DecideAsync(string verdict)
    {
        var answer = await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.set", arguments = new { n = Guid.NewGuid() }, confidence = 0.9 }, 202);
        await PostAsync(_dana ?? Spine.Dana, $"/api/v1/approvals/{answer.GetProperty("approval").GetProperty("id").GetString()}/decision", new { verdict, reason = verdict == "reject" ? "no" : null });
    }

    private async Task DoAsync(string status)
    {
        var answer = await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.update", arguments = new { n = Guid.NewGuid() }, confidence = 0.9 });
        await PostAsync(Agent, $"/api/v1/decisions/{Spine.Id(answer)}/outcome", new { status, error = status == "failed" ? "no connection" : null });
    }

    /// <summary>So many alerts of a kind after it has looked once more.</summary>
    private protected async Task RaisedAsync(string kind, int expected)
    {
        await Host.Services.GetServices<IHostedService>().OfType<AlertWatch>().Single().LookAsync(CancellationToken.None);
        Assert.Equal(expected, await ReadAsync(db => db.Alerts.CountAsync(a => a.Kind == kind)));
    }

    private protected async Task<Incident> IncidentAsync(string cause)
    {
        await Until.True(async () => await ReadAsync(db => db.Incidents.AnyAsync(i => i.Cause == cause)), "an incident of " + cause);
        return await ReadAsync(db => db.Incidents.AsNoTracking().SingleAsync(i => i.Cause == cause));
    }
}
