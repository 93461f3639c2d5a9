using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The replay's page over the real services: from an empty page to a result whose figures lead to decisions.</summary>
public sealed class ReplayPageTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private IRenderedComponent<ReplayPage> Render(PageContext context, string query = "")
    {
        context.Navigation.NavigateTo($"/rollouts/{_spine.Rollout}/matrix/replay{query}");
        return context.Render<ReplayPage>(p => p.Add(c => c.Id, _spine.Rollout));
    }

    [Fact]
    public async Task Run_AStricterDraft_SaysWhatChangesAndLeadsToTheDecisions()
    {
        var small = await _spine.RefundAsync(10);
        await _spine.RefundAsync(400, 202);
        await DraftAsync(Spine.Matrix.Replace("\"value\": 200 }", "\"value\": 5 }", StringComparison.Ordinal));
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        Assert.Contains("Nothing is replayed yet", page.Markup);
        await page.ClickAsync("Run");
        page.WaitForAssertion(() => Assert.Equal("Of 2 answers 1 changes: 1 approval added.", page.Find("#replayed").TextContent));
        Assert.Equal("1", page.Find("section[aria-labelledby=answers] td a").TextContent);
        Assert.Contains("stricter", page.Find("section[aria-labelledby=answers]").TextContent);
        Assert.Contains("R-4: allowed", page.Find("section[aria-labelledby=answers]").TextContent);
        Assert.Equal("/decisions/" + Spine.Id(small), Assert.Single(page.FindAll("section[aria-labelledby=changes] a.list-item")).GetAttribute("href"));

        // The figure's own list, by its address; a kind that did not occur says so.
        var href = page.Find("section[aria-labelledby=answers] td a").GetAttribute("href")!;
        var filtered = Render(context, href[href.IndexOf('?')..]);
        Assert.Contains("allowed before, a person asked in the draft", filtered.Find("section[aria-labelledby=changes]").TextContent);
        Assert.Single(filtered.FindAll("section[aria-labelledby=changes] a.list-item"));
        Assert.Contains("None of this kind", Render(context, "?was=deny&now=allow").Markup);
    }

    [Fact]
    public async Task Run_NothingRecorded_OrGone_SaysSo()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.ClickAsync("Run");
        page.WaitForAssertion(() => Assert.Equal("Nothing of this period can be compared.", page.Find("#replayed").TextContent));
        Assert.Contains("This replay is gone", Render(context, "?run=sim_ghost").Markup);
    }

    [Fact]
    public async Task Run_DaysThatMakeNoPeriod_SaysWhatToDo()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.InvokeAsync(() => page.Find("select").ChangeAsync("0"));
        await page.ClickAsync("Run");
        Assert.Contains("from is required", page.Find("[role=alert]").TextContent);
        await page.InvokeAsync(() => page.FindAll("input[type=date]")[0].ChangeAsync("2026-02-02"));
        await page.InvokeAsync(() => page.FindAll("input[type=date]")[1].ChangeAsync("2026-02-01"));
        await page.ClickAsync("Run");
        Assert.Contains("to must be later than from", page.Find("[role=alert]").TextContent);
    }

    [Fact]
    public async Task Run_DaysAreTheReaders_AndNoChangeIsSaidOnce()
    {
        await _spine.RefundAsync(10);
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        context.Services.GetRequiredService<ReaderClock>().Use("Europe/Berlin");
        var page = Render(context);
        await page.InvokeAsync(() => page.Find("select").ChangeAsync("0"));
        await page.InvokeAsync(() => page.FindAll("input[type=date]")[0].ChangeAsync("2026-02-02"));
        await page.ClickAsync("Run");
        page.WaitForAssertion(() => Assert.Equal("Of 1 answer none changes.", page.Find("#replayed").TextContent));
        Assert.Empty(page.FindAll("#changes"));
        var run = (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/matrix/simulation")).GetProperty("items")[0];
        Assert.Equal(new DateTimeOffset(2026, 2, 1, 23, 0, 0, TimeSpan.Zero), run.GetProperty("from").GetDateTimeOffset());
    }

    [Fact]
    public async Task Reader_OfAnotherRollout_SeesNothing()
    {
        await _host.PersonAsync("stranger@example.com", "member");
        await using var context = new PageContext(_host, "stranger@example.com");
        Assert.Contains("no such rollout", Render(context).Markup);
    }

    private async Task DraftAsync(string matrix)
    {
        var path = $"/api/v1/rollouts/{_spine.Rollout}/matrix";
        using var draft = await _host.Admin.GetAsync(path);
        using var put = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(matrix, System.Text.Encoding.UTF8, "application/json") };
        put.Headers.TryAddWithoutValidation("If-Match", draft.Headers.ETag!.ToString());
        using var saved = await _host.Admin.SendAsync(put);
        Assert.True(saved.IsSuccessStatusCode);
    }
}
