using AngleSharp.Dom;
using Bunit;
using OpsConsole.Core.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>A row in full: what was not finished is refused beside its line, and what was not touched stays.</summary>
public sealed class RuleDetailsTests : BunitContext
{
    private MatrixRule? _saved;

    public RuleDetailsTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    private static MatrixRule Rule(string when = "amount < 50") => new() { Id = "R-1", Action = "refund.create", Outcome = RuleOutcome.Allow, When = ConditionText.Parse(when).Value };

    private IRenderedComponent<RuleDetails> Open(MatrixRule rule) => Render<RuleDetails>(p => p.Add(c => c.Rule, rule).Add(c => c.MayEdit, true).Add(c => c.OnSave, r => _saved = r));

    private static Task TypeAsync(IRenderedComponent<RuleDetails> form, string label, string text) => form.InvokeAsync(() => form.Find($"input[aria-label='{label}']").InputAsync(text));

    private static Task ChooseAsync(IRenderedComponent<RuleDetails> form, string selector, string value) => form.InvokeAsync(() => form.Find(selector).ChangeAsync(value));

    private async Task<string> RefusedAsync(IRenderedComponent<RuleDetails> form)
    {
        await form.ClickAsync("Put it in the draft");
        Assert.Null(_saved);
        Assert.NotEmpty(form.FindAll("[role=alert]"));
        return form.Find(".line .validation-message").TextContent;
    }

    [Fact]
    public async Task Condition_WithoutItsField_IsRefused_NeverDropped()
    {
        var form = Open(Rule());
        await TypeAsync(form, "Condition 1: field", "");
        Assert.Contains("Condition 1 has no field", form.Find(".line .validation-message").TextContent);
        Assert.Contains("Condition 1 has no field", await RefusedAsync(form));
        await TypeAsync(form, "Condition 1: value", "");
        Assert.Contains("Condition 1 has no field", await RefusedAsync(form));   // it stood in the row: only removing it takes it out
        await form.InvokeAsync(() => form.Find("button[aria-label='Remove condition 1']").ClickAsync(new()));
        await form.ClickAsync("Put it in the draft");
        Assert.Empty(_saved!.When);
    }

    [Fact]
    public async Task Condition_Added_IsDroppedOnlyWhileNothingWasEntered()
    {
        var form = Open(Rule());
        await form.ClickAsync("Add a condition");
        await TypeAsync(form, "Condition 2: value", "EUR");
        Assert.Contains("Condition 2 has no field", await RefusedAsync(form));
        await TypeAsync(form, "Condition 2: field", "country");
        await TypeAsync(form, "Condition 2: value", "");
        Assert.Contains("not with what", await RefusedAsync(form));
        await TypeAsync(form, "Condition 2: field", " ");
        await form.ClickAsync("Put it in the draft");
        Assert.Equal("amount < 50", ConditionText.Format(_saved!.When));
    }

    [Fact]
    public async Task Condition_InOneBox_MayNotBeEmptied()
    {
        var form = Open(Rule() with { When = [new Condition { Field = "arguments.amount", Op = Op.Less }] });   // no short form: it has nothing to compare with
        foreach (var text in (string[])["", "  ", ";"])
        {
            await TypeAsync(form, "Condition 1", text);
            Assert.Contains("Condition 1 is empty", await RefusedAsync(form));
        }
    }

    [Theory]
    [InlineData(OnExpiry.Widen)]
    [InlineData(OnExpiry.Deny)]
    [InlineData(OnExpiry.Escalate)]
    public async Task EscalateTo_StaysUntilSomebodyChangesIt(OnExpiry onExpiry)
    {
        var form = Open(Rule() with { Outcome = RuleOutcome.Approve, OnExpiry = onExpiry, EscalateTo = ["group:duty"] });
        await form.InvokeAsync(() => form.Find("#r-note").InputAsync("a correction"));
        await form.ClickAsync("Put it in the draft");
        Assert.Equal(("a correction", "group:duty"), (_saved!.Note, Assert.Single(_saved.EscalateTo)));
        await form.InvokeAsync(() => form.Find("#r-escalate").InputAsync("leads, dana@example.com"));
        await form.ClickAsync("Put it in the draft");
        Assert.Equal(["group:leads", "user:dana@example.com"], _saved.EscalateTo);
        await form.InvokeAsync(() => form.Find("#r-escalate").InputAsync(""));
        await form.ClickAsync("Put it in the draft");
        Assert.Empty(_saved.EscalateTo);
        Assert.NotEmpty(form.FindAll("#r-escalate"));   // still there, for whoever only wanted to write it anew
    }

    [Fact]
    public async Task EscalateTo_BelongsToWhatHappensWithoutAnAnswer_AndIsOfferedWhereItCounts()
    {
        var form = Open(Rule() with { Outcome = RuleOutcome.Approve, OnExpiry = OnExpiry.Escalate, EscalateTo = ["group:duty"] });
        await ChooseAsync(form, "#r-expiry", "Deny");
        Assert.Empty(form.FindAll("#r-escalate"));
        await form.ClickAsync("Put it in the draft");
        Assert.Equal((OnExpiry.Deny, 0), (_saved!.OnExpiry, _saved.EscalateTo.Count));
        await ChooseAsync(form, "#r-expiry", "Escalate");
        Assert.Equal("duty", form.Find("#r-escalate").GetAttribute("value"));
        Assert.Empty(Open(Rule() with { Outcome = RuleOutcome.Approve }).FindAll("#r-escalate"));
    }
}
