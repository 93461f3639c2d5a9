using System.Text.Json;
using AngleSharp.Dom;
using Bunit;
using OpsConsole.Core.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>'Try it' over the real services: the form that a schema makes, the trace while typing, and examples.</summary>
public sealed class TryItTests : IAsyncLifetime
{
    private const string Schema = """
    { "type": "object", "required": ["amount"],
      "properties": { "amount": { "type": "number", "description": "In EUR" }, "currency": { "enum": ["EUR", "USD"], "default": "EUR" }, "urgent": { "type": "boolean" }, "due": { "type": "string", "format": "date" },
                      "tags": { "type": "array", "items": { "type": "string" } }, "kind": { "const": "refund" }, "raw": { "type": "array", "items": { "type": "object" } },
                      "customer": { "type": "object", "properties": { "name": { "type": "string" }, "age": { "anyOf": [ { "type": "integer" }, { "type": "null" } ] } } } } }
    """;

    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, gates: "AB");
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/rollouts/{_spine.Rollout}/actions", JsonElement.Parse($$"""[{"action":"refund.create","description":"Gives money back","arguments_schema":{{Schema}}}]"""), 200);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private static MatrixDocument Document => MatrixJson.Parse(JsonElement.Parse(Spine.Matrix)).Value;

    private IRenderedComponent<TryIt> Render(PageContext context, JsonElement? call = null, bool mayEdit = true, Action? changed = null)
        => context.Render<TryIt>(p => p.Add(c => c.RolloutId, _spine.Rollout).Add(c => c.Document, Document).Add(c => c.Call, call).Add(c => c.MayEdit, mayEdit).Add(c => c.OnExamplesChanged, () => changed?.Invoke()));

    private static Task TypeAsync(IRenderedComponent<TryIt> page, string field, string text) => page.InvokeAsync(() => page.Find(field).InputAsync(text));
    private static Task ChooseAsync(IRenderedComponent<TryIt> page, string field, string value) => page.InvokeAsync(() => page.Find(field).ChangeAsync(value));
    private static string Head(IRenderedComponent<TryIt> page) => string.Join(' ', page.Find(".result .head").TextContent.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public async Task Form_IsMadeFromTheSchema_AndWhatIsLeftOutIsUnknown()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        Assert.Contains("Choose an action", page.Markup);
        await ChooseAsync(page, "#try-action", "refund.create");
        Assert.Equal(["try-a-amount", "try-a-currency", "try-a-urgent", "try-a-due", "try-a-tags", "try-a-kind", "try-a-raw", "try-a-customer-name", "try-a-customer-age"], page.FindAll("[id^=try-a-]").Select(f => f.Id));
        Assert.Contains("required", page.Find("label[for=try-a-amount]").TextContent);
        Assert.Equal(("date", "SELECT", "TEXTAREA"), (page.Find("#try-a-due").GetAttribute("type"), page.Find("#try-a-urgent").NodeName, page.Find("#try-a-tags").NodeName));
        Assert.Equal("✕ Denied by R-2", Head(page).Replace("✕Denied", "✕ Denied"));
        Assert.Contains("cannot be read from the call", page.Markup);
        Assert.Contains("Arguments: It needs amount.", page.Markup);

        await TypeAsync(page, "#try-a-amount", "250");
        Assert.Contains("A person approves by R-3", Head(page));
        Assert.Contains("amount is over 1000: false", page.Find(".rows").TextContent);
        await TypeAsync(page, "#try-a-amount", "many");
        Assert.Contains("Arguments: amount should be a number.", page.Markup);
        await TypeAsync(page, "#try-a-amount", "2e2");
        await ChooseAsync(page, "#try-a-urgent", "true");
        await TypeAsync(page, "#try-a-tags", "a\nb");
        await TypeAsync(page, "#try-a-customer-age", "7");
        await TypeAsync(page, "#try-a-raw", "[{\"a\":1}]");
        await page.ClickAsync("Arguments as JSON");
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"amount":200,"currency":"EUR","urgent":true,"tags":["a","b"],"kind":"refund","raw":[{"a":1}],"customer":{"age":7}}"""), JsonElement.Parse(page.Find("#try-json").GetAttribute("value")!)));
        await TypeAsync(page, "#try-json", "{");
        Assert.Contains("not valid JSON", page.Find(".validation-message").TextContent);
        await TypeAsync(page, "#try-json", """{"amount":5,"other":1}""");
        await page.ClickAsync("Arguments as a form");   // it would lose something
        Assert.Contains("no field for", page.Markup);
        await TypeAsync(page, "#try-json", """{"amount":5}""");
        await page.ClickAsync("Arguments as a form");
        Assert.Equal(("5", ""), (page.Find("#try-a-amount").GetAttribute("value"), page.Find("#try-a-currency").GetAttribute("value") ?? ""));
    }

    [Fact]
    public async Task WhoAsks_ShowsTheColumnThatCounts()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await ChooseAsync(page, "#try-action", "note.add");   // not described: JSON, because no row asks for its arguments
        Assert.Equal(5, page.FindAll(".cells li").Count);
        Assert.Empty(page.FindAll(".applies"));
        await ChooseAsync(page, "#try-who", _spine.AgentId);
        Assert.Contains("gate B or contributor", page.Find(".applies").TextContent);
        Assert.Contains("A person decides", page.Find(".final").TextContent);
        await ChooseAsync(page, "#try-who", "tier:Observer");
        Assert.Contains("gate A or observer", page.Find(".applies").TextContent);
        Assert.Contains("Denied", page.Find(".final").TextContent);
        await ChooseAsync(page, "#try-gate", "None");
        Assert.Contains("no gate or no grant", page.Find(".applies").TextContent);
    }

    [Fact]
    public async Task Document_ThatChanges_IsTriedAtOnce_AndAnActionNobodyDescribedHasTheFieldsItsRowsAskFor()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await ChooseAsync(page, "#try-action", "crm.update");
        Assert.Contains("Denied by the default", Head(page));
        var changed = MatrixJson.Parse(JsonElement.Parse("""{"rules":[{"id":"N-1","action":"crm.*","outcome":"allow","when":[{"field":"arguments.stage","op":"=","value":"won"}]}]}""")).Value;
        page.Render(p => p.Add(c => c.Document, changed));
        await TypeAsync(page, "#try-a-stage", "won");
        Assert.Contains("Allowed by N-1", Head(page));
        page.Render(p => p.Add(c => c.Document, changed with { Default = DefaultOutcome.Approve }));
        Assert.Equal("won", page.Find("#try-a-stage").GetAttribute("value"));
    }

    [Fact]
    public async Task Examples_AreSavedOpenedChangedAndRemoved()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var changes = 0;
        var page = Render(context, JsonElement.Parse("""{"action":"refund.create","resource":{"type":"order"},"arguments":{"amount":250,"extra":1},"confidence":0.9}"""), changed: () => changes++);
        Assert.Contains("extra", page.Find("#try-json").GetAttribute("value"));   // no field for it, so nothing is lost
        Assert.Equal(("0.9", true), (page.Find("#try-confidence").GetAttribute("value"), page.Find("details.extra").HasAttribute("open")));
        Assert.True(page.Button("Save as example").HasAttribute("disabled"));
        await TypeAsync(page, "#try-name", "VIP refund");
        await TypeAsync(page, "#try-note", " A lead knows the customer ");
        await page.ClickAsync("Save as example");
        Assert.Equal("", page.Find("#try-note").GetAttribute("value") ?? "");
        Assert.Contains("“VIP refund”", context.Said);
        Assert.Contains("All 1 keep their answer.", page.Markup);
        var stored = (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/matrix/examples")).GetProperty("items")[0];
        Assert.Equal(("E-1", "approve", 250), (stored.GetProperty("id").GetString(), stored.GetProperty("expect").GetString(), stored.GetProperty("call").GetProperty("arguments").GetProperty("amount").GetInt32()));

        page.Render(p => p.Add(c => c.Document, MatrixDocument.Empty));
        Assert.Contains("1 of 1 is answered otherwise now", page.Markup);
        Assert.Contains("Must be approved by a person; now no row matches, and the default denies it.", page.Find(".examples .failed").TextContent);
        await page.ClickAsync("Open E-1");
        Assert.Equal(("VIP refund", "A lead knows the customer"), (page.Find("#try-name").GetAttribute("value"), page.Find("#try-note").GetAttribute("value")));
        await TypeAsync(page, "#try-note", "");
        await page.ClickAsync("Change E-1 to this");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/matrix/examples")).GetProperty("items")[0].GetProperty("note").ValueKind);
        Assert.Contains("All 1 keep their answer.", page.Markup);
        await page.ClickAsync("Remove E-1");
        await page.ClickAsync("Remove it");
        Assert.Empty(page.FindAll(".examples"));
        Assert.Equal(3, changes);
    }

    [Fact]
    public async Task ReaderWhoMayNotEdit_TriesAndSavesNothing()
    {
        using var put = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/rollouts/{_spine.Rollout}/matrix/examples") { Content = System.Net.Http.Json.JsonContent.Create(JsonElement.Parse("""[{"id":"E-1","name":"n","call":{"action":"order.get"},"expect":"allow"}]""")) };
        put.Headers.TryAddWithoutValidation("If-Match", "\"e1\"");
        using var saved = await _host.Admin.SendAsync(put);
        Assert.True(saved.IsSuccessStatusCode);
        await using var context = new PageContext(_host, "dana@example.com");
        var page = Render(context, JsonElement.Parse("""{"action":"order.get"}"""), mayEdit: false);
        Assert.Contains("Allowed by R-1", Head(page));
        Assert.Equal(["Open E-1"], page.FindAll(".examples button").Select(b => b.TextContent.Trim()));
        Assert.Empty(page.FindAll("#try-name"));
    }
}
