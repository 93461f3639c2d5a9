using System.Text.Json;
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
        Assert.Equal("approved", (await _spine.DecideAsync(_host.Admin, second, new { verdict = "approve" })).GetProperty("status").GetString());

        // The last ones were others: now the two may again.
        var third = await _spine.RefundAsync(12, 202);
        await _spine.DecideAsync(_spine.Dana, third, new { verdict = "approve" });
        Assert.Equal("approved", (await _spine.DecideAsync(_spine.Lee, third, new { verdict = "approve" })).GetProperty("status").GetString());
    }
}
