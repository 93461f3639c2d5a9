using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Features.Workshop;
using OpsConsole.Platform.Realtime;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>The six steps, what people confirm by name, and the routing drill, over HTTP.</summary>
public sealed class StepTests : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Team _team = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time });
        _team = await Team.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private async Task<JsonElement> StepAsync(int number) => (await GetAsync(_team["mia"], _team.Path + "/steps"))[number - 1];

    private static bool Done(JsonElement step) => step.GetProperty("done").GetBoolean();

    private static string Code(JsonElement refused) => refused.GetProperty("code").GetString()!;

    private Task<JsonElement> StartAsync(string who, int expect = 201, string row = "row-1") => PostAsync(_team[who], _team.Path + "/drills", new { row }, expect);

    private Task<JsonElement> EndAsync(string who, JsonElement drill, string how, int expect = 200) => PostAsync(_team[who], $"{_team.Path}/drills/{drill.GetProperty("id").GetString()}/{how}", null, expect);

    [Fact]
    public async Task Steps_AreDoneWhenTheirChecksHold_AndOpenAgainWhenTheyDoNot()
    {
        var first = await StepAsync(1);
        Assert.Equal(("Scope", false, "rita"), (first.GetProperty("name").GetString(), Done(first), first.GetProperty("owners")[0].GetProperty("name").GetString()));
        await _team.FillAsync("canvas");
        foreach (var owner in (string[])["rita", "will", "ines"]) await _team.ConfirmAsync(owner, "boundary");
        Assert.True(Done(await StepAsync(1)));
        await _team.WriteAsync("canvas/out_of_bounds", "Only bank details");
        Assert.False(Done(await StepAsync(1)));

        Assert.False(Done(await StepAsync(2)));
        await _team.ListActionsAsync();
        Assert.True(Done(await StepAsync(2)));
        await _team.ListActionsAsync(""", {"action":"ticket.close"}""");
        Assert.Contains("no row and no boundary says anything about ticket.close", (await StepAsync(2)).GetRawText());

        await _team.FillAsync("escalation");
        Assert.False(Done(await StepAsync(3)));
        await _team.DrillAsync();
        Assert.True(Done(await StepAsync(3)));
        await _team.WriteAsync("escalation/row-1/place", "");   // the row that was practised is gone
        Assert.False(Done(await StepAsync(3)));

        await _team.FillAsync("tests", ("result", "failed"), ("mitigation", ""));
        Assert.False(Done(await StepAsync(4)));
        await _team.WriteAsync("tests/row-1/blocker", "yes");
        Assert.True(Done(await StepAsync(4)));
        foreach (var later in (int[])[5, 6]) Assert.Contains("no evidence yet", (await StepAsync(later)).GetRawText());
        await _team.ConfirmAsync("ron", "weekly-verdict", 403);
        await _team.ConfirmAsync("rita", "weekly-verdict");   // one week's verdict ends the step; gate D asks for a whole cycle
        Assert.True(Done(await StepAsync(5)));
    }

    [Fact]
    public async Task Confirmation_IsOfTheNamedPersonAlone_AndTheirsToTakeBack()
    {
        Assert.Equal("confirmation.nothing", Code(await _team.ConfirmAsync("rita", "boundary", 422)));
        await _team.FillAsync("canvas");
        Assert.Equal("confirmation.short", Code(await _team.ConfirmAsync("rita", "boundary", 422, words: "  yes  ")));
        Assert.Equal("confirmation.no_link", Code(await _team.ConfirmAsync("eve", "evals", 422, link: null)));
        await _team.ConfirmAsync("eve", "evals", 400, link: "javascript:alert(1)");
        await _team.ConfirmAsync("rita", "nothing", 404);
        await _team.ConfirmAsync("mia", "boundary", 403);
        await _team.ConfirmAsync("ron", "evals", 403);
        await _team.ConfirmAsync("xeno", "boundary", 404);
        await SendAsync(_host.Admin, HttpMethod.Put, _team.Path + "/confirmations/boundary", new { words = "An admin is no owner here" }, 403);
        await SendAsync(_host.Nobody, HttpMethod.Put, _team.Path + "/confirmations/boundary", new { words = "Whoever I may be" }, 401);
        await SendAsync(_team["rita"], HttpMethod.Put, _team.Path + "/confirmations/boundary", new { words = "In my own words", person = "will" }, 400);

        var given = await _team.ConfirmAsync("rita", "boundary", words: "It drafts, and never pays.", link: null);
        Assert.Equal(("rita", "It drafts, and never pays."), (given.GetProperty("name").GetString(), given.GetProperty("words").GetString()));
        await SendAsync(_team["will"], HttpMethod.Delete, _team.Path + "/confirmations/boundary", null, 404);   // there is none of his
        await SendAsync(_team["xeno"], HttpMethod.Delete, _team.Path + "/confirmations/boundary", null, 404);
        await SendAsync(_team["rita"], HttpMethod.Delete, _team.Path + "/confirmations/boundary", null, 204);
        Assert.DoesNotContain("It drafts", (await StepAsync(1)).GetRawText());
        await GetAsync(_team["xeno"], _team.Path + "/steps", 404);
        await GetAsync(_host.Nobody, _team.Path + "/steps", 401);
    }

    [Fact]
    public async Task Drill_RunsUntilTheOwnerHasIt_AndKeepsWhoAndHowLong()
    {
        Assert.Equal("row.unknown", Code(await StartAsync("mia", 422)));
        await _team.FillAsync("escalation");
        await StartAsync("xeno", 404);
        await PostAsync(_team.Spine.Dana, _team.Path + "/drills", new { row = "row-1" }, 403);   // approves for the rollout, and is no member
        await PostAsync(_host.Nobody, _team.Path + "/drills", new { row = "row-1" }, 401);
        foreach (var taker in (string[])["ines", "eve", "will", "rita"]) Assert.Equal("drill.yours", Code(await StartAsync(taker, 422)));   // its owner, her deputy, and those of the row
        var drill = await StartAsync("ron");
        Assert.Equal(["ines", "eve", "will", "rita"], drill.GetProperty("expected").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
        Assert.Equal("drill.running", Code(await StartAsync("mia", 409)));
        Assert.Equal("drill.not_yours", Code(await EndAsync("ron", drill, "acknowledge", 403)));
        await EndAsync("xeno", drill, "acknowledge", 404);
        await EndAsync("mia", drill, "give-up", 403);
        _time.Skip(TimeSpan.FromSeconds(90));
        var had = await EndAsync("will", drill, "acknowledge");
        Assert.Equal(("passed", "will"), (had.GetProperty("status").GetString(), had.GetProperty("acknowledged_by_name").GetString()));
        Assert.InRange(had.GetProperty("seconds").GetDouble(), 90, 110);
        Assert.Equal("drill.over", Code(await EndAsync("eve", drill, "acknowledge", 409)));

        var slow = await StartAsync("mia");
        _time.Skip(TimeSpan.FromMinutes(6));
        Assert.Equal("failed", (await EndAsync("ines", slow, "acknowledge")).GetProperty("status").GetString());
        await EndAsync("mia", await StartAsync("mia"), "give-up");
        var forgotten = await StartAsync("mia");
        _time.Skip(TimeSpan.FromMinutes(31));
        Assert.Equal("drill.over", Code(await EndAsync("ines", forgotten, "acknowledge", 409)));
        var kept = (await GetAsync(_team["mia"], _team.Path + "/drills?limit=3")).GetProperty("items").EnumerateArray().Select(d => (d.GetProperty("status").GetString(), d.GetProperty("seconds").ValueKind == JsonValueKind.Null)).ToList();
        Assert.Equal([("failed", true), ("failed", true), ("failed", false)], kept);
        var rest = await GetAsync(_team["mia"], $"{_team.Path}/drills?after={slow.GetProperty("id").GetString()}");
        Assert.Equal("passed", Assert.Single(rest.GetProperty("items").EnumerateArray()).GetProperty("status").GetString());
        async Task<int> LapsedAsync() => (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=drill.lapsed")).GetProperty("items").GetArrayLength();
        for (var look = 0; look < 100 && await LapsedAsync() == 0; look++) await Task.Delay(50);   // the clock writes it down in its own time
        Assert.Equal(1, await LapsedAsync());
        await GetAsync(_team["xeno"], _team.Path + "/drills", 404);
    }

    [Fact]
    public async Task Drill_OfARowThatLeadsToNoMember_OrToTheReporter_IsRefused()
    {
        await _team.FillAsync("escalation", ("owner", "user:xeno@example.com"), ("deputy", "user:nobody@example.com"));
        Assert.Equal("drill.nobody", Code(await StartAsync("mia", 422)));   // xeno can sign in, and is no member
        await _team.WriteAsync("escalation/row-1/owner", "user:mia@example.com");
        Assert.Equal("drill.yours", Code(await StartAsync("mia", 422)));
        Assert.Contains("leads to nobody", (await StepAsync(3)).GetRawText());
        await EndAsync("mia", await StartAsync("rita"), "acknowledge");
    }

    [Fact]
    public async Task Drill_LeftAlone_EndsByItself_AndCallsNobodyWhoIsGone()
    {
        await _team.FillAsync("escalation");
        await StartAsync("mia");
        var (desk, ines) = (_host.Services.GetRequiredService<DrillDesk>(), new PersonCaller(_host.Writer.State.Directory.ByEmail["ines@example.com"], null, "session"));
        Assert.Single(await desk.CallsAsync(ines, CancellationToken.None));
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + ines.Id, new { disabled = true }, 200);
        Assert.Empty(await desk.CallsAsync(ines, CancellationToken.None));

        // Nobody opens a page; those who look on are told.
        var told = new Wakeup();
        using var listens = _host.Services.GetRequiredService<Signals>().Subscribe(DrillDesk.Topic, told.SetAsync);
        _time.Skip(TimeSpan.FromMinutes(31));
        Assert.True(await told.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None));
        async Task<int> LapsedAsync() => (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=drill.lapsed")).GetProperty("items").GetArrayLength();
        for (var look = 0; look < 100 && await LapsedAsync() == 0; look++) await Task.Delay(50);   // the clock writes it down in its own time
        Assert.Equal(1, await LapsedAsync());
    }
}
