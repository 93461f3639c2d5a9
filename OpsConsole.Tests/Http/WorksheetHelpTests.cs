using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Start contents, worked examples, undo, comments and copies, over HTTP and as the wrong person.</summary>
public sealed class WorksheetHelpTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, gates: "");
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Sheets => $"/api/v1/rollouts/{_spine.Rollout}/worksheets";

    private Task<JsonElement> PutAsync(HttpClient client, string id, string field, string value, params string[] over) => PostAsync(client, Sheets + "/patches", new { patches = new[] { new { id, field, over, value } } });

    private async Task<List<string>> RowsAsync(string sheet, string? of = null)
        => [.. (await GetAsync(_host.Admin, of ?? $"{Sheets}/{sheet}")).GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("id").GetString()!)];

    private async Task<string?> TextAsync(string sheet, string name) => (await GetAsync(_host.Admin, $"{Sheets}/{sheet}")).GetProperty("rows")[0].GetProperty("fields").EnumerateArray().Single(f => f.GetProperty("name").GetString() == name).GetProperty("value").GetString();

    [Fact]
    public async Task Start_TwiceAtOnce_MakesNoDoubles_AndAnUsedSheetIsLeftAlone()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ => (int)(await _host.Admin.PostAsync(new Uri(Sheets + "/escalation/start", UriKind.Relative), null)).StatusCode));
        Assert.Equal([200, 409], answers.Order());
        Assert.Equal(["start-1", "start-2", "start-3"], await RowsAsync("escalation"));
        Assert.Equal("sheet.not_empty", (await PostAsync(_spine.Owner, Sheets + "/escalation/start", null, 409)).GetProperty("code").GetString());
        await PostAsync(_spine.Owner, Sheets + "/canvas/start", null, 404);
        Assert.Single((await GetAsync(_host.Admin, Sheets + "/history?field=escalation/start-1/owner")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Start_AfterTheRowsWereTakenOut_BringsThemBack()
    {
        await PostAsync(_host.Admin, Sheets + "/checklist/start", null);
        await PostAsync(_host.Admin, Sheets + "/undo", null);
        Assert.Empty(await RowsAsync("checklist"));
        await PostAsync(_host.Admin, Sheets + "/checklist/start", null);
        Assert.Equal(14, (await RowsAsync("checklist")).Count);
    }

    [Fact]
    public async Task Worked_FillsInEmptyWorksheetsOnly_AndOneUndoTakesItBack()
    {
        await PostAsync(_host.Admin, Sheets + "/worked/unheard-of", null, 404);
        await PostAsync(_spine.Owner, Sheets + "/worked/support", null);
        Assert.Equal(5, (await RowsAsync("escalation")).Count);
        Assert.StartsWith("Routine cases", await TextAsync("canvas", "workflow"));
        await PostAsync(_host.Admin, Sheets + "/worked/finance", null, 409);
        await PostAsync(_spine.Owner, Sheets + "/undo", null);
        Assert.Empty(await RowsAsync("escalation"));
        Assert.Equal("", await TextAsync("canvas", "workflow"));
        await PostAsync(_host.Admin, Sheets + "/worked/finance", null);
    }

    [Fact]
    public async Task Undo_GoesBackThroughMyOwnEdits_AndNotOverAnybodyElses()
    {
        await PutAsync(_host.Admin, "patch-001", "canvas/workflow", "Refunds");
        await PutAsync(_spine.Owner, "patch-002", "canvas/workflow", "Refunds in Austria", "patch-001");
        await PutAsync(_host.Admin, "patch-003", "canvas/users", "Support");
        Assert.Equal("“Who it is for”", (await PostAsync(_host.Admin, Sheets + "/undo", null)).GetProperty("words").GetString());
        Assert.Equal("", await TextAsync("canvas", "users"));
        Assert.Equal("undo.nothing", (await PostAsync(_host.Admin, Sheets + "/undo", null, 422)).GetProperty("code").GetString());
        await PostAsync(_spine.Owner, Sheets + "/undo", null);
        Assert.Equal("Refunds", await TextAsync("canvas", "workflow"));
        Assert.Equal(3, (await GetAsync(_host.Admin, Sheets + "/history?field=canvas/workflow")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Undo_PassesOverEditsThatChangeNothing_AndSpeaksOfRowsAsPeopleDo()
    {
        await PutAsync(_host.Admin, "patch-001", "actions/a/place", "2");
        await PutAsync(_host.Admin, "patch-002", "canvas/users", "?");
        await PutAsync(_host.Admin, "patch-003", "canvas/users", "", "patch-002");
        Assert.Equal("where an action stands", (await PostAsync(_host.Admin, Sheets + "/undo", null)).GetProperty("words").GetString());
        Assert.Equal("undo.nothing", (await PostAsync(_host.Admin, Sheets + "/undo", null, 422)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Undo_OfARowThatSomebodyElseWroteInto_IsRefused()
    {
        await PutAsync(_host.Admin, "patch-001", "parking/a/place", "2");
        await PutAsync(_spine.Owner, "patch-002", "parking/a/text", "Night shift?");
        Assert.Equal("undo.shared_row", (await PostAsync(_host.Admin, Sheets + "/undo", null, 422)).GetProperty("code").GetString());
        Assert.Equal(["a"], await RowsAsync("parking"));
        await PostAsync(_spine.Owner, Sheets + "/undo", null);
        await PostAsync(_host.Admin, Sheets + "/undo", null);
        Assert.Empty(await RowsAsync("parking"));
    }

    [Fact]
    public async Task Undo_TwiceAtOnce_TakesEachEditBackOnce()
    {
        await PutAsync(_host.Admin, "patch-001", "canvas/workflow", "Refunds");
        await PutAsync(_host.Admin, "patch-002", "canvas/users", "Support");
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => (int)(await _host.Admin.PostAsync(new Uri(Sheets + "/undo", UriKind.Relative), null)).StatusCode));
        Assert.Equal([200, 200, 422], answers.Order());
        foreach (var field in (string[])["workflow", "users"]) Assert.Equal(2, (await GetAsync(_host.Admin, $"{Sheets}/history?field=canvas/{field}")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Comments_CallMembersOnly_AreSettledOnce_AndChangeNothing()
    {
        var first = await PostAsync(_host.Admin, Sheets + "/comments", new { field = "canvas/out_of_bounds", text = "@owner and @dana: is this all?" }, 201);
        Assert.Equal(["owner"], first.GetProperty("mentions").EnumerateArray().Select(m => m.GetString()));
        await PostAsync(_spine.Owner, Sheets + "/comments", new { field = "canvas/users", text = "Fine." }, 201);
        var page = await GetAsync(_spine.Owner, Sheets + "/comments?limit=1");
        Assert.Equal("Fine.", page.GetProperty("items")[0].GetProperty("text").GetString());
        var rest = await GetAsync(_spine.Owner, Sheets + "/comments?after=" + page.GetProperty("next").GetString());
        Assert.Equal(Spine.Id(first), Spine.Id(Assert.Single(rest.GetProperty("items").EnumerateArray())));
        Assert.Single((await GetAsync(_spine.Owner, Sheets + "/comments?field=canvas/users")).GetProperty("items").EnumerateArray());
        var settled = await PostAsync(_spine.Owner, $"{Sheets}/comments/{Spine.Id(first)}/settle", null);
        Assert.Equal("owner", settled.GetProperty("settled_by").GetString());
        Assert.Equal("owner", (await PostAsync(_host.Admin, $"{Sheets}/comments/{Spine.Id(first)}/settle", null)).GetProperty("settled_by").GetString());
        foreach (var _ in (int[])[1, 2]) Assert.Equal(JsonValueKind.Null, (await PostAsync(_host.Admin, $"{Sheets}/comments/{Spine.Id(first)}/reopen", null)).GetProperty("settled_by").ValueKind);
        Assert.Single((await GetAsync(_host.Admin, "/api/v1/audit/entries?event=comment.reopened")).GetProperty("items").EnumerateArray());
        await PostAsync(_host.Admin, Sheets + "/comments/com_none/settle", null, 404);
        await PostAsync(_host.Admin, Sheets + "/comments/com_none/reopen", null, 404);
        await PostAsync(_host.Admin, Sheets + "/comments", new { field = "canvas/nothing", text = "x" }, 422);
        await PostAsync(_host.Admin, Sheets + "/comments", new { field = "canvas/users", text = " " }, 400);
        await GetAsync(_host.Admin, Sheets + "/comments?field=nothing", 404);
        Assert.Equal(0, (await GetAsync(_host.Admin, Sheets + "/canvas")).GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task Copy_TakesWhatHolds_AndNothingThatWasEarned()
    {
        await PostAsync(_host.Admin, Sheets + "/worked/support", null);
        await PostAsync(_host.Admin, Sheets + "/patches", new { patches = new[] { new { id = "patch-001", field = "checklist/start-1/reason", over = Array.Empty<string>(), value = "because" } } });
        await SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/rollouts/{_spine.Rollout}", new { min_confidence = 0.8, cycle_weeks = 2 }, 200);
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/copy", new { name = " " }, 400);
        var copy = await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/copy", new { name = "Complaints", purpose = "Answer complaints" }, 201);
        var path = "/api/v1/rollouts/" + Spine.Id(copy);
        var view = await GetAsync(_host.Admin, path);
        Assert.Equal(("Complaints", "Answer complaints", 0.8, 2), (view.GetProperty("name").GetString(), view.GetProperty("purpose").GetString(), view.GetProperty("min_confidence").GetDouble(), view.GetProperty("cycle_weeks").GetInt32()));
        Assert.Equal(1, view.GetProperty("members").GetArrayLength());
        Assert.Equal(7, (await GetAsync(_host.Admin, path + "/matrix")).GetProperty("rules").GetArrayLength());
        Assert.Equal(await RowsAsync("tests"), await RowsAsync("tests", path + "/worksheets/tests"));
        var checklist = (await GetAsync(_host.Admin, path + "/worksheets/checklist")).GetProperty("rows")[0].GetProperty("fields").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("value").GetString());
        Assert.Equal(("not_met", ""), (checklist["state"], checklist["reason"]));
        Assert.All((await GetAsync(_host.Admin, path + "/gates")).EnumerateArray(), g => Assert.False(g.GetProperty("passed").GetBoolean()));
    }

    [Fact]
    public async Task TheWrongPerson_GetsNowhere()
    {
        var comment = await PostAsync(_host.Admin, Sheets + "/comments", new { field = "canvas/users", text = "Fine." }, 201);
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        foreach (var (path, body) in new (string, object?)[] { ("/checklist/start", null), ("/worked/support", null), ("/undo", null), ("/comments", new { field = "canvas/users", text = "x" }), ($"/comments/{Spine.Id(comment)}/settle", null), ($"/comments/{Spine.Id(comment)}/reopen", null) })
        {
            await PostAsync(stranger, Sheets + path, body, 404);
            await PostAsync(_spine.Dana, Sheets + path, body, 403);   // named by the matrix as an approver, but no member
            await PostAsync(_host.Nobody, Sheets + path, body, 401);
        }
        await GetAsync(stranger, Sheets + "/comments", 404);
        await GetAsync(_spine.Dana, Sheets + "/comments");
        foreach (var (who, status) in new[] { (stranger, 404), (_spine.Owner, 403), (_spine.Dana, 403), (_host.Nobody, 401) }) await PostAsync(who, $"/api/v1/rollouts/{_spine.Rollout}/copy", new { name = "Mine" }, status);
        Assert.Empty(await RowsAsync("checklist"));
    }
}
