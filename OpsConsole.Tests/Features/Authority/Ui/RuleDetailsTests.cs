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
}
