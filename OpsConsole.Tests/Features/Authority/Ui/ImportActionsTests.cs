using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The dialogs that fill a page: actions from a document, a draft from a worked matrix.</summary>
public sealed class ImportActionsTests : IAsyncLifetime
{
    private const string Tools = """{"tools":[{"name":"refund.create","description":"Gives money back"},{"name":"mail.send"},{"name":"order.get","annotations":{"readOnlyHint":true}}]}""";
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Path => $"/api/v1/rollouts/{_spine.Rollout}/actions";

    private Task PutAsync(string actions) => ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, Path, JsonElement.Parse(actions), 200);

    private async Task<Dictionary<string, JsonElement>> ListedAsync() => (await ConsoleHost.GetAsync(_host.Admin, Path)).GetProperty("items").EnumerateArray().ToDictionary(a => a.GetProperty("action").GetString()!);

    private async Task<IRenderedComponent<ActionsPage>> OpenAsync(PageContext context)
    {
        var page = context.Render<ActionsPage>(p => p.Add(c => c.Id, _spine.Rollout));
        await page.ClickAsync("Import actions");
        return page;
    }

    private static async Task ShowAsync(IRenderedComponent<ActionsPage> page, string document)
    {
        await page.InvokeAsync(() => page.Find("#import-text").ChangeAsync(document));
        await page.ClickAsync("Show what it says");
    }

    [Fact]
    public async Task Paste_IsShown_ChangedAndListed()
    {
        await PutAsync("""[{"action":"refund.create","effect":"write","consequence":"low","owner":"group:leads"}]""");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = await OpenAsync(context);
        await ShowAsync(page, Tools);
        Assert.Contains("3 actions: 2 new, 1 changed.", page.Find("dialog [role=status]").TextContent);
        Assert.Contains("a hint, not a promise", page.Find("dialog").TextContent);
        Assert.True(page.Find("[aria-label='Effect of refund.create']").HasAttribute("disabled"));   // people said so already
        await page.InvokeAsync(() => page.Find("[aria-label='Consequence of mail.send']").ChangeAsync("Low"));
        await page.InvokeAsync(() => page.FindAll("dialog tbody input[type=checkbox]")[2].ChangeAsync(false));
        await page.ClickAsync("List 2 actions");
        Assert.Equal("1 action is listed, 1 brought up to date.", context.Said);
        var listed = await ListedAsync();
        Assert.Equal(["mail.send", "refund.create"], listed.Keys.Order());
        Assert.Equal(("low", "Gives money back", "low", "group:leads"), (listed["mail.send"].GetProperty("consequence").GetString(), listed["refund.create"].GetProperty("description").GetString(), listed["refund.create"].GetProperty("consequence").GetString(), listed["refund.create"].GetProperty("owner").GetString()));
        Assert.Contains("mail.send", page.Find("section[aria-labelledby=listed]").TextContent);
    }

    [Fact]
    public async Task TakeTheirs_GivesUpWhatPeopleSaid_OnlyWhenTicked()
    {
        await PutAsync("""[{"action":"order.get","effect":"write","consequence":"high"}]""");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = await OpenAsync(context);
        await ShowAsync(page, Tools);
        await page.ClickAsync("Choose none");
        Assert.True(page.Button("List 0 actions").HasAttribute("disabled"));
        await page.InvokeAsync(() => page.Find("dialog .what input[type=checkbox]").ChangeAsync(true));
        await page.ClickAsync("List 1 action");
        var order = (await ListedAsync())["order.get"];
        Assert.Equal(("read", "low"), (order.GetProperty("effect").GetString(), order.GetProperty("consequence").GetString()));
    }

    [Fact]
    public async Task List_WhileSomebodyListsTheSame_ListsNothing_AndShowsWhatStandsThere()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = await OpenAsync(context);
        await ShowAsync(page, Tools);
        await PutAsync("""[{"action":"mail.send","description":"theirs","effect":"read"}]""");
        await page.ClickAsync("List 3 actions");
        Assert.Contains("Somebody listed, changed or took off mail.send", page.Find("dialog [role=alert]").TextContent);
        Assert.Contains("2 new, 1 listed already", page.Find("dialog [role=status]").TextContent);
        Assert.Equal(["mail.send"], (await ListedAsync()).Keys);
    }

    [Fact]
    public async Task File_IsReadAtOnce_AndWhatIsWrongIsSaid()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = await OpenAsync(context);
        await page.ClickAsync("Show what it says");
        Assert.Contains("nothing to read", page.Find("dialog [role=alert]").TextContent);
        await ShowAsync(page, "{\"tools\":");
        Assert.Contains("not valid JSON", page.Find("dialog [role=alert]").TextContent);
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(new string('x', 300_000), "big.json"));
        page.WaitForAssertion(() => Assert.Contains("larger than 256 KB", page.Find("dialog [role=alert]").TextContent));
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("- name: send mail\n- 7\n", "tools.yaml"));
        page.WaitForAssertion(() => Assert.Contains("1 action: 1 new", page.Find("dialog [role=status]").TextContent));
        Assert.Contains("[1] is no object", page.Find("dialog .callout").TextContent);
        Assert.Contains("send_mail", page.Find("dialog tbody").TextContent);
        await page.ClickAsync("Another document");
        Assert.NotNull(page.Find("#import-text"));
    }

    [Fact]
    public async Task StartFromWorked_AsksWhoDecides_AndHandsOverADraft()
    {
        await ConsoleHost.PostAsync(_host.Admin, "/api/v1/groups", new { name = "Finance", members = new[] { "dana@example.com" } }, 201);
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        MatrixDocument? used = null;
        var open = true;
        var dialog = context.Render<StartFromWorked>(p => p.Add(c => c.RolloutId, _spine.Rollout).Add(c => c.Open, true).Add(c => c.OpenChanged, o => open = o).Add(c => c.OnUse, u => used = u));
        Assert.Equal("group:Finance", dialog.Find("#who-finance").GetAttribute("value"));   // a group of that name
        Assert.True(dialog.Button("Start with customer support").HasAttribute("disabled"));
        foreach (var id in (string[])["team-leads", "privacy", "service-managers"]) await dialog.InvokeAsync(() => dialog.Find("#who-" + id).ChangeAsync("group:leads"));
        Assert.Contains("one of the group leads", dialog.Find("ol").TextContent);
        await dialog.ClickAsync("Start with customer support");
        Assert.False(open);
        Assert.Equal(["group:Finance", "group:leads"], used!.Rules.SelectMany(r => r.Approvers).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("\"refund.create\"", await _host.Admin.GetStringAsync($"/api/v1/rollouts/{_spine.Rollout}/actions"));   // its actions are listed
        Assert.NotEmpty((await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/matrix/examples")).GetProperty("items").EnumerateArray());

        await dialog.InvokeAsync(() => dialog.FindAll("input[type=radio]")[1].ChangeAsync("finance"));
        Assert.NotNull(dialog.Button("Start with finance operations"));
    }

    [Fact]
    public async Task StartWith_OneWorkedMatrixAfterTheOther_KeepsWhatPeopleWrote_AndNoCaseOfTheFirst()
    {
        var importer = _host.Services.GetRequiredService<CatalogueImporter>();
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail[ConsoleHost.AdminEmail], null, "session");
        var (support, finance) = (Start("support"), Start("finance"));
        Assert.Equal(support.Examples.Items.Count, (await importer.StartWithAsync(me, _spine.Rollout, support, default)).Value.Examples);
        var desk = _host.Services.GetRequiredService<ExampleDesk>();
        Assert.Equal(support.Examples.ToJson(), (await ReadAsync()).ToJson());
        Assert.Null((await importer.StartWithAsync(me, _spine.Rollout, support, default)).Value.Entry);   // again is no change
        var first = (await ReadAsync()).Items[0];
        await desk.ChangeAsync(me, _spine.Rollout, first, first with { Note = "ours" }, default);
        await importer.StartWithAsync(me, _spine.Rollout, finance, default);
        Assert.Equal([first.Name, .. finance.Examples.Items.Select(e => e.Name)], (await ReadAsync()).Items.Select(e => e.Name));
        Assert.Contains("refund.create", (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/actions")).GetRawText());   // what is listed stays

        WorkedStart Start(string name) => WorkedMatrices.Use(name, WorkedMatrices.Find(name)!.Approvers.ToDictionary(a => a.Placeholder, _ => "group:leads")).Value;
        async Task<MatrixExamples> ReadAsync() => (await desk.ReadAsync(me, _spine.Rollout, default)).Value.Examples;
    }

    [Fact]
    public async Task StartFromWorked_OnePersonWhereTwoHaveToApprove_IsAskedForMore()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var dialog = context.Render<StartFromWorked>(p => p.Add(c => c.RolloutId, _spine.Rollout).Add(c => c.Open, true));
        foreach (var needed in WorkedMatrices.Find("support")!.Approvers) await dialog.InvokeAsync(() => dialog.Find("#who-" + needed.Placeholder[6..]).ChangeAsync("user:dana@example.com"));
        Assert.Contains("S-10 (reply.send) takes 2 people, and only dana is chosen.", dialog.FindAll("dialog .callout li").Select(l => l.TextContent));
        Assert.True(dialog.Button("Start with customer support").HasAttribute("disabled"));
        foreach (var other in (string[])["privacy", "finance"]) await dialog.InvokeAsync(() => dialog.Find("#who-" + other).ChangeAsync("user:" + ConsoleHost.AdminEmail));
        Assert.Empty(dialog.FindAll("dialog .callout"));
        Assert.False(dialog.Button("Start with customer support").HasAttribute("disabled"));
    }

    [Fact]
    public async Task StartFromWorked_ForWhoMayNotWrite_SaysWhoMay()
    {
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "dana@example.com", roles = new[] { "approver" } }, 201);
        await using var context = new PageContext(_host, "dana@example.com");
        var dialog = context.Render<StartFromWorked>(p => p.Add(c => c.RolloutId, _spine.Rollout).Add(c => c.Open, true));
        Assert.Contains("written by the rollout's owners", dialog.Markup);
        Assert.True(dialog.Button("Start with customer support").HasAttribute("disabled"));
    }
}
