using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Approvals;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>How people decide, from the votes they gave; who may read it; second looks; views of the desk by name.</summary>
public sealed class OversightTests : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "note.add", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"] },
        { "id": "R-2", "action": "tag.set", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "quorum": 2 } ] }
    """;

    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private OversightDesk _desk = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { More = new Dictionary<string, string?> { ["OpsConsole:Approvals:SecondLooks"] = "1", ["OpsConsole:Approvals:HasteLeast"] = "3" } });
        _spine = await Spine.BuildAsync(_host, Matrix);
        _desk = _host.Services.GetRequiredService<OversightDesk>();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Figures_SayHowEachDecided_AndWarnOfHaste()
    {
        var approvals = _host.Services.GetRequiredService<ApprovalService>();
        for (var i = 0; i < 3; i++)
            Assert.True((await approvals.DecideAsync(Me("dana"), await AskAsync("note.add"), new VerdictRequest(Verdict.Approve, null, null, null, null) { Looked = TimeSpan.FromSeconds(2) })).Ok);
        var split = await AskAsync("tag.set");
        await DecideAsync(_spine.Lee, split, new { verdict = "approve" });
        await DecideAsync(_spine.Dana, split, new { verdict = "reject", reason = "no" });

        var rows = (await _desk.ReadAsync(Me(ConsoleHost.AdminEmail), 7, mine: false, default)).Rows;
        Assert.Equal([("dana", 4, 3, 1), ("lee", 1, 1, 0)], rows.Select(r => (r.Name, r.Figures.Decided, r.Figures.Approved, r.Figures.Rejected)));
        Assert.Equal((3, 1, 1, 1), (rows[0].Figures.Seen, rows[0].Figures.ByApi, rows[0].Figures.Shared, rows[0].Figures.Disagreed));
        Assert.Null(rows[0].Warning);   // one no in four
        for (var i = 0; i < 20; i++) await approvals.DecideAsync(Me("dana"), await AskAsync("note.add"), new VerdictRequest(Verdict.Approve, null, null, null, null) { Looked = TimeSpan.FromSeconds(2) });
        rows = (await _desk.ReadAsync(Me(ConsoleHost.AdminEmail), 7, mine: false, default)).Rows;
        Assert.Contains("23 of 24 in 7 days. Of the 23 seen on screen, half were there for 2 s at most.", rows[0].Warning);
        Assert.Equal((false, null), (rows[1].Enough, rows[1].Warning));

        // Everybody reads of themselves, and only who answers for the rollout of others.
        Assert.Equal(["lee"], (await _desk.ReadAsync(Me("lee"), 7, mine: true, default)).Rows.Select(r => r.Name));
        Assert.Empty((await _desk.ReadAsync(Me("lee"), 7, mine: false, default)).Rows);
        Assert.Empty((await _desk.RecordsAsync(Me("lee"), Me("dana").Id, _spine.Rollout, 7, default)).Votes);
        var (of, records) = await _desk.RecordsAsync(Me(ConsoleHost.AdminEmail), Me("dana").Id, _spine.Rollout, 7, default);
        Assert.Equal(("dana in Support", 24), (of, records.Count));
        Assert.Contains("looked_ms", (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/audit/entries?event=approval.voted")).GetRawText());
    }

    [Fact]
    public async Task SecondLook_IsForSomebodyElse_OnceAndOnRecord_AndChangesNothing()
    {
        var id = await AskAsync("note.add");
        await DecideAsync(_spine.Dana, id, new { verdict = "approve" });
        var rejected = await AskAsync("note.add");
        await DecideAsync(_spine.Dana, rejected, new { verdict = "reject", reason = "no" });
        Assert.Empty(await _desk.LooksAsync(Me("dana"), default));
        Assert.Empty(await _desk.LooksAsync(Me("owner"), default));   // owns the agent
        Assert.Equal([(id, "dana")], (await _desk.LooksAsync(Me("lee"), default)).Select(l => (l.ApprovalId, l.DecidedBy)));
        Assert.Equal("look.not_yours", (await _desk.LookAsync(Me("dana"), id, true, null)).Fault!.Code);
        Assert.Equal("field.required", (await _desk.LookAsync(Me("lee"), id, false, " ")).Fault!.Code);
        Assert.True((await _desk.LookAsync(Me("lee"), id, false, "It was not needed")).Ok);
        Assert.Equal("look.answered", (await _desk.LookAsync(Me(ConsoleHost.AdminEmail), id, true, null)).Fault!.Code);
        Assert.Equal(FaultKind.NotFound, (await _desk.LookAsync(Me("lee"), rejected, true, null)).Fault!.Kind);
        Assert.Empty(await _desk.LooksAsync(Me("lee"), default));
        Assert.Equal("approved", (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id)).GetProperty("status").GetString());
        Assert.Single((await ConsoleHost.GetAsync(_host.Admin, "/api/v1/audit/entries?event=approval.second_look")).GetProperty("items").EnumerateArray());
        Assert.Equal((2, 1, 1), (await _desk.ReadAsync(Me("dana"), 30, mine: true, default)).Rows.Select(r => (r.Figures.Decided, r.Figures.Shared, r.Figures.Disagreed)).Single());
    }

    [Fact]
    public async Task Queries_WalkTheirIndex()
    {
        await using var db = _host.Services.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<OpsConsole.Data.OpsDbContext>>().CreateDbContext();
        foreach (var (plan, index) in ((string, string)[])[(await QueryPlan.OfAsync(db, OversightDesk.Decided(db, "rol", DateTimeOffset.UnixEpoch).Take(10)), "ix_approvals_decided "), (await QueryPlan.OfAsync(db, OversightDesk.Open(db, "rol").Take(10)), "ix_second_looks_open ")])
        {
            QueryPlan.AssertOrdered(plan);
            Assert.Contains(index, plan, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Views_AreOnesOwn_NamedOnce_AndComeBack()
    {
        var views = _host.Services.GetRequiredService<ViewDesk>();
        var mine = (await views.SaveAsync(Me("dana"), " High by amount ", "?show=high&sort=amount&nonsense=1")).Value;
        Assert.Equal(("High by amount", "?show=high&sort=amount"), (mine.Name, mine.Query));
        Assert.Equal(mine.Id, (await views.SaveAsync(Me("dana"), "high by amount", "?q=refund")).Value.Id);
        var second = (await views.SaveAsync(Me("dana"), "Second", "")).Value;
        Assert.True((await views.PreferAsync(Me("dana"), mine.Id)).Ok);
        Assert.Equal("views.name_taken", (await views.RenameAsync(Me("dana"), second.Id, "High by Amount")).Fault!.Code);
        Assert.Equal(FaultKind.NotFound, (await views.RemoveAsync(Me("lee"), mine.Id)).Fault!.Kind);
        Assert.Empty(await views.ListAsync(Me("lee"), default));

        var removed = (await views.RemoveAsync(Me("dana"), mine.Id)).Value;
        Assert.Equal(["Second"], (await views.ListAsync(Me("dana"), default)).Select(v => v.Name));
        Assert.True((await views.BringBackAsync(Me("dana"), removed)).Ok);
        Assert.Equal([("High by amount", "?q=refund", true), ("Second", "", false)], (await views.ListAsync(Me("dana"), default)).Select(v => (v.Name, v.Query, v.Default)));
        for (var i = 2; i < SavedView.Most; i++) Assert.True((await views.SaveAsync(Me("dana"), "view " + i, "")).Ok);
        Assert.Equal("views.too_many", (await views.SaveAsync(Me("dana"), "one more", "")).Fault!.Code);
    }

    private async Task<string> AskAsync(string action)
        => (await _spine.AskAsync(new { action, arguments = new { nonce = Guid.NewGuid().ToString("N") } }, 202)).GetProperty("approval").GetProperty("id").GetString()!;

    private static Task DecideAsync(HttpClient person, string id, object verdict) => ConsoleHost.PostAsync(person, $"/api/v1/approvals/{id}/decision", verdict);

    private PersonCaller Me(string name) => new(_host.Writer.State.Directory.ByEmail[name.Contains('@') ? name : name + "@example.com"], null, "session");
}
