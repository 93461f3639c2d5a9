using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Worksheets;
using OpsConsole.Platform.Realtime;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>The page of the worksheets over the real services; what its script does is tried in a browser.</summary>
public sealed class WorksheetPageTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, gates: "");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "dana@example.com", roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private IRenderedComponent<WorksheetPage> Render(PageContext context, string sheet = "canvas") => context.Render<WorksheetPage>(p => p.Add(c => c.Id, _spine.Rollout).Add(c => c.Sheet, sheet));

    private static SentPatch Sent(string id, string field, string value, params string[] over) => new(id, field, over, value);

    private async Task<int> EntriesAsync() => (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/audit/entries?event=worksheet.changed")).GetProperty("items").GetArrayLength();

    [Fact]
    public async Task Patches_SentTogether_AreOneChange()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        var answers = await page.InvokeAsync(() => page.Instance.PatchAsync(_spine.Rollout, [Sent("patch-001", "canvas/workflow", "a"), Sent("patch-002", "canvas/users", "b"), Sent("patch-003", "canvas/unit", "c")]));
        Assert.All(answers, Assert.Null);
        var now = await _host.Services.GetRequiredService<WorksheetState>().NowAsync(_spine.Rollout, default);
        Assert.Single(now.Fields.Values.SelectMany(f => f.Standing).Select(p => p.At).Distinct());
        Assert.Equal(3, await EntriesAsync());
    }

    [Fact]
    public async Task Patches_OneOfThemRefused_TheOthersAreKept_AndWhyIsSaidBesideTheField_UntilItIsTakenBack()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        var answers = await page.InvokeAsync(() => page.Instance.PatchAsync(_spine.Rollout, [Sent("patch-001", "canvas/workflow", "a"), Sent("patch-002", "canvas/users", "b", "patch-000"), Sent("patch-003", "canvas/unit", "c")]));
        Assert.Null(answers[0]);
        Assert.Null(answers[2]);
        Assert.Contains("No patch of this field", answers[1]);
        Assert.Equal(2, await EntriesAsync());
        Assert.Contains("Not kept", page.FindAll(".live-field").Single(f => f.QuerySelector("#f-canvas-users") is not null).QuerySelector("[role=alert]")!.TextContent);
        await page.InvokeAsync(() => page.Instance.TakenBack(_spine.Rollout, "canvas/users"));
        Assert.Empty(page.FindAll(".live-field [role=alert]"));
    }

    [Fact]
    public async Task Choose_ByWhoIsNoMemberAnyMore_SaysSo()
    {
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/patches", new { patches = new[] { new { id = "patch-001", field = "parking/a/place", over = Array.Empty<string>(), value = "2" }, new { id = "patch-002", field = "parking/a/text", over = Array.Empty<string>(), value = "one" }, new { id = "patch-003", field = "parking/a/text", over = Array.Empty<string>(), value = "two" } } });
        var (mia, _) = await _host.PersonAsync("mia@example.com", "member");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "mia@example.com", roles = new[] { "member" } }, 201);
        await using var context = new PageContext(_host, "mia@example.com");
        var page = Render(context, "parking");
        Assert.Equal(2, page.FindAll(".rival button").Count);
        using (var removed = await _host.Admin.DeleteAsync(new Uri($"/api/v1/rollouts/{_spine.Rollout}/members/{mia}", UriKind.Relative))) Assert.True(removed.IsSuccessStatusCode);
        await page.InvokeAsync(() => page.Instance.ChooseAsync(new(new FieldKey("parking", "a", "text"), "two", ["patch-002", "patch-003"])));   // pressed before the page heard of it
        page.WaitForAssertion(() => Assert.Contains("no such rollout", page.Find("[role=alert]").TextContent));
    }

    [Fact]
    public async Task AnotherRollout_InTheSamePage_EndsWhatWasHere_AndBeginsAnew()
    {
        var other = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Other", purpose = "p", time_zone = "UTC" }, 201)).GetProperty("id").GetString()!;
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        page.WaitForAssertion(() => Assert.Single(context.JSInterop.Invocations["attach"]));
        await page.InvokeAsync(() => page.Instance.PatchAsync(_spine.Rollout, [Sent("patch-001", "canvas/users", "b", "patch-000")]));
        page.Render(p => p.Add(c => c.Id, other));
        page.WaitForAssertion(() => Assert.Equal([_spine.Rollout, other], context.JSInterop.Invocations["attach"].Select(i => (string)i.Arguments[2]!)));
        Assert.Single(context.JSInterop.Invocations["dispose"]);
        Assert.Empty(page.FindAll(".live-field [role=alert]"));
        var presence = _host.Services.GetRequiredService<Presence>();
        Assert.Empty(presence.In(WorksheetDesk.PeopleTopic(_spine.Rollout)));
        Assert.Single(presence.In(WorksheetDesk.PeopleTopic(other)));

        // What the script of the first sends late goes where it was typed.
        Assert.Null(Assert.Single(await page.InvokeAsync(() => page.Instance.PatchAsync(_spine.Rollout, [Sent("patch-002", "canvas/workflow", "late")]))));
        var state = _host.Services.GetRequiredService<WorksheetState>();
        Assert.Equal("late", (await state.NowAsync(_spine.Rollout, default)).Sheet("canvas").Text("workflow"));
        Assert.Empty((await state.NowAsync(other, default)).Fields);
        Assert.Empty(page.FindAll(".undo"));
    }

    [Fact]
    public async Task TheScript_BeginsAnew_WhereSomebodyMayWriteSince_OrThePageCameBack()
    {
        var lee = _host.Writer.State.Directory.ByEmail["lee@example.com"].Id;
        await using var context = new PageContext(_host, "lee@example.com");
        var page = Render(context);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "lee@example.com", roles = new[] { "member" } }, 201);
        page.WaitForAssertion(() => Assert.Equal([(lee, false), (lee, true)], context.JSInterop.Invocations["attach"].Select(i => ((string)i.Arguments[3]!, (bool)i.Arguments[4]!))));

        var (mia, _) = await _host.PersonAsync("mia@example.com", "member");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "mia@example.com", roles = new[] { "member" } }, 201);
        await using var hers = new PageContext(_host, "mia@example.com");
        var herPage = Render(hers);
        var presence = _host.Services.GetRequiredService<Presence>();
        await herPage.InvokeAsync(() => herPage.Instance.Here("canvas/users"));
        Assert.Contains(new Present(mia, "canvas/users"), presence.In(WorksheetDesk.PeopleTopic(_spine.Rollout)));
        await herPage.InvokeAsync(() => herPage.Instance.Here("canvas/<nothing>"));
        Assert.Contains(new Present(mia, null), presence.In(WorksheetDesk.PeopleTopic(_spine.Rollout)));
        using (var removed = await _host.Admin.DeleteAsync(new Uri($"/api/v1/rollouts/{_spine.Rollout}/members/{mia}", UriKind.Relative))) Assert.True(removed.IsSuccessStatusCode);
        herPage.WaitForAssertion(() => Assert.Empty(herPage.FindAll(".worksheet")));
        Assert.DoesNotContain(presence.In(WorksheetDesk.PeopleTopic(_spine.Rollout)), p => p.PersonId == mia);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "mia@example.com", roles = new[] { "member" } }, 201);
        herPage.WaitForAssertion(() => Assert.Equal(2, hers.JSInterop.Invocations["attach"].Count));
    }

    [Fact]
    public async Task WhatAScriptOfSomebodysOwnSends_IsHeldToTheLimits()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        var (rollout, sent) = (_spine.Rollout, new SentPatch?[] { null, Sent("patch-001", "canvas/users", "a\0b"), Sent("patch-002", "canvas/users", "\ud800"), Sent("short", "canvas/users", "x"), Sent("patch-003", "canvas/users", new string('x', 8_001)), Sent("patch-004", "canvas/users", "x", new string('x', 41)), Sent("patch-005", "canvas/users", "x", [null!]), new("patch-006", "canvas/users", null, null) });
        var answers = await page.InvokeAsync(() => page.Instance.PatchAsync(rollout, sent));
        Assert.Equal(sent.Length - 1, answers.Count(a => a is not null and not "again"));
        Assert.Null(answers[^1]);
        Assert.Empty(await page.InvokeAsync(() => page.Instance.PatchAsync(rollout, null)));
        Assert.All(await page.InvokeAsync(() => page.Instance.PatchAsync(rollout, [.. Enumerable.Range(100, 201).Select(n => Sent($"patch-{n}", "canvas/users", "x"))])), Assert.NotNull);
        Assert.Equal(1, await EntriesAsync());
    }

    [Fact]
    public async Task Choose_GoesOverWhatWasDrawn_NotOverWhatCameSince()
    {
        var path = $"/api/v1/rollouts/{_spine.Rollout}/worksheets/patches";
        await ConsoleHost.PostAsync(_spine.Dana, path, new { patches = new[] { new { id = "patch-001", field = "canvas/users", value = "one" }, new { id = "patch-002", field = "canvas/users", value = "two" } } });
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        Assert.Equal(2, page.FindAll(".rival button").Count);
        await ConsoleHost.PostAsync(_spine.Dana, path, new { patches = new[] { new { id = "patch-003", field = "canvas/users", value = "three" } } });
        var key = new FieldKey("canvas", null, "users");
        await page.InvokeAsync(() => page.Instance.ChooseAsync(new(key, "two", ["patch-001", "patch-002"])));
        var now = await _host.Services.GetRequiredService<WorksheetState>().NowAsync(_spine.Rollout, default);
        Assert.Equal(["three", "two"], now.Fields[key].Standing.Select(p => p.Value));
    }

    [Fact]
    public async Task HiddenCharacters_OfAText_AreShownBesideIt()
    {
        await using var context = new BunitContext();
        context.Services.AddSingleton(TimeProvider.System);
        var spec = WorksheetSpecs.Canvas.Fields.First(f => f.Kind == FieldKind.Number);
        var key = new FieldKey("canvas", null, spec.Name);
        var register = Register.Of([new Patch("rol_1", "p1", key, [], "12\u202e34", "ada", DateTimeOffset.UnixEpoch)]);
        var field = context.Render<LiveField>(p => p.Add(f => f.Spec, spec).Add(f => f.Key, key).Add(f => f.Field, register).Add(f => f.NameOf, id => id));
        Assert.Equal("Hidden characters: 12⟨U+202E⟩34", field.Find(".hidden-characters").TextContent);
        Assert.DoesNotContain('\u202e', field.Markup);
    }

    [Fact]
    public async Task AField_ShowsPeopleWhoCameSince()
    {
        await using var context = new BunitContext();
        context.Services.AddSingleton(TimeProvider.System);
        var key = new FieldKey("actions", "a", "who");
        var (spec, register) = (WorksheetSpecs.Actions.Field("who")!, Register.Empty);
        var field = context.Render<LiveField>(p => p.Add(f => f.Spec, spec).Add(f => f.Key, key).Add(f => f.Field, register).Add(f => f.MayWrite, true).Add(f => f.NameOf, id => id).Add(f => f.People, [("user:a@example.com", "Ada")]));
        field.Render(p => p.Add(f => f.People, [("user:a@example.com", "Ada")]));
        field.Render(p => p.Add(f => f.People, [("user:a@example.com", "Ada"), ("user:b@example.com", "Ben")]));
        Assert.Equal(["", "Ada", "Ben"], field.FindAll("option").Select(o => o.TextContent));
    }

    [Fact]
    public async Task AnEmptyRollout_OffersWorkedExamples_AndTheUsualRows()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, "escalation");
        Assert.Equal(4, page.FindAll(".worked .offer").Count);
        await page.ClickAsync("Start with the three usual rows");
        Assert.Equal(3, page.FindAll(".sheet-row").Count);
        Assert.Empty(page.FindAll(".worked"));
        Assert.Contains("27 fields of “Escalation matrix and runbook”", page.Find(".undo").TextContent);
        await page.InvokeAsync(() => page.Find(".undo button").ClickAsync(new()));
        Assert.Contains("27 fields will say what they said before this edit: “Escalation matrix and runbook” (27 fields). The history keeps every text.", page.FindAll("dialog").Single(d => d.TextContent.Length > 0).TextContent);
        Assert.Equal(3, page.FindAll(".sheet-row").Count);
        await page.ClickAsync("Undo 27 fields");
        Assert.Empty(page.FindAll(".sheet-row"));
    }

    [Fact]
    public async Task Undo_ByKey_AsksAsTheButtonDoes_AndTakesNothingBackInItsStead()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.ClickAsync("Start with Customer support");
        await page.InvokeAsync(page.Instance.UndoAsync);
        Assert.Contains("of 4 worksheets", page.Find(".undo").TextContent);
        Assert.Contains("“Launch canvas” (13 fields), ", page.FindAll("dialog").Single(d => d.TextContent.Length > 0).TextContent);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/patches", new { patches = new[] { new { id = "patch-001", field = "parking/a/place", value = "2" } } });   // elsewhere, while the question stands
        await page.InvokeAsync(() => page.FindAll("dialog footer button")[1].ClickAsync(new()));
        Assert.Contains("nothing was taken back", page.Find(".validation-message[role=alert]").TextContent);
        Assert.True((await _host.Services.GetRequiredService<WorksheetState>().NowAsync(_spine.Rollout, default)).Sheet("canvas").Has("workflow"));
    }

    [Fact]
    public async Task Undo_NamesTheOtherWorksheet_AndOffersNothingThatWasTypedAndTakenBack()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.InvokeAsync(() => page.Instance.PatchAsync(_spine.Rollout, [Sent("patch-001", "canvas/workflow", "a")]));
        Assert.EndsWith("“Workflow”", page.Find(".undo button").TextContent);
        await page.InvokeAsync(() => page.Instance.PatchAsync(_spine.Rollout, [Sent("patch-002", "canvas/users", "?")]));
        await page.InvokeAsync(() => page.Instance.PatchAsync(_spine.Rollout, [Sent("patch-003", "canvas/users", "", "patch-002")]));
        Assert.EndsWith("“Workflow”", page.Find(".undo button").TextContent);
        page.Render(p => p.Add(c => c.Sheet, "parking"));
        page.WaitForAssertion(() => Assert.EndsWith("“Workflow” in “Launch canvas”", page.Find(".undo button").TextContent));
        Assert.Equal("Ctrl+Z", Assert.Single(context.Services.GetRequiredService<OpsConsole.Ui.Shared.KeyRegistry>().Keys).Key);
    }

    [Fact]
    public async Task TheFocus_GoesIntoANewRow_AndToWhatTookThePlaceOfOneTakenOut()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, "parking");
        foreach (var rows in (int[])[1, 2])
        {
            await page.ClickAsync("Add an item");
            page.WaitForAssertion(() => Assert.Equal(rows, context.JSInterop.Invocations["goTo"].Count));
            Assert.Equal(page.FindAll(".sheet-row")[^1].QuerySelector("textarea")!.Id, context.JSInterop.Invocations["goTo"][^1].Arguments[0]);
        }
        var second = page.FindAll(".sheet-row")[1].Id;
        foreach (var (times, to) in new[] { (3, second), (4, page.Button("Add an item").Id) })
        {
            await page.InvokeAsync(() => page.Find("[aria-label='Take out item 1']").ClickAsync(new()));
            page.WaitForAssertion(() => Assert.Equal(times, context.JSInterop.Invocations["goTo"].Count));
            Assert.Equal(to, context.JSInterop.Invocations["goTo"][^1].Arguments[0]);
        }
    }

    [Fact]
    public async Task Rows_ShowHelpOnce_AndTheirButtonsSayWhichRow()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, "escalation");
        await page.ClickAsync("Start with the three usual rows");
        var rows = page.FindAll(".sheet-row");
        Assert.Empty(rows[0].QuerySelectorAll(".hint.visually-hidden"));
        Assert.Equal(9, rows[1].QuerySelectorAll(".hint.visually-hidden[id]").Length);
        Assert.Single(rows[1].QuerySelectorAll("[aria-label='Comments on Owner of scenario 2: 0 open']"));
        Assert.Single(rows[1].QuerySelectorAll("[aria-label='History of Owner of scenario 2']"));
        Assert.Equal("TEXTAREA", rows[0].QuerySelector("[data-field='escalation/start-1/trigger'].line")!.TagName);
        Assert.All(rows[0].QuerySelectorAll("[maxlength]"), field => Assert.NotNull(field.ParentElement!.QuerySelector(".cut[hidden]")));
    }

    [Fact]
    public void History_TypedInOneGo_IsOneEntry_AndWhatWasChosenOrTakenBackIsOneOfItsOwn()
    {
        static PatchView At(string id, int second, string author, params string[] over) => new(id, id, author, author, DateTimeOffset.UnixEpoch.AddSeconds(second), over, false);
        PatchView[] patches = [At("h", 300, "ada", "g"), At("g", 230, "ada", "f"), At("f", 210, "ada", "undo-1"), At("undo-1", 205, "ada", "e"), At("e", 204, "ada", "take-1"), At("take-1", 203, "ada", "c", "d"), At("d", 201, "ben", "b"), At("c", 200, "ada", "b"), At("b", 190, "ada", "a"), At("a", 140, "ada")];
        Assert.Equal([("h", 1), ("g", 2), ("undo-1", 1), ("e", 1), ("take-1", 1), ("d", 1), ("c", 3)], HistoryEntry.Of(patches).Select(e => (e.Last.Id, e.Changes)));
    }

    [Fact]
    public async Task AComment_IsCountedBesideItsField_AndShownToWhomItCalls()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.InvokeAsync(() => page.Find("[aria-label='Comments on Out of bounds: 0 open']").ClickAsync(new()));
        await page.InvokeAsync(() => page.Find("#comment-text").InputAsync("@dana, is this all?"));
        await page.ClickAsync("Send comment");
        page.WaitForElement("[aria-label='Comments on Out of bounds: 1 open']");
        Assert.Contains("is this all?", page.Find(".thread").TextContent);

        var dana = _host.Writer.State.Directory.ByEmail["dana@example.com"];
        var inbox = _host.Services.GetRequiredService<MentionInbox>();
        var mention = Assert.Single(await inbox.OfAsync(new(dana, null, "session"), null, default));
        Assert.Equal("Launch canvas › Out of bounds", mention.Where);
        Assert.Equal($"/rollouts/{_spine.Rollout}/worksheets/canvas?thread=canvas%2Fout_of_bounds", mention.Href);
        await page.ClickAsync("Settle");
        page.WaitForElement("[aria-label='Comments on Out of bounds: 0 open']");
        await page.ClickAsync("Open again");
        page.WaitForElement("[aria-label='Comments on Out of bounds: 1 open']");
        await page.ClickAsync("Settle");
        page.WaitForElement("[aria-label='Comments on Out of bounds: 0 open']");
        Assert.Empty(await inbox.OfAsync(new(dana, null, "session"), null, default));
    }

    [Fact]
    public void Presence_TellsWhoIsWhere_AndForgetsWhoLeft()
    {
        var presence = _host.Services.GetRequiredService<Presence>();
        using var mine = presence.Enter("room", "ada");
        var his = presence.Enter("room", "ben");
        his.Stand("canvas/users");
        Assert.Equal([new Present("ben", "canvas/users")], presence.In("room", mine));
        Assert.Empty(presence.In("elsewhere"));
        his.Dispose();
        Assert.Equal([new Present("ada", null)], presence.In("room"));
    }
}
