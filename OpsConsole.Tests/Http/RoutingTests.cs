using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Notices;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;
using static OpsConsole.Tests.Support.Spine;

namespace OpsConsole.Http;

/// <summary>Absences, stand-ins, deputies, working hours, and other approvers each time, over HTTP.</summary>
public sealed class RoutingTests : IAsyncLifetime
{
    private const string Matrix = """
    { "rules": [
        { "id": "D", "action": "mail.send", "outcome": "approve", "approvers": ["user:dana@example.com"], "sla": "PT1H" },
        { "id": "O", "action": "note.add", "outcome": "approve", "consequence": "low" },
        { "id": "B", "action": "held.two", "outcome": "approve", "approvers": ["group:leads", "user:admin@example.com"], "quorum": 2, "reversible": true, "hold": "PT5M" },
        { "id": "T", "action": "refund.create", "outcome": "approve", "approvers": ["group:leads"], "quorum": 2 }
      ] }
    """;

    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await StartAsync(new HostSettings { Time = _time });
        _spine = await BuildAsync(_host, Matrix, "ABCD");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string In(TimeSpan time) => (_time.GetUtcNow() + time).ToString("O");
    private static string[] Asked(JsonElement view) => [.. view.GetProperty("asked").EnumerateArray().Select(a => $"{a.GetProperty("name").GetString()} {a.GetProperty("why").GetString()}").Order()];
    private static bool Says(JsonElement answer, string code) => answer.GetProperty("reasons").EnumerateArray().Any(r => r.GetProperty("code").GetString() == code);
    private static string CodeOf(JsonElement problem) => problem.GetProperty("code").GetString()!;
    private Task<JsonElement> MailAsync() => _spine.AskAsync(new { action = "mail.send", arguments = new { to = "x@example.com" } }, 202);
    private Task<JsonElement> ViewAsync(JsonElement asked) => GetAsync(_host.Admin, "/api/v1/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString());
    private Task<JsonElement> AwayAsync(HttpClient who, TimeSpan from, TimeSpan until, string? to = null, int expect = 201)
        => PostAsync(who, "/api/v1/me/absences", new { from = In(from), until = In(until), @delegate = to, note = "holidays" }, expect);

    [Fact]
    public async Task Absence_TheStandInFindsAndDecidesIt_AndOnlyWhileItLasts()
    {
        var (_, eve) = await _host.PersonAsync("eve@example.com", "member");
        var absence = await AwayAsync(_spine.Dana, TimeSpan.FromHours(-1), TimeSpan.FromHours(5), "eve@example.com");
        Assert.Equal(("eve@example.com", 0), (absence.GetProperty("delegate").GetString(), absence.GetProperty("warnings").GetArrayLength()));
        var asked = await MailAsync();
        var view = await ViewAsync(asked);
        Assert.Equal(["eve stands_in"], Asked(view));
        Assert.Equal(("dana", "eve"), (view.GetProperty("away")[0].GetProperty("name").GetString(), view.GetProperty("away")[0].GetProperty("stand_in").GetString()));
        Assert.Single((await GetAsync(eve, "/api/v1/approvals?status=pending")).GetProperty("items").EnumerateArray());
        var decided = await _spine.DecideAsync(eve, asked, new { verdict = "approve" });
        Assert.Equal(("approved", "stands_in", "dana"), (decided.GetProperty("status").GetString(), decided.GetProperty("votes")[0].GetProperty("capacity").GetString(), decided.GetProperty("votes")[0].GetProperty("place_of").GetString()));
        var entry = Assert.Single((await GetAsync(_host.Admin, "/api/v1/audit/entries?event=approval.voted")).GetProperty("items").EnumerateArray());
        Assert.Contains("stands_in", entry.GetRawText(), StringComparison.Ordinal);

        var next = await MailAsync();
        Assert.True((await _spine.Dana.DeleteAsync("/api/v1/me/absences/" + absence.GetProperty("id").GetString())).IsSuccessStatusCode);   // back early
        Assert.Equal(["dana named"], Asked(await ViewAsync(next)));
        Assert.Empty((await GetAsync(eve, "/api/v1/approvals?status=pending")).GetProperty("items").EnumerateArray());
        await GetAsync(eve, "/api/v1/approvals/" + next.GetProperty("approval").GetProperty("id").GetString(), 404);
    }

    [Fact]
    public async Task Absence_OfTheOnlyOne_EscalatesWhatIsAskedAndWhatWaitsWhenItBegins()
    {
        var waiting = await MailAsync();
        await AwayAsync(_spine.Dana, TimeSpan.FromMinutes(20), TimeSpan.FromDays(3));
        Assert.False(Says(await _spine.GetAsync(waiting), "approval.nobody_eligible"));
        _time.Skip(TimeSpan.FromMinutes(21));   // nothing changes but the time
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (!Says(await _spine.GetAsync(waiting), "approval.nobody_eligible")) await Task.Delay(50, limit.Token);
        var view = await ViewAsync(waiting);
        Assert.True(view.GetProperty("escalated").GetBoolean());
        Assert.Equal(["admin escalated"], Asked(view).Select(a => a.ToLowerInvariant()));
        Assert.True(Says(await MailAsync(), "approval.nobody_eligible"));   // and at once, before the answer
        Assert.Equal("approved", (await _spine.DecideAsync(_spine.Dana, waiting, new { verdict = "approve" })).GetProperty("status").GetString());   // she came back early
    }

    [Fact]
    public async Task Absence_EnteredWhileSomethingWaits_AsksTheStandInOnRecord()
    {
        await _host.PersonAsync("eve@example.com", "member");
        var waiting = await MailAsync();
        await AwayAsync(_spine.Dana, TimeSpan.FromHours(-1), TimeSpan.FromDays(1), "eve@example.com");
        Assert.Equal(["eve stands_in"], Asked(await ViewAsync(waiting)));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while ((await GetAsync(_host.Admin, "/api/v1/audit/entries?event=approval.escalated")).GetProperty("items").GetArrayLength() == 0) await Task.Delay(50, limit.Token);
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { purpose = "another look" }, 200);
        await MailAsync();   // asked after she went: nothing to note
        Assert.Contains("absence", Assert.Single((await GetAsync(_host.Admin, "/api/v1/audit/entries?event=approval.escalated")).GetProperty("items").EnumerateArray()).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Absence_OfOthersOrToWhomMayNot_IsRefusedOrWarnedAbout()
    {
        Assert.Equal("absence.self", CodeOf(await AwayAsync(_spine.Dana, TimeSpan.Zero, TimeSpan.FromHours(1), "dana@example.com", 422)));
        Assert.Equal("person.unknown", CodeOf(await AwayAsync(_spine.Dana, TimeSpan.Zero, TimeSpan.FromHours(1), "gone@example.com", 422)));
        Assert.Equal("field.invalid", CodeOf(await AwayAsync(_spine.Dana, TimeSpan.FromHours(2), TimeSpan.FromHours(1), null, 400)));
        Assert.Equal("field.invalid", CodeOf(await AwayAsync(_spine.Dana, TimeSpan.FromHours(-2), TimeSpan.FromHours(-1), null, 400)));
        var warned = await AwayAsync(_spine.Dana, TimeSpan.Zero, TimeSpan.FromHours(1), "owner@example.com");
        Assert.Contains("owns Agent in Support", Assert.Single(warned.GetProperty("warnings").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.Equal("absence.overlaps", CodeOf(await AwayAsync(_spine.Dana, TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), null, 409)));
        // Nobody but an admin sees or sets those of others.
        var dana = (await GetAsync(_host.Admin, "/api/v1/people")).GetProperty("items").EnumerateArray().Single(p => p.GetProperty("email").GetString() == "dana@example.com").GetProperty("id").GetString();
        await GetAsync(_spine.Lee, $"/api/v1/people/{dana}/absences", 404);
        await PostAsync(_spine.Lee, $"/api/v1/people/{dana}/absences", new { from = In(TimeSpan.FromDays(1)), until = In(TimeSpan.FromDays(2)) }, 404);
        await PostAsync(_host.Admin, $"/api/v1/people/{dana}/absences", new { from = In(TimeSpan.FromDays(1)), until = In(TimeSpan.FromDays(2)) }, 201);
        Assert.Equal(2, (await GetAsync(_spine.Dana, "/api/v1/me/absences")).GetProperty("items").GetArrayLength());
        // The one who owns the agent stands in for nobody here.
        Assert.True(Says(await MailAsync(), "approval.nobody_eligible"));
    }

    [Fact]
    public async Task Absence_EnteredForSomebodyElse_LeavesItToNobody()
    {
        var (eveId, eve) = await _host.PersonAsync("eve@example.com", "member");
        var directory = _host.Writer.State.Directory;
        var (dana, admin) = (directory.ByEmail["dana@example.com"].Id, directory.ByEmail[AdminEmail].Id);
        var sent = new { from = In(TimeSpan.FromHours(-1)), until = In(TimeSpan.FromDays(1)), @delegate = "eve@example.com" };
        var refused = await PostAsync(_host.Admin, $"/api/v1/people/{dana}/absences", sent, 422);
        Assert.Equal(("absence.not_yours", "delegate"), (CodeOf(refused), refused.GetProperty("field").GetString()));
        // One that was entered when that could still be said names nobody either.
        await _host.Writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Db.Absences.Add(new Absence("abs_old", dana, scope.Now.AddHours(-1), scope.Now.AddDays(1), eveId, null, admin, scope.Now));
            scope.AuthorityChanged();
            return Task.FromResult<Result<Done>>(Done.Value);
        });
        var asked = await MailAsync();
        Assert.True(Says(asked, "approval.nobody_eligible"));
        Assert.Equal(["admin escalated"], Asked(await ViewAsync(asked)).Select(a => a.ToLowerInvariant()));
        Assert.Equal(JsonValueKind.Null, Assert.Single((await GetAsync(_spine.Dana, "/api/v1/me/absences")).GetProperty("items").EnumerateArray()).GetProperty("delegate").ValueKind);
        await _spine.DecideAsync(eve, asked, new { verdict = "approve" }, 404);
    }

    [Fact]
    public async Task Absence_WithAStandIn_NeedsATokenThatMayDecide()
    {
        await _host.PersonAsync("eve@example.com", "member");
        var token = (await PostAsync(_host.Nobody, "/api/v1/tokens", new { email = "dana@example.com", password = _host.PasswordOf("dana@example.com"), scopes = new[] { "people" }, expires_in_days = 1 }, 201)).GetProperty("token").GetString()!;
        var people = _host.As(token);
        Assert.Equal("scope.missing", CodeOf(await AwayAsync(people, TimeSpan.Zero, TimeSpan.FromDays(1), "eve@example.com", 403)));
        await AwayAsync(people, TimeSpan.Zero, TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task Decide_ByWhomLostTheRight_OnlyRepeatsWhatTheySaid()
    {
        var asked = await _spine.RefundAsync(10, 202);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        await PostAsync(_host.Admin, "/api/v1/groups", new { name = "leads", members = new[] { "lee@example.com" } });
        Assert.Equal("approval.not_decider", CodeOf(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "edit", arguments = new { amount = 11 } }, 403)));
        Assert.Equal("approval.not_decider", CodeOf(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reject" }, 403)));
        Assert.Equal("pending", (await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" })).GetProperty("status").GetString());
        // Whoever owns the agent may not decide either, and is told the same whichever way they ask.
        var owner = new PersonCaller(_host.Writer.State.Directory.ByEmail["owner@example.com"], null, "token:x");
        Assert.Equal("approval.not_decider", (await _host.Services.GetRequiredService<ApprovalService>().DecideAsync(owner, asked.GetProperty("approval").GetProperty("id").GetString()!, new VerdictRequest(Verdict.Approve, null, null, null, null))).Fault?.Code);
    }

    [Fact]
    public async Task RotateApprovers_WhatIsTakenBack_WasNobodysTurn()
    {
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { rotate_approvers = true }, 200);
        var first = await _spine.AskAsync(new { action = "held.two", arguments = new { n = 1 } }, 202);
        await _spine.DecideAsync(_spine.Dana, first, new { verdict = "approve" });
        await _spine.DecideAsync(_spine.Lee, first, new { verdict = "approve" });
        _time.Skip(TimeSpan.FromMinutes(6));
        Assert.Equal("allow", Outcome(await _spine.WaitAsync(first, 40)));

        var second = await _spine.AskAsync(new { action = "held.two", arguments = new { n = 2 } }, 202);
        await _spine.DecideAsync(_spine.Dana, second, new { verdict = "approve" });
        Assert.Equal("approved", (await _spine.DecideAsync(_host.Admin, second, new { verdict = "approve" })).GetProperty("status").GetString());
        await PostAsync(_host.Admin, $"/api/v1/approvals/{second.GetProperty("approval").GetProperty("id").GetString()}/take_back", null);
        Assert.Equal("approval.same_people", CodeOf(await _spine.DecideAsync(_spine.Lee, second, new { verdict = "approve" }, 403)));
    }

    [Fact]
    public async Task StandIn_OnWhoseBehalfTheAgentActs_SeesNothingOfIt()
    {
        var (_, eve) = await _host.PersonAsync("eve@example.com", "member");
        await AwayAsync(_spine.Dana, TimeSpan.FromHours(-1), TimeSpan.FromHours(5), "eve@example.com");
        var shown = (await MailAsync()).GetProperty("approval").GetProperty("id").GetString()!;
        var hidden = (await _spine.AskAsync(new { action = "mail.send", arguments = new { to = "x@example.com" }, on_behalf_of = "eve@example.com" }, 202)).GetProperty("approval").GetProperty("id").GetString()!;
        foreach (var query in (string[])["status=pending", "sort=due", "sort=amount"])
            Assert.Equal([shown], (await GetAsync(eve, "/api/v1/approvals?" + query)).GetProperty("items").EnumerateArray().Select(a => a.GetProperty("id").GetString()));
        await GetAsync(eve, "/api/v1/approvals/" + shown);
        using var answer = await eve.GetAsync("/api/v1/approvals/" + hidden);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Mine_OfEverybody_IsWhatTheyAreAskedToDecide()
    {
        var (_, eve) = await _host.PersonAsync("eve@example.com", "member");
        var (_, fay) = await _host.PersonAsync("fay@example.com", "auditor");
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { rollout_owner = "dana@example.com" }, deputies = new { rollout_owner = "lee@example.com" } }, 200);
        List<JsonElement> asked = [await MailAsync(), await _spine.AskAsync(new { action = "note.add" }, 202), await _spine.RefundAsync(300, 202), await MailAsync()];
        await _spine.DecideAsync(_spine.Lee, asked[2], new { verdict = "reassign", to = "fay@example.com", reason = "on a train" });
        await AwayAsync(_spine.Dana, TimeSpan.FromHours(-1), TimeSpan.FromHours(5), "eve@example.com");
        var ids = asked.Select(a => a.GetProperty("approval").GetProperty("id").GetString()!).ToList();
        List<int> found = [];
        foreach (var person in new[] { _spine.Dana, _spine.Lee, _spine.Owner, eve, fay, _host.Admin })
        {
            List<string> expected = [];
            foreach (var id in ids)
            {
                using var answer = await person.GetAsync("/api/v1/approvals/" + id);
                if (answer.IsSuccessStatusCode && JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("my_standing").GetString() == "named") expected.Add(id);
            }
            foreach (var query in (string[])["", "&sort=amount", "&sort=consequence", "&agent=" + _spine.AgentId, "&rollout=" + _spine.Rollout])
                Assert.Equal(expected.Order(), (await GetAsync(person, "/api/v1/approvals?mine=true" + query)).GetProperty("items").EnumerateArray().Select(a => a.GetProperty("id").GetString()!).Order());
            found.Add(expected.Count);
        }
        // Dana's mails and note, and the group's refund; her deputy; nobody who owns the agent; her stand-in; whom the refund was handed to; nobody who would break the glass.
        Assert.Equal([4, 3, 0, 4, 1, 0], found);
    }

    [Fact]
    public async Task OutOfHours_TheDeputyIsAskedAtOnceAndItSaysSo()
    {
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { rollout_owner = "dana@example.com" }, deputies = new { rollout_owner = "lee@example.com" } }, 200);
        var first = await _spine.AskAsync(new { action = "note.add" }, 202);
        Assert.Equal(["dana named"], Asked(await ViewAsync(first)));
        Assert.Equal(("UTC", 1, false), await HoursAsync(_time.GetUtcNow().AddDays(3)));
        var asked = await _spine.AskAsync(new { action = "note.add" }, 202);
        Assert.True(Says(asked, "approval.out_of_hours"));
        var view = await ViewAsync(asked);
        Assert.Equal(["dana named", "lee deputy"], Asked(view));
        Assert.StartsWith("back ", view.GetProperty("asked")[0].GetProperty("hours").GetString(), StringComparison.Ordinal);
        Assert.Equal("deputy", (await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" })).GetProperty("votes")[0].GetProperty("capacity").GetString());
        Assert.Equal("field.invalid", CodeOf(await SendAsync(_spine.Dana, HttpMethod.Put, "/api/v1/me/hours", new { time_zone = "Mars/Base" }, 400)));
        Assert.Equal("field.required", CodeOf(await SendAsync(_spine.Dana, HttpMethod.Put, "/api/v1/me/hours", new { days = new[] { "mon" }, from = "09:00" }, 400)));

        async Task<(string?, int, bool)> HoursAsync(DateTimeOffset day)
        {
            var name = day.DayOfWeek.ToString()[..3].ToLowerInvariant();
            var set = await SendAsync(_spine.Dana, HttpMethod.Put, "/api/v1/me/hours", new { time_zone = "UTC", days = new[] { name }, from = "09:00", until = "17:00" }, 200);
            return (set.GetProperty("time_zone").GetString(), set.GetProperty("days").GetArrayLength(), set.GetProperty("at_work").GetBoolean());
        }
    }

    [Fact]
    public async Task RotateApprovers_TheSameTwo_AreRefusedAndOthersAreAsked()
    {
        var first = await _spine.RefundAsync(10, 202);
        await _spine.DecideAsync(_spine.Dana, first, new { verdict = "approve" });
        await _spine.DecideAsync(_spine.Lee, first, new { verdict = "approve" });
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { rotate_approvers = true }, 200);

        var second = await _spine.RefundAsync(11, 202);
        await _spine.DecideAsync(_spine.Lee, second, new { verdict = "approve" });
        var told = await _spine.GetAsync(second);
        Assert.True(Says(told, "approval.nobody_eligible"));   // only Dana was left of the leads
        var refused = await _spine.DecideAsync(_spine.Dana, second, new { verdict = "approve" }, 403);
        Assert.Equal("approval.same_people", CodeOf(refused));
        Assert.Contains("rule T", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        // Whose yes would not count is neither told nor reminded that it waits for them.
        var (id, dana) = (second.GetProperty("approval").GetProperty("id").GetString()!, _host.Writer.State.Directory.ByEmail["dana@example.com"].Id);
        await using (var db = await _host.Services.GetRequiredService<IDbContextFactory<Data.OpsDbContext>>().CreateDbContextAsync())
        {
            var subject = (RequestSubject)(await NoticeSubject.LoadAsync(db, [id], _host.Writer.State, default))[id];
            Assert.Equal([_host.Writer.State.Directory.ByEmail[AdminEmail].Id], subject.Told(NoticeKind.Waits, _host.Writer.State, _time.GetUtcNow()).Keys);
            _time.Skip((subject.Request.ExpiresAt - _time.GetUtcNow()) * 0.6);
        }
        Assert.True(Ids.TrySeq(id, "apr", out var seq));
        await _host.Services.GetRequiredService<ClaimDesk>().TendAsync(seq);
        var reminded = Assert.Single((await GetAsync(_host.Admin, "/api/v1/audit/entries?event=approval.reminded")).GetProperty("items").EnumerateArray());
        Assert.DoesNotContain(dana, reminded.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("approved", (await _spine.DecideAsync(_host.Admin, second, new { verdict = "approve" })).GetProperty("status").GetString());

        // The last ones were others: now the two may again.
        var third = await _spine.RefundAsync(12, 202);
        await _spine.DecideAsync(_spine.Dana, third, new { verdict = "approve" });
        Assert.Equal("approved", (await _spine.DecideAsync(_spine.Lee, third, new { verdict = "approve" })).GetProperty("status").GetString());
    }
}
