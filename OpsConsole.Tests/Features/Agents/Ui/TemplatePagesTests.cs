using System.Text.Json;
using Bunit;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Agents.Ui;

/// <summary>The pages of templates over the real services: written line by line, applied with everything in sight, changed without changing anybody.</summary>
public sealed class TemplatePagesTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, tier: null);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Start_IsAskedFor_AndGivesNobodyAnything()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<TemplatesPage>();
        Assert.Contains("No template yet", page.Markup);
        Assert.Empty(await TemplatesAsync());
        await page.ClickAsync("Start with three");
        Assert.Equal(["Drafting contributor", "Executor for small reversible writes", "Observer first"], page.FindAll("section h2").Select(h => h.TextContent));
        Assert.Empty((await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants")).GetProperty("items").EnumerateArray());
        await page.ClickAsync("Archive Observer first");
        await page.ClickAsync("Archive template");
        Assert.Equal(2, page.FindAll("section h2").Count);
        Assert.Empty(page.FindAll("#starters"));   // its name is taken
        await page.ClickAsync("Bring back Observer first");
        Assert.Equal(3, page.FindAll("section h2").Count);
    }

    [Fact]
    public async Task Start_WhatIsNotTakenYet_IsOfferedBesideOthers()
    {
        await CreateAsync("""{"capability":"crm.*","tier":"contributor","reason":"r"}""");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<TemplatesPage>();
        Assert.Equal(3, page.FindAll("section[aria-labelledby=starters] li").Count);
        await page.ClickAsync("Take it: Observer first");
        Assert.Equal("Observer first is here. It gives nothing until it is applied.", context.Said);
        Assert.Equal(["Observer first", "Support", "To start from"], page.FindAll("section h2").Select(h => h.TextContent));
        Assert.Equal(2, page.FindAll("section[aria-labelledby=starters] li").Count);
        Assert.Equal(2, (await TemplatesAsync()).Count);
    }

    [Fact]
    public async Task Archive_WhatSomebodyChangedMeanwhile_IsRefusedInWords()
    {
        var id = await CreateAsync("""{"capability":"crm.*","tier":"contributor","reason":"r"}""");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<TemplatesPage>();
        await page.ClickAsync("Archive Support");
        await PutAsync(id, """{"capability":"crm.*","tier":"observer","reason":"theirs"}""");
        await page.ClickAsync("Archive template");
        Assert.Contains("Look at what it says now", page.Find("dialog [role=alert]").TextContent);
        Assert.Equal(JsonValueKind.Null, Assert.Single(await TemplatesAsync()).GetProperty("archived_at").ValueKind);
    }

    [Fact]
    public async Task History_StandsUnderTheLines_AndSpeaksOfWhatChanged()
    {
        var id = await CreateAsync("""{"capability":"crm.*","tier":"contributor","reason":"r"}""");
        await PutAsync(id, """{"capability":"crm.*","tier":"executor","reason":"Four clean weeks"}""");
        await using var context = new PageContext(_host, "dana@example.com");
        var history = context.Render<TemplatePage>(p => p.Add(c => c.Id, id)).Find("section[aria-labelledby=history]");
        Assert.Equal(["Version 2", "Version 1, written"], history.QuerySelectorAll("li b").Select(b => b.TextContent));
        Assert.Contains("crm.*: raised from contributor to executor; another reason: “Four clean weeks”.", history.TextContent);
    }

    [Fact]
    public async Task Write_ATemplate_LineByLine_AndWhatIsWrongStaysTyped()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<TemplatePage>(p => p.Add(c => c.Id, "new"));
        await InputAsync(page, "#t-name", "Support");
        await InputAsync(page, "#l0-capability", "crm.*");
        await InputAsync(page, "#l0-reason", "Proposes changes");
        await page.InvokeAsync(() => page.Find("#l0-tier").ChangeAsync("Contributor"));
        await page.InvokeAsync(() => page.Find("#l0-advances").ChangeAsync(true));
        Assert.Equal(["Executor"], page.FindAll("#l0-to option").Select(o => o.TextContent));
        await page.InvokeAsync(() => page.Find("#l0-classes").ChangeAsync("edge cases\nrefusals"));
        await page.ClickAsync("Add a line");
        await page.ClickAsync("Save template");
        Assert.Contains("Line 2: capability is required", page.Find("[role=alert]").TextContent);
        await InputAsync(page, "#l1-capability", "CRM.*");
        await InputAsync(page, "#l1-reason", "Twice");
        await page.ClickAsync("Save template");
        Assert.Contains("Line 2: capability 'crm.*' has a line already", page.Find("[role=alert]").TextContent);
        Assert.Equal("true", page.Find("#l1-capability").GetAttribute("aria-invalid"));
        await InputAsync(page, "#l1-capability", "*");
        await page.InvokeAsync(() => page.Find("#l1-review").ChangeAsync("soon"));
        await page.ClickAsync("Save template");
        Assert.Contains("Line 2: the review must be a number of days", page.Find("[role=alert]").TextContent);
        await page.InvokeAsync(() => page.Find("#l1-review").ChangeAsync("PT36H"));
        await page.ClickAsync("Save template");
        Assert.EndsWith("/templates", context.Navigation.Uri, StringComparison.Ordinal);
        var stored = Assert.Single(await TemplatesAsync()).GetProperty("lines");
        Assert.Equal(["* observer P", "crm.* contributor P"], stored.EnumerateArray().Select(l => $"{l.GetProperty("capability").GetString()} {l.GetProperty("tier").GetString()} {l.GetProperty("review_in").GetString()![..1]}"));
        Assert.Equal(("PT36H", 73, 2), (stored[0].GetProperty("review_in").GetString(), stored[1].GetProperty("advance").GetProperty("min_sample").GetInt32(), stored[1].GetProperty("advance").GetProperty("scenario_classes").GetArrayLength()));
    }

    [Fact]
    public async Task Edit_WhileSomebodySaves_LosesNothingOfEither()
    {
        var id = await CreateAsync("""{"capability":"crm.*","tier":"contributor","reason":"r"}""");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<TemplatePage>(p => p.Add(c => c.Id, id));
        await InputAsync(page, "#l0-reason", "mine");
        await PutAsync(id, """{"capability":"crm.*","tier":"observer","reason":"theirs"}""");
        await page.WaitForAssertionAsync(() => Assert.Contains("it is version 2 now", page.Markup));
        await page.ClickAsync("Save template");
        Assert.Contains("Somebody saved this template in the meantime", page.Find("[role=alert]").TextContent);
        Assert.Equal("mine", page.Find("#l0-reason").GetAttribute("value"));
        await page.ClickAsync("Show theirs, drop mine");
        Assert.Equal("theirs", page.Find("#l0-reason").GetAttribute("value"));
        await InputAsync(page, "#l0-reason", "both");
        await page.ClickAsync("Save template");
        Assert.Equal("both", (await TemplatesAsync())[0].GetProperty("lines")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task ReaderWhoMayNotEdit_SeesTheLines()
    {
        var id = await CreateAsync("""{"capability":"crm.*","tier":"contributor","reason":"Proposes changes"}""");
        await using var context = new PageContext(_host, "dana@example.com");
        var page = context.Render<TemplatePage>(p => p.Add(c => c.Id, id));
        Assert.Contains("Proposes changes", page.Find("section[aria-labelledby=lines]").TextContent);
        Assert.Empty(page.FindAll("button, input"));
        Assert.Empty(context.Render<TemplatesPage>().FindAll("button"));
        Assert.Contains("written by facilitators and admins", context.Render<TemplatePage>(p => p.Add(c => c.Id, "new")).Markup);
    }

    [Fact]
    public async Task AgentPage_FirstStep_AppliesATemplateWithEveryTierInSight()
    {
        await CreateAsync("""{"capability":"*","tier":"observer","reason":"Reads"}""", """{"capability":"crm.*","tier":"contributor","reason":"Proposes changes","expires_in":"P10D"}""", """{"capability":"mail.*","tier":"contributor","reason":"Drafts"}""");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<AgentPage>(p => p.Add(c => c.Id, _spine.AgentId));
        Assert.Contains("give it a first set of tiers", page.Find("section[aria-labelledby=templates]").TextContent);
        await page.ClickAsync("Apply a template");
        Assert.Contains("Give crm.* as contributor; ends after 10 days, review after 90 days. Nothing is granted for it now.", page.Find("dialog fieldset").TextContent);
        await page.InvokeAsync(() => page.FindAll("dialog .choice input[type=checkbox]")[2].ChangeAsync(false));
        await page.InvokeAsync(() => page.Find("#at1-end").ChangeAsync(""));
        Assert.True(page.Button("Give 2 tiers").HasAttribute("disabled"));
        await InputAsync(page, "#at-why", "Pilot");
        await page.ClickAsync("Give 2 tiers");
        Assert.Equal("Support: 2 tiers given.", context.Said);
        page.WaitForAssertion(() => Assert.Contains("Proposes changes · Pilot", page.Find("section[aria-labelledby=authority]").TextContent));
        Assert.Contains("from Support, version 1", page.Find("section[aria-labelledby=authority]").TextContent);
        var grants = (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants")).GetProperty("items").EnumerateArray().ToList();
        Assert.All(grants, g => Assert.Equal(JsonValueKind.Null, g.GetProperty("expires_at").ValueKind));
        Assert.Equal(2, grants.Count);
    }

    [Fact]
    public async Task AgentPage_ChangedTemplate_OffersAndTicksNothingThatWidens()
    {
        var id = await CreateAsync("""{"capability":"*","tier":"observer","reason":"Reads"}""", """{"capability":"crm.*","tier":"contributor","reason":"Proposes changes"}""");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/templates", new { template = id, reason = "Pilot" }, 201);
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<AgentPage>(p => p.Add(c => c.Id, _spine.AgentId));
        Assert.Contains("as the template says", page.Find("section[aria-labelledby=templates]").TextContent);
        await PutAsync(id, """{"capability":"crm.*","tier":"executor","reason":"Acts"}""");
        await page.WaitForAssertionAsync(() => Assert.Contains("Raise crm.* from contributor to executor", page.Find("section[aria-labelledby=templates]").TextContent));
        await page.ClickAsync("Review 2 changes of Support");
        Assert.Equal([true, false], page.FindAll("dialog .choice input").Select(i => i.HasAttribute("checked")));   // the end is ticked, the raise is not
        await page.ClickAsync("Accept 1 change");
        await page.WaitForAssertionAsync(() => Assert.Contains("Review change", page.Find("section[aria-labelledby=templates]").TextContent));
        Assert.Equal(["crm.* contributor"], await LiveAsync());

        await page.ClickAsync("Review change of Support");
        await page.InvokeAsync(() => page.Find("dialog .choice input").ChangeAsync(true));
        await PutAsync(id, """{"capability":"crm.*","tier":"executor","reason":"Acts","expires_in":"P9D"}""", 2);
        await page.ClickAsync("Accept 1 change");
        Assert.Contains("is version 3 now", page.Find("dialog [role=alert]").TextContent);
        Assert.Equal(["crm.* contributor"], await LiveAsync());
        await page.InvokeAsync(() => page.Find("dialog .choice input").ChangeAsync(true));
        await page.ClickAsync("Accept 1 change");
        Assert.Equal(["crm.* executor"], await LiveAsync());
        await page.WaitForAssertionAsync(() => Assert.Contains("as the template says", page.Find("section[aria-labelledby=templates]").TextContent));
    }

    private static Task InputAsync<T>(IRenderedComponent<T> page, string field, string text) where T : Microsoft.AspNetCore.Components.IComponent => page.InvokeAsync(() => page.Find(field).HasAttribute("blazor:oninput") ? page.Find(field).InputAsync(text) : page.Find(field).ChangeAsync(text));

    private async Task<List<JsonElement>> TemplatesAsync() => [.. (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/templates")).GetProperty("items").EnumerateArray()];

    private async Task<IEnumerable<string>> LiveAsync() => [.. (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants")).GetProperty("items").EnumerateArray().Where(g => g.GetProperty("live").GetBoolean()).Select(g => $"{g.GetProperty("capability").GetString()} {g.GetProperty("tier").GetString()}")];

    private static JsonElement Body(params string[] lines) => JsonElement.Parse($$"""{"name":"Support","description":"d","lines":[{{string.Join(',', lines)}}]}""");

    private async Task<string> CreateAsync(params string[] lines) => (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/templates", Body(lines), 201)).GetProperty("id").GetString()!;

    private async Task PutAsync(string id, string line, int version = 1)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/templates/" + id) { Content = new StringContent(Body(line).GetRawText(), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", $"\"t{version}\"");
        using var response = await _host.Admin.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
