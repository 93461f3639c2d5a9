using System.Text;
using System.Text.Json;
using Bunit;
using OpsConsole.Core.Authority;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The draft on a page over the real services: what is typed is saved and analysed, two people's work becomes one, and what stands against each other is asked about.</summary>
public sealed class MatrixPageTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Path => $"/api/v1/rollouts/{_spine.Rollout}/matrix";

    private IRenderedComponent<MatrixPage> Render(PageContext context)
    {
        var page = context.Render<MatrixPage>(p => p.Add(c => c.Id, _spine.Rollout));
        page.WaitForElement("[data-grid=rule] tr[data-key]");
        return page;
    }

    private static MatrixGrid Grid(IRenderedComponent<MatrixPage> page) => page.FindComponent<MatrixGrid>().Instance;

    private static int KeyOf(IRenderedComponent<MatrixPage> page, string id) => Grid(page).Editor.Rules.Single(r => r.Row.Id == id).Key;

    private static Task TypeAsync(IRenderedComponent<MatrixPage> page, string id, RuleColumn column, string text) =>
        page.InvokeAsync(() => Grid(page).Commit(MatrixGrid.RuleKind, KeyOf(page, id), column.ToString(), text));

    private async Task<JsonElement> DraftAsync() => JsonElement.Parse(await _host.Admin.GetStringAsync(Path));

    private async Task<JsonElement> RuleAsync(string id) => (await DraftAsync()).GetProperty("rules").EnumerateArray().Single(r => r.GetProperty("id").GetString() == id);

    private static async Task PauseAsync(PageContext context, IRenderedComponent<MatrixPage> page, Task typing)
    {
        await typing;
        await Until.True(() =>
        {
            context.Time.Advance(TimeSpan.FromMilliseconds(200));
            return page.FindAll("[data-saved=yes]").Count > 0;
        }, "what was typed, saved");
    }

    [Fact]
    public async Task Type_IsSavedAfterAPause_AndReadOut()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await PauseAsync(context, page, TypeAsync(page, "R-3", RuleColumn.When, "amount > 75; currency is EUR"));
        Assert.Equal("amount > 75; currency = \"EUR\"", ConditionText.Format(MatrixJson.ParseConditions((await RuleAsync("R-3")).GetProperty("when"), "when").Value));
        await page.InvokeAsync(() => Grid(page).Selected(MatrixGrid.RuleKind, KeyOf(page, "R-3")));
        Assert.Contains("where amount is over 75 EUR: needs", page.Find(".sentence").TextContent);
    }

    [Fact]
    public async Task Type_WhatCannotBeRead_StaysInItsCellAndKeepsTheDraftFromBeingPublished()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await PauseAsync(context, page, TypeAsync(page, "R-3", RuleColumn.Answer, "soon"));
        var cell = page.Find("[data-grid=rule] [aria-invalid=true]");
        Assert.Equal(("soon", "'soon' is no length of time. Write 15 min, 2 h, 1 day or PT15M."), (cell.TextContent.Trim(), cell.GetAttribute("title")));
        Assert.Contains("1 cell could not be read", page.Find("#why-not").TextContent);
        Assert.Equal("PT15M", (await RuleAsync("R-3")).GetProperty("sla").GetString());
    }

    [Fact]
    public async Task Save_WhatSomebodyElseSavedMeanwhile_IsMergedRowByRow()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        var typing = TypeAsync(page, "R-3", RuleColumn.Note, "mine");
        var draft = await _host.Admin.GetAsync(Path);
        var theirs = (await draft.Content.ReadAsStringAsync()).Replace("\"id\":\"R-5\"", "\"id\":\"R-5\",\"note\":\"theirs\"", StringComparison.Ordinal);
        using var put = new HttpRequestMessage(HttpMethod.Put, Path) { Content = new StringContent(theirs, Encoding.UTF8, "application/json") };
        put.Headers.IfMatch.Add(draft.Headers.ETag!);
        Assert.True((await _host.Admin.SendAsync(put)).IsSuccessStatusCode);
        await PauseAsync(context, page, typing);
        await Until.True(() =>
        {
            context.Time.Advance(TimeSpan.FromMilliseconds(200));
            return RuleAsync("R-3").GetAwaiter().GetResult().TryGetProperty("note", out var note) && note.GetString() == "mine";
        }, "both notes in one draft");
        Assert.Equal("theirs", (await RuleAsync("R-5")).GetProperty("note").GetString());
    }

    [Fact]
    public async Task Save_WhatStandsAgainstSomebodyElse_IsAskedAbout_AndLeavingLosesNeither()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await TypeAsync(page, "R-3", RuleColumn.Note, "mine");
        var draft = await _host.Admin.GetAsync(Path);
        var theirs = (await draft.Content.ReadAsStringAsync()).Replace("\"id\":\"R-3\"", "\"id\":\"R-3\",\"note\":\"theirs\"", StringComparison.Ordinal);
        using var put = new HttpRequestMessage(HttpMethod.Put, Path) { Content = new StringContent(theirs, Encoding.UTF8, "application/json") };
        put.Headers.IfMatch.Add(draft.Headers.ETag!);
        Assert.True((await _host.Admin.SendAsync(put)).IsSuccessStatusCode);
        await Until.True(() =>
        {
            context.Time.Advance(TimeSpan.FromMilliseconds(200));
            return page.FindComponents<MergeDialog>().Count > 0;
        }, "the dialog");
        Assert.Contains("Settle first", page.Find("#why-not").TextContent);
        Assert.Equal("You in another window saved the draft while you were writing", page.Find("dialog h3").TextContent);
        await page.InvokeAsync(() => page.FindComponent<MergeDialog>().Instance.OnClose.InvokeAsync());
        Assert.Empty(page.FindComponents<MergeDialog>());
        await page.ClickAsync("Put them together");
        Assert.Single(page.FindComponents<MergeDialog>());
        await page.InvokeAsync(() => page.Instance.DisposeAsync().AsTask());
        Assert.Equal(["mine", "theirs"], (await DraftAsync()).GetProperty("rules").EnumerateArray().Where(r => r.TryGetProperty("note", out _)).Select(r => r.GetProperty("note").GetString()).Order());
    }

    [Fact]
    public async Task Save_OfOnesOwn_IsReadOnceAndNotParsedAnew()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        using var reads = new PageReads(_spine.Rollout);
        await PauseAsync(context, page, TypeAsync(page, "R-3", RuleColumn.Note, "mine"));
        await Until.True(() => reads.Count > 0, "the signal of the save");
        page.WaitForState(() => page.Markup.Contains("by you", StringComparison.Ordinal));
        Assert.Equal(1, reads.Count);
    }

    [Fact]
    public async Task Draft_SaysWhoChangedItAndWhichVersionItCameFrom()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        Assert.Contains("based on version 1", page.Find(".chips").TextContent);
        await PauseAsync(context, page, TypeAsync(page, "R-3", RuleColumn.Note, "mine"));
        page.WaitForAssertion(() => Assert.Matches("changed .* by you, based on version 1", page.Find(".chips").TextContent));
        Assert.DoesNotContain("draft v", page.Markup);
    }

    private async Task SaveElsewhereAsync(Func<MatrixDocument, MatrixDocument> change)
    {
        var draft = await _host.Admin.GetAsync(Path);
        using var put = new HttpRequestMessage(HttpMethod.Put, Path) { Content = new StringContent(MatrixJson.ToJson(change(MatrixJson.Parse(JsonElement.Parse(await draft.Content.ReadAsStringAsync())).Value)), Encoding.UTF8, "application/json") };
        put.Headers.IfMatch.Add(draft.Headers.ETag!);
        Assert.True((await _host.Admin.SendAsync(put)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Type_IntoABoundaryThatSomebodyChanged_WaitsBesideTheirs()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        var key = Grid(page).Editor.Boundaries[0].Key;
        await SaveElsewhereAsync(d => d with { Boundaries = [d.Boundaries[0] with { Reason = "theirs" }] });
        page.WaitForState(() => page.FindAll("[data-grid=boundary] td").Any(c => c.TextContent.Contains("theirs", StringComparison.Ordinal)));
        await page.InvokeAsync(() => Grid(page).Commit(MatrixGrid.BoundaryKind, key, nameof(BoundaryColumn.Reason), "mine", "out of bounds in v1"));
        var cell = page.Find("[data-grid=boundary] [aria-invalid=true]");
        Assert.Equal("mine", cell.TextContent.Trim());
        Assert.Contains("somebody wrote “theirs”", cell.GetAttribute("title"));
    }

    [Fact]
    public async Task Type_IntoARowThatSomebodyRemoved_KeepsTheTextUntilItIsLetGo()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        var key = Grid(page).Editor.Boundaries[0].Key;
        await SaveElsewhereAsync(d => d with { Boundaries = [] });
        page.WaitForState(() => Grid(page).Editor.Boundaries.Count == 0);
        await page.InvokeAsync(() => Grid(page).Commit(MatrixGrid.BoundaryKind, key, nameof(BoundaryColumn.Reason), "never, the auditors\nsaid so", "out of bounds in v1"));
        Assert.Contains("never, the auditors\nsaid so", page.Find(".callout").TextContent);
        Assert.Contains("payment.*, Reason", page.Find(".callout").TextContent);
        await page.InvokeAsync(() => context.Navigation.NavigateTo("/rollouts"));
        Assert.Contains("payment.*, Reason: “never, the auditors", page.Find("dialog li").TextContent);   // leaving would lose it, so it is asked about
        await page.ClickAsync("Let it go");
        Assert.Empty(page.FindAll(".callout"));
    }

    [Fact]
    public async Task Details_OfARowThatSomebodyRemoved_ComeBackAsARow()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.InvokeAsync(() => Grid(page).Act(MatrixGrid.RuleKind, KeyOf(page, "R-3"), "Id", "details"));
        await page.InvokeAsync(() => page.Find("#r-note").InputAsync("mine"));
        await SaveElsewhereAsync(d => d with { Rules = [.. d.Rules.Where(r => r.Id != "R-3")] });
        page.WaitForState(() => Grid(page).Editor.Rules.All(r => r.Row.Id != "R-3"));
        await PauseAsync(context, page, page.ClickAsync("Put it in the draft"));
        Assert.Equal("mine", (await RuleAsync("R-3")).GetProperty("note").GetString());
        Assert.Contains("Somebody removed this row", context.Said);
    }

    [Fact]
    public async Task Leaving_WithACellThatWasNotUnderstood_AsksFirst()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await TypeAsync(page, "R-3", RuleColumn.Answer, "soon");
        var here = context.Navigation.Uri;
        await page.InvokeAsync(() => context.Navigation.NavigateTo("/rollouts"));
        Assert.Equal(here, context.Navigation.Uri);
        Assert.Contains("R-3, Time to answer: “soon”", page.Find("dialog li").TextContent);
        await page.ClickAsync("Leave and lose 1 cell");
        Assert.EndsWith("/rollouts", context.Navigation.Uri);
    }

    [Fact]
    public async Task SidePanel_FoldsAndIsRemembered()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        context.JSInterop.Setup<string?>("localStorage.getItem", "opsconsole-matrix-folded").SetResult("yes");
        var page = Render(context);
        page.WaitForAssertion(() => Assert.True(page.Find("#beside").HasAttribute("hidden")));
        await page.InvokeAsync(() => page.Find("button[aria-controls=beside]").ClickAsync(new()));
        Assert.False(page.Find("#beside").HasAttribute("hidden"));
        Assert.Equal("no", context.JSInterop.Invocations["localStorage.setItem"].Single().Arguments[1]);
    }

    [Fact]
    public async Task Reader_SeesTheRowsAndCanChangeNothing()
    {
        await using var context = new PageContext(_host, "dana@example.com");
        var page = Render(context);
        Assert.Empty(page.FindAll(".add"));
        await page.InvokeAsync(() => Grid(page).Commit(MatrixGrid.RuleKind, KeyOf(page, "R-3"), "Note", "mine"));
        await page.InvokeAsync(() => Grid(page).Act(MatrixGrid.RuleKind, KeyOf(page, "R-3"), "Note", "remove"));
        Assert.False(Grid(page).Editor.MayUndo);
        await page.ClickAsync("Plain language");
        Assert.Contains("needs one of the group leads within 15 min", page.Find(".reading").TextContent);
    }

    [Fact]
    public async Task Details_BuildsConditionsAndPutsThemInTheDraft()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.InvokeAsync(() => Grid(page).Act(MatrixGrid.RuleKind, KeyOf(page, "R-3"), "Id", "details"));
        await page.ClickAsync("Add a condition");
        await page.InvokeAsync(() => page.Find("input[aria-label='Condition 2: field']").InputAsync("country"));
        await page.InvokeAsync(() => page.Find("select[aria-label='Condition 2: comparison']").ChangeAsync("in"));
        await page.InvokeAsync(() => page.Find("input[aria-label='Condition 2: value']").InputAsync("DE, AT"));
        Assert.Contains("country is “DE” or “AT”", page.Find("dialog .says").TextContent);
        await PauseAsync(context, page, page.ClickAsync("Put it in the draft"));
        Assert.Equal("""{"field":"arguments.country","op":"in","value":["DE","AT"]}""", (await RuleAsync("R-3")).GetProperty("when")[1].GetRawText());
    }
}
