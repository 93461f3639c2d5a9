using System.Text.Json;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>What else a decision can do: other arguments by the register's form, a row of the matrix made from a request.</summary>
public sealed class EditAndProposeTests : IAsyncLifetime
{
    private const string Schema = """
    { "type": "object", "required": ["amount", "currency"], "additionalProperties": false, "properties": {
        "amount": { "type": "number", "minimum": 1, "maximum": 900, "description": "What is paid back" }, "currency": { "enum": ["EUR", "USD"] },
        "customer": { "type": "object", "properties": { "id": { "type": "string", "minLength": 3 } } }, "lines": { "type": "array", "items": { "type": "object" } }, "order": { "type": "string" } } }
    """;

    private readonly HandTime _time = new(DateTimeOffset.UtcNow);
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await StartAsync();
        _spine = await Spine.BuildAsync(_host);
        await SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/rollouts/{_spine.Rollout}/actions", JsonElement.Parse($$"""[{"action":"refund.create","arguments_schema":{{Schema}}}]"""), 200);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Edit_ByTheRegistersForm_ChecksAtTheFieldAndShowsTheRulingBeforeItIsSent()
    {
        var id = await AskAsync(new { amount = 420, currency = "EUR", customer = new { id = "c-118" }, lines = new[] { new { sku = "A" } } });
        await using var desk = new Desk(_host, "dana@example.com", _time);
        var page = await OpenEditAsync(desk, id);
        Assert.Equal(["left out", "EUR", "USD"], page.FindAll("dialog select option").Select(o => o.TextContent));
        Assert.Contains("What is paid back At least 1, at most 900.", page.Find("dialog .fields").TextContent);
        Assert.Equal(2, page.FindAll("dialog .needed").Count);

        Input(page, "amount").Input("9000");
        await ClickAsync(page, "Show what changes");
        Assert.Equal(("true", "amount should be at most 900."), (Input(page, "amount").GetAttribute("aria-invalid"), page.Find("dialog .about .validation-message").TextContent));
        Input(page, "amount").Input("");
        await ClickAsync(page, "Show what changes");
        Assert.Equal("Is required.", page.Find("dialog .about .validation-message").TextContent);

        Input(page, "amount").Input("150");   // under 200: the rules would let the agent do that alone
        await ClickAsync(page, "Edit as JSON");
        Assert.Contains("\"amount\": 150", page.Find("textarea.draft").GetAttribute("value"));   // nothing typed is lost on the way
        await ClickAsync(page, "Edit field by field");
        Assert.Equal("150", Input(page, "amount").GetAttribute("value"));
        await ClickAsync(page, "Show what changes");
        Assert.Contains("Rule R-4 of matrix version 1 would let the agent do this alone; group leads keep deciding here. Your yes is enough: the agent may act at once.", page.Find("dialog .ruling").TextContent);
        var digest = page.Find("dialog .ruling .digest").TextContent;
        _time.Advance(TimeSpan.FromSeconds(1));
        await ClickAsync(page, "Approve with these changes");
        var view = await GetAsync(_host.Admin, "/api/v1/approvals/" + id);
        Assert.Equal(("edited", 150, digest), (view.GetProperty("status").GetString(), view.GetProperty("arguments").GetProperty("amount").GetInt32(), view.GetProperty("digest").GetString()));
        Assert.Equal("c-118", view.GetProperty("arguments").GetProperty("customer").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Edit_WhatTheRulesWouldDeny_IsSaidBeforeAndCannotBeSent()
    {
        var id = await AskAsync(new { amount = 420, currency = "EUR" });
        await using var desk = new Desk(_host, "dana@example.com", _time);
        var page = await OpenEditAsync(desk, id);
        await ClickAsync(page, "Edit as JSON");
        page.Find("textarea.draft").Change("""{"amount":5000,"currency":"EUR"}""");   // beyond the register, too: said, not refused
        await ClickAsync(page, "Show what changes");
        Assert.Contains("The register says otherwise: amount should be at most 900.", page.Find("dialog .dialog-body").TextContent);
        Assert.Contains("It would not be taken. The rules in force deny this", page.Find("dialog .ruling").TextContent);
        Assert.True(page.FindAll("dialog button").Single(b => b.TextContent == "Approve with these changes").HasAttribute("disabled"));
    }

    [Theory]
    [InlineData("order", "\"a\\nb\"", "textarea", "a\nb")]                        // its lines
    [InlineData("order", "\"a\\r\\nb\"", "textarea", "a\nb")]                     // as a browser has them
    [InlineData("order", "\"a\\r\\nb\\nc\"", "textarea", "\"a\\r\\nb\\nc\"")]   // two kinds of them, which a browser makes one
    [InlineData("order", "\"a\\u202eb\"", "textarea", "\"a\\u202eb\"")]
    [InlineData("order", "\"\"", "textarea", "\"\"")]                             // there, and empty
    [InlineData("customer", "{}", "textarea", "{}")]
    [InlineData("more", "\"x\"", "input", "x")]
    [InlineData("more", "1.5", "input", "1.5")]
    [InlineData("more", "null", "textarea", "null")]
    [InlineData("more", "[1,\"😀\"]", "textarea", "[\n  1,\n  \"😀\"\n]")]
    [InlineData("more", "true", "select", "true")]
    public async Task Edit_WhateverTheAgentSent_IsEditedFieldByField_AndStaysAsItIs(string field, string value, string box, string shown)
    {
        var id = await AskAsync(JsonElement.Parse($$"""{"amount":420,"currency":"EUR","{{field}}":{{value}}}"""));
        await using var desk = new Desk(_host, "dana@example.com", _time);
        var page = await OpenEditAsync(desk, id);
        Assert.Empty(page.FindAll("textarea.draft"));
        var control = Field(page, field).QuerySelector("input, select, textarea")!;
        Assert.Equal((box, shown), (control.LocalName, control.GetAttribute("value")));
        Assert.Equal(field == "more", Field(page, field).TextContent.Contains("The register does not list this field."));
        Input(page, "amount").Input("430");
        await ClickAsync(page, "Show what changes");
        Assert.Equal(field == "more", page.Find("dialog .dialog-body").TextContent.Contains("The register says otherwise: It has more"));
        _time.Advance(TimeSpan.FromSeconds(1));
        await ClickAsync(page, "Approve with these changes");
        var view = await GetAsync(_host.Admin, "/api/v1/approvals/" + id);
        Assert.Equal(("edited", 430), (view.GetProperty("status").GetString(), view.GetProperty("arguments").GetProperty("amount").GetInt32()));
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(value), view.GetProperty("arguments").GetProperty(field)));
    }

    [Fact]
    public async Task Edit_MoreThanAFormHolds_StaysJson()
    {
        var id = await AskAsync(JsonElement.Parse($$"""{"amount":420,"currency":"EUR",{{string.Join(',', Enumerable.Range(0, 61).Select(i => $"\"f{i}\":1"))}}}"""));
        await using var desk = new Desk(_host, "dana@example.com", _time);
        var page = await OpenEditAsync(desk, id);
        Assert.Contains("too much for single fields", page.Find("dialog .dialog-body").TextContent);
        Assert.NotNull(page.Find("textarea.draft"));
    }

    [Fact]
    public async Task Propose_FromARequest_StandsInTheDraftOnlyAndIsLinkedBothWays()
    {
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { engineering_owner = "dana@example.com" } }, 200);   // may edit the draft, and decides
        var id = await AskAsync(new { amount = 420, currency = "EUR", note = "x" });
        await using (var lee = new Desk(_host, "lee@example.com", _time))
        {
            var others = lee.Open(id);
            others.WaitForElement(".evidence");
            Assert.DoesNotContain(others.FindAll("button"), b => b.TextContent.Contains("propose a rule"));
        }
        await using var desk = new Desk(_host, "dana@example.com", _time);
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        await ClickAsync(page, "Approve and propose a rule…");
        await ClickAsync(page, "Put it in the draft");
        Assert.Contains("Choose what happens", page.Find("dialog [role=alert]").TextContent);   // nothing is chosen beforehand
        await page.FindAll("dialog input[type=radio]")[0].ChangeAsync(new() { Value = true });
        Assert.Contains("EUR", page.Find("dialog .says").TextContent);   // it begins as narrow as the request
        foreach (var other in (int[])[1, 2]) await page.FindAll("dialog .line input[type=checkbox]")[other].ChangeAsync(new() { Value = false });
        Assert.Contains("amount", page.Find("dialog .says").TextContent);
        Assert.DoesNotContain("EUR", page.Find("dialog .says").TextContent);
        await page.FindAll("dialog > .dialog-body > .check input, dialog .dialog-body > label.check input")[^1].ChangeAsync(new() { Value = false });   // not approved with it
        await ClickAsync(page, "Put it in the draft");

        var draft = await GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/matrix");
        var rules = draft.GetProperty("rules").EnumerateArray().ToList();
        var at = rules.FindIndex(r => r.GetProperty("id").GetString() == "R-8");
        Assert.Equal("R-3", rules[at + 1].GetProperty("id").GetString());   // before the rule that asked
        var row = rules[at];
        Assert.Equal(("refund.create", "order", "allow", "proposed from " + id), (row.GetProperty("action").GetString(), row.GetProperty("resource").GetProperty("type").GetString(), row.GetProperty("outcome").GetString(), row.GetProperty("note").GetString()));
        var condition = Assert.Single(row.GetProperty("when").EnumerateArray());
        Assert.Equal(("arguments.amount", "<=", 420), (condition.GetProperty("field").GetString(), condition.GetProperty("op").GetString(), condition.GetProperty("value").GetInt32()));
        page.WaitForAssertion(() => Assert.Equal($"/rollouts/{_spine.Rollout}/matrix?row=R-8", page.FindAll("a").Single(a => a.TextContent.Contains("Row R-8 of the draft")).GetAttribute("href")));
        Assert.Equal("pending", (await GetAsync(_host.Admin, "/api/v1/approvals/" + id)).GetProperty("status").GetString());
        Assert.Equal("pending", Spine.Outcome(await _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "1" }, arguments = new { amount = 419 } }, 202)));   // nothing of it is in force
    }

    [Fact]
    public async Task ProposeAndApprove_WhatWasOpenedMeanwhile_IsNotApproved()
    {
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { engineering_owner = "dana@example.com" } }, 200);
        var (first, second) = (await AskAsync(new { amount = 420 }), await AskAsync(new { amount = 900 }));
        await using var desk = new Desk(_host, "dana@example.com", _time);
        var inbox = desk.Services.GetRequiredService<ApprovalInbox>();
        var me = (await desk.Services.GetRequiredService<OpsConsole.Features.Access.CurrentPerson>().GetAsync())!;
        var (before, after) = ((await inbox.FindAsync(me, first, default)).Value, (await inbox.FindAsync(me, second, default)).Value);
        var approved = 0;
        Task Approve() { approved++; return Task.CompletedTask; }
        foreach (var (now, times) in new[] { (after, 0), (before with { Version = before.Version + 1 }, 0), (before, 1) })
        {
            approved = 0;
            var page = desk.Render<ProposeRule>(p => p.Add(c => c.View, before).Add(c => c.MeId, me.Id).Add(c => c.Approve, Approve));
            await page.InvokeAsync(() => page.FindAll("button").First(b => b.TextContent.StartsWith("Approve and propose", StringComparison.Ordinal)).ClickAsync(new()));
            await page.FindAll("input[type=radio]")[0].ChangeAsync(new() { Value = true });
            page.Render(p => p.Add(c => c.View, now).Add(c => c.MeId, me.Id).Add(c => c.Approve, Approve));
            await page.InvokeAsync(() => page.FindAll("button").First(b => b.TextContent.Trim() == "Put it in the draft").ClickAsync(new()));
            Assert.Equal(times, approved);
            Assert.Equal(times == 0, desk.Services.GetRequiredService<OpsConsole.Ui.Shared.Toasts>().Current[^1].Text.Contains("was not approved", StringComparison.Ordinal));
        }
        var rules = (await GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/matrix")).GetProperty("rules").EnumerateArray().Where(r => r.TryGetProperty("note", out var note) && note.GetString()!.StartsWith("proposed from", StringComparison.Ordinal)).ToList();
        Assert.All(rules, r => Assert.Equal("proposed from " + first, r.GetProperty("note").GetString()));
    }

    private async Task<string> AskAsync(object arguments) => (await _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "8812" }, arguments }, 202)).GetProperty("approval").GetProperty("id").GetString()!;

    private async Task<IRenderedComponent<ApprovalsPage>> OpenEditAsync(Desk desk, string id)
    {
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        _time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(page, "e");
        return page;
    }

    private static AngleSharp.Dom.IElement Field(IRenderedComponent<ApprovalsPage> page, string field) => page.FindAll("dialog .field").First(f => f.QuerySelector("label")!.TextContent.StartsWith(field, StringComparison.Ordinal));

    private static AngleSharp.Dom.IElement Input(IRenderedComponent<ApprovalsPage> page, string field) => Field(page, field).QuerySelector("input")!;

    private static Task ClickAsync(IRenderedComponent<ApprovalsPage> page, string button) => page.InvokeAsync(() => page.FindAll("button").First(b => b.TextContent.Trim() == button).ClickAsync(new()));
}
