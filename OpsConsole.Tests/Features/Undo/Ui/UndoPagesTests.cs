using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Execution;
using OpsConsole.Data;
using OpsConsole.Features.Agents.Ui;
using OpsConsole.Features.Decisions.Ui;
using OpsConsole.Features.Incidents.Ui;
using OpsConsole.Http;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>The pages of undo over the real services: what they show, who may act, and that they follow by themselves.</summary>
public sealed class UndoPagesTests() : UndoFixture(postgres: false)
{
    private const string Reader = "reader@example.com";

    private async Task<string> ReaderAsync()
    {
        await Host.PersonAsync(Reader, "auditor");
        return Reader;
    }

    private IRenderedComponent<TPage> Open<TPage>(PageContext context, string address) where TPage : IComponent
    {
        context.Navigation.NavigateTo(address);
        var id = address.Split('?')[0].Split('/')[^1];
        return context.Render<TPage>(p =>
        {
            if (typeof(TPage).GetProperty("Id") is not null) p.TryAdd("Id", id);
        });
    }

    private static Task PressAsync(IRenderedComponent<IComponent> page, string key) => page.InvokeAsync(() => page.FindComponent<PageKeys>().Instance.Pressed(key));

    [Fact]
    public async Task List_Teaches_ThenFollows_AndOpensByKey()
    {
        await using var context = new PageContext(Host, AdminEmail);
        var page = Open<UndoPlansPage>(context, "/undo");
        page.WaitForAssertion(() => Assert.Contains("Nothing had to be undone", page.Find(".state").TextContent));
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2), Write("b", 1, 2, action: null)) });
        page.WaitForAssertion(() => Assert.Equal(["◔1 to be given out", "!1 waits for somebody"], page.FindAll(".counts .chip").Select(c => c.TextContent.Trim())));
        var row = page.Find("a.list-item").TextContent;
        foreach (var words in new[] { "Undo crm.update", "It was wrong", "Support", "needs somebody" }) Assert.Contains(words, row, StringComparison.Ordinal);
        foreach (var task in await TakeAsync()) await SayAsync(Id(task), "undone");
        page.WaitForAssertion(() => Assert.Contains("✓1 undone", page.Find(".counts").TextContent));
        await PressAsync(page, "j");
        await PressAsync(page, "Enter");
        Assert.EndsWith("/undo/" + Id(plan), context.Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_ShowsWhatNeedsSomebody_AsManyAsTheMenuCounts()
    {
        await using var context = new PageContext(Host, AdminEmail);
        var badge = context.Render<UndoBadge>();
        var page = Open<UndoPlansPage>(context, "/undo?needs=somebody&rollout=" + Spine.Rollout);
        page.WaitForAssertion(() => Assert.Contains("Nothing needs somebody", page.Find(".state").TextContent));
        Assert.Empty(badge.FindAll(".count"));
        Assert.Contains("Only those of Support", page.Find(".only").TextContent, StringComparison.Ordinal);
        await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2)) });
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("b", 1, 2, action: null), Write("c", 1, 2, action: null)) });
        page.WaitForAssertion(() => Assert.Equal("/undo/" + Id(plan), Assert.Single(page.FindAll("a.list-item")).GetAttribute("href")));
        Assert.Equal("1 plan", page.Find(".tabs a[aria-current] .count").TextContent);
        badge.WaitForAssertion(() => Assert.StartsWith("2", badge.Find(".count").TextContent, StringComparison.Ordinal));
        foreach (var step in Steps(plan)) await TickAsync(Id(step), "undone");
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("a.list-item")));
        badge.WaitForAssertion(() => Assert.Empty(badge.FindAll(".count")));
    }

    [Fact]
    public async Task Plans_AreTitledByWhatTheyUndo()
    {
        var since = Time.GetUtcNow();
        var answer = await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.update", resource = new { type = "order", id = "o-17\u202E" }, arguments = new { n = -1 }, run_id = "run-7", confidence = 0.9 });
        await PostAsync(Agent, $"/api/v1/decisions/{Spine.Id(answer)}/outcome", new { status = "succeeded", writes = new[] { Write("a", 1, 2), Write("b", 1, 2) } });
        await ActAsync("run-7", [Write("c", 1, 2)]);
        await ActAsync("run-8", [Write("d", 1, 2)]);
        await ActAsync("run-9", [Write("e", 1, 2)]);
        await using var context = new PageContext(Host, AdminEmail);
        foreach (var (plan, title) in ((System.Text.Json.JsonElement, string)[])
        [
            (await StartPlanAsync(new { decision_id = Spine.Id(answer), write = 1 }), "Undo write 2 of crm.update on order o-17⟨U+202E⟩"),
            (await StartPlanAsync(new { decision_id = Spine.Id(answer) }), "Undo crm.update on order o-17⟨U+202E⟩"),
            (await StartPlanAsync(new { run_id = "run-7" }, inRollout: true), "Undo 1 write of run run-7"),
            (await StartPlanAsync(new { system = "crm", record = "d" }, inRollout: true), "Undo d in crm"),
            (await StartPlanAsync(new { agent_id = Spine.AgentId, since }), "Undo everything Agent did since "),
        ])
        {
            var page = Open<UndoPlanPage>(context, "/undo/" + Id(plan));
            page.WaitForAssertion(() => Assert.StartsWith(title, page.Find("h1").TextContent, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Decision_ShowsHowItsWindowStands_AndItsEndOnce()
    {
        var decision = await ActAsync(Write("a", 1, 2));
        await using var context = new PageContext(Host, AdminEmail);
        var page = Open<DecisionPage>(context, "/decisions/" + decision);
        page.WaitForAssertion(() => Assert.Contains("provisional", page.FindAll(".page-header .chip").Select(c => c.TextContent.Trim().TrimStart('◔'))));
        Assert.Single(page.FindAll(".timeline li")[^1].QuerySelectorAll("time"));
        await PostAsync(Host.Admin, $"/api/v1/decisions/{decision}/veto", new { words = "No" });
        page.WaitForAssertion(() => Assert.Contains("vetoed", page.FindAll(".page-header .chip").Select(c => c.TextContent.Trim().TrimStart('✕'))));
    }

    [Fact]
    public async Task Pages_ThatCannotShow_SaySo_WithAWayOut()
    {
        await using var context = new PageContext(Host, AdminEmail);
        var list = Open<UndoPlansPage>(context, "/undo?rollout=rol_none");
        list.WaitForAssertion(() => Assert.Equal("/undo?rollout=", list.Find(".state.error a").GetAttribute("href")));
        var plan = Open<UndoPlanPage>(context, "/undo/udp_none");
        plan.WaitForAssertion(() => Assert.Equal("/undo", plan.Find(".state.error a").GetAttribute("href")));
        foreach (var address in new[] { "/undo/new", "/undo/new?decision=dec_none", "/undo/new?decision=x&run=y&rollout=" + Spine.Rollout, "/undo/new?agent=agt_none&since=2026-01-01", "/undo/new?agent=x&since=when", "/undo/new?incident=inc_none" })
        {
            var preview = Open<UndoNewPage>(context, address);
            preview.WaitForAssertion(() => Assert.Contains("Nothing was changed.", preview.Find(".state.error").TextContent));
            Assert.Empty(preview.FindAll("button.primary"));
        }
    }

    [Fact]
    public async Task Pages_WhileTheyRead_SayThatTheyLoad()
    {
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2)) });
        await using var context = new PageContext(Host, AdminEmail);
        var held = new Held(Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>());
        context.Services.AddSingleton(new UndoPlanDesk(Host.Writer, held, new UndoNeeds(Host.Writer, held)));
        IRenderedComponent<IComponent>[] pages = [Open<UndoPlansPage>(context, "/undo"), Open<UndoPlanPage>(context, "/undo/" + Id(plan)), Open<UndoNewPage>(context, "/undo/new?run=run-1&rollout=" + Spine.Rollout)];
        Assert.All(pages, p => Assert.NotEmpty(p.FindAll("[aria-busy=true]")));
        held.Gate.SetResult();
        Assert.All(pages, p => p.WaitForAssertion(() => Assert.Empty(p.FindAll("[aria-busy=true]"))));
    }

    [Fact]
    public async Task Plan_ShowsEachStep_AndTakesWhatPeopleSay()
    {
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2, action: null), Write("b", 5, 6)) });
        await using var context = new PageContext(Host, AdminEmail);
        var page = Open<UndoPlanPage>(context, "/undo/" + Id(plan));
        page.WaitForAssertion(() => Assert.Contains("waits for somebody", page.Find(".split-detail").TextContent));   // the step that needs somebody is open
        page.WaitForAssertion(() => Assert.Equal(["v", "1", "2"], page.FindAll(".split-detail td").Select(c => c.TextContent.Trim())));
        Assert.Equal(["b", "a"], page.FindAll(".split-list .title").Select(t => t.TextContent));

        // The agent takes its step and reports it; the page follows.
        var given = Assert.Single(await TakeAsync());
        page.WaitForAssertion(() => Assert.Contains("under way", page.FindAll(".split-list a")[0].TextContent));
        await SayAsync(Id(given), "failed", "The CRM is down");
        page.WaitForAssertion(() => Assert.Contains("2 steps need somebody", page.Find(".callout").TextContent));

        // A person ticks the other off.
        await PressAsync(page, "u");
        Assert.Contains("What became of a", page.Find("dialog h3").TextContent);
        Assert.Equal("Undone The record is as it was before.", page.FindAll(".choices label").Single(l => l.QuerySelector("input")!.HasAttribute("checked")).TextContent.Trim());
        await page.InvokeAsync(() => page.FindAll("dialog footer button")[1].ClickAsync(new()));
        page.WaitForAssertion(() => Assert.Contains("1 of 2 writes undone", page.Find(".purpose").TextContent));
        Assert.Equal("It is undone, by your name.", context.Said);
        Assert.Empty(page.FindAll(".acts"));   // that is final

        // The failed one is tried again, handed to somebody, and cannot be undone after all.
        await PressAsync(page, "k");
        page.WaitForAssertion(() => Assert.Contains("The CRM is down", page.Find(".split-detail").TextContent));
        await PressAsync(page, "r");
        page.WaitForAssertion(() => Assert.Equal("It is tried again.", context.Said));
        await PressAsync(page, "h");
        Assert.Contains("owner@example.com", page.Find("#hand-to").TextContent);
        page.Find("#hand-to").Change("owner@example.com");
        await page.ClickAsync("Hand it over");
        page.WaitForAssertion(() => Assert.Contains("handed to owner", page.Find(".split-detail").TextContent));
        Assert.StartsWith("Hand over", Assert.Single(page.FindAll(".acts button")).TextContent.Trim(), StringComparison.Ordinal);
        await TickAsync(Id(given), "irreversible", "The customer has read it", who: Spine.Owner);
        page.WaitForAssertion(() => Assert.Contains("1 write stays as it is", page.Find(".callout.denied").TextContent));
        Assert.Contains("ended, not all undone", page.Find(".page-header").TextContent);
        Assert.Contains("The customer has read it", page.Find(".split-detail").TextContent);
    }

    [Fact]
    public async Task Tick_ThatIsNotUndone_NeedsWords()
    {
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2, action: null)) });
        await using var context = new PageContext(Host, AdminEmail);
        var page = Open<UndoPlanPage>(context, "/undo/" + Id(plan));
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".acts")));
        await page.ClickAsync("Something else became of it");
        await page.InvokeAsync(() => page.FindAll(".choices input")[3].ChangeAsync(new() { Value = "Conflict" }));
        Assert.True(page.Button("Report it").HasAttribute("disabled"));
        await page.InvokeAsync(() => page.Find("#tick-words").InputAsync(new() { Value = "Lee changed it" }));
        await page.ClickAsync("Report it");
        page.WaitForAssertion(() => Assert.Contains("conflict", page.Find(".split-detail .chip").TextContent));
        Assert.Equal("conflict", Word(Steps(await PlanAsync(plan))[0], "state"));
    }

    [Fact]
    public async Task Reader_WhoMayNotWrite_SeesNoButtons()
    {
        var decision = await ActAsync(Write("a", 1, 2, action: null));
        await using var context = new PageContext(Host, await ReaderAsync());
        var incident = Id(await PostAsync(Host.Admin, "/api/v1/incidents", new { rollout_id = Spine.Rollout, title = "Wrong", decisions = new[] { decision } }, 201));
        var of = Open<IncidentPage>(context, "/incidents/" + incident);
        of.WaitForAssertion(() => Assert.Contains("No undo was started", of.Find("[aria-label='Affected writes and undo']").TextContent));
        Assert.Empty(of.FindAll("[aria-label='Affected writes and undo'] .button"));
        var preview = Open<UndoNewPage>(context, "/undo/new?decision=" + decision);
        preview.WaitForAssertion(() => Assert.Contains("members of the rollout", preview.Find(".state.error").TextContent));
        var story = Open<DecisionPage>(context, "/decisions/" + decision);
        story.WaitForAssertion(() => Assert.NotEmpty(story.FindAll("a.step")));
        Assert.DoesNotContain("Undo what it wrote", story.Markup, StringComparison.Ordinal);

        var plan = await StartPlanAsync(new { decision_id = decision }, incident: incident);
        of.WaitForAssertion(() => Assert.Equal("/undo/" + Id(plan), of.Find("[aria-label='Affected writes and undo'] a").GetAttribute("href")));
        var page = Open<UndoPlanPage>(context, "/undo/" + Id(plan));
        page.WaitForAssertion(() => Assert.Contains("needs somebody", page.Markup));
        await PressAsync(page, "u");
        await PressAsync(page, "h");
        Assert.Empty(page.FindAll("main button, .acts, dialog h3"));
    }

    [Fact]
    public async Task Preview_RecordsNothing_UntilItIsStarted()
    {
        var older = await ActAsync("run-x", [Write("a", 1, 2)]);
        var decision = await ActAsync("run-y", [Write("b", 1, 2), Write("c", 1, 2, action: null), Write("a", 2, 3)]);
        await using var context = new PageContext(Host, AdminEmail);
        var conflict = Open<UndoNewPage>(context, "/undo/new?decision=" + older);
        conflict.WaitForAssertion(() => Assert.Contains("1 write in conflict with something newer", conflict.Markup));
        var page = Open<UndoNewPage>(context, "/undo/new?decision=" + decision);
        page.WaitForAssertion(() => Assert.Equal(["a", "c", "b"], page.FindAll(".steps .title").Select(t => t.TextContent)));
        Assert.Contains("2 writes by the agent that wrote them; 1 write by people", page.Find("section.card").TextContent);
        Assert.Equal(["●applied", "!applied, by hand only", "●applied"], page.FindAll(".steps .chip").Select(c => c.TextContent.Trim()));
        Assert.Empty(await LogAsync());
        await page.InvokeAsync(() => page.Find("#reason").InputAsync(new() { Value = "The wrong customer" }));
        await PressAsync(page, "s");
        Assert.Contains("Undo 3 writes", page.Find("dialog h3").TextContent);
        await page.InvokeAsync(() => page.Find("dialog button.danger").ClickAsync(new()));
        page.WaitForAssertion(() => Assert.Contains("/undo/udp_", context.Navigation.Uri));
        var plan = await GetAsync(Host.Admin, "/api/v1/undo/plans/" + context.Navigation.Uri.Split('/')[^1]);
        Assert.Equal("The wrong customer", Word(plan, "reason"));

        var again = Open<UndoNewPage>(context, "/undo/new?decision=" + decision);
        again.WaitForAssertion(() => Assert.Equal("/undo/" + Id(plan), again.Find(".state a").GetAttribute("href")));
        Assert.Equal(3, again.FindAll(".already .list-item").Count);
        var run = Open<UndoNewPage>(context, "/undo/new?run=run-none&rollout=" + Spine.Rollout);
        run.WaitForAssertion(() => Assert.Contains("Nothing was written there", run.Find(".state").TextContent));
        var record = Open<UndoNewPage>(context, "/undo/new?system=crm&record=a&rollout=" + Spine.Rollout);
        record.WaitForAssertion(() => Assert.Equal(["a"], record.FindAll(".steps .title").Select(t => t.TextContent)));
    }

    [Fact]
    public async Task Agent_AsksSinceWhen_InTheReadersTime()
    {
        await ActAsync(Write("a", 1, 2));
        await using var context = new PageContext(Host, AdminEmail);
        context.Services.GetRequiredService<ReaderClock>().Use("Asia/Kolkata");
        var page = Open<UndoNewPage>(context, "/undo/new?agent=" + Spine.AgentId);
        page.WaitForAssertion(() => Assert.Contains("Since when?", page.Find(".state").TextContent));
        page.Find("#since").Change("2026-01-02T03:04:05");
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());
        page.WaitForAssertion(() => Assert.Contains("since=2026-01-01T21%3A34%3A05Z", context.Navigation.Uri));
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".steps li")));
        Assert.StartsWith("Undo everything Agent did since", page.Find("h1").TextContent, StringComparison.Ordinal);
        Assert.Equal("2026-01-02T03:04:05", page.Find("#since").GetAttribute("value"));
        var agent = Open<AgentPage>(context, "/agents/" + Spine.AgentId);
        agent.WaitForAssertion(() => Assert.Contains("Undo since…", agent.Find(".actions").TextContent));
    }

    [Fact]
    public async Task Incident_OffersWhatItNames_AndWhatIsInHandNoMore()
    {
        var (first, second) = (await ActAsync(Write("a", 1, 2)), await ActAsync(Write("b", 1, 2)));
        var incident = Id(await PostAsync(Host.Admin, "/api/v1/incidents", new { rollout_id = Spine.Rollout, title = "Wrong", decisions = new[] { first, second } }, 201));
        await using var context = new PageContext(Host, AdminEmail);
        var page = Open<IncidentPage>(context, "/incidents/" + incident);
        page.WaitForAssertion(() => Assert.Equal([first, second], Offered()));
        var preview = Open<UndoNewPage>(context, "/undo/new?incident=" + incident);
        preview.WaitForAssertion(() => Assert.Equal(["a"], preview.FindAll(".steps .title").Select(t => t.TextContent)));
        Assert.Equal(2, preview.FindAll(".tabs a").Count);
        await PressAsync(preview, "s");
        await preview.InvokeAsync(() => preview.Find("dialog button.danger").ClickAsync(new()));
        page.WaitForAssertion(() => Assert.Equal([second], Offered()));
        Assert.Contains("0 of 1 write undone", page.Find("[aria-label='Affected writes and undo']").TextContent);

        string[] Offered() => [.. page.FindAll("[aria-label='Affected writes and undo'] .open .mono").Select(m => m.TextContent)];
    }

    [Theory]
    [InlineData(null, """{"v":1}""", "v:-:1")]
    [InlineData("""{"v":1,"w":"x"}""", """{"v":1.0,"w":"y"}""", "w:\"x\":\"y\"")]
    [InlineData("""{"v":[1]}""", """{"v":[1]}""", "")]
    [InlineData("""{"v":1}""", """{"w":null}""", "v:1:-|w:-:null")]
    [InlineData("[1]", """{"v":1}""", null)]
    [InlineData(null, null, null)]
    public void Changes_AreTheFieldsThatDiffer(string? before, string? after, string? expected)
        => Assert.Equal(expected, UndoText.Changes(before, after) is { } changes ? string.Join('|', changes.Select(c => $"{c.Name}:{c.Before?.GetRawText() ?? "-"}:{c.After?.GetRawText() ?? "-"}")) : null);

    private sealed class Held(IDbContextFactory<OpsDbContext> inner) : IDbContextFactory<OpsDbContext>
    {
        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public OpsDbContext CreateDbContext() => inner.CreateDbContext();

        public async Task<OpsDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default)
        {
            await Gate.Task.WaitAsync(cancellationToken);
            return await inner.CreateDbContextAsync(cancellationToken);
        }
    }
}
