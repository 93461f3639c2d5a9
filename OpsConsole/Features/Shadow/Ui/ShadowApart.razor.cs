using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Evals;
using OpsConsole.Features.Access;
using OpsConsole.Features.Authority;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Shadow.Ui;

/// <summary>Samples in which people did something else, and what can be made of them.</summary>
public sealed partial class ShadowApart
{
    private enum Ask { Case, Rule }

    private const int PageSize = 50;
    private static readonly System.Text.Json.JsonElement NoArguments = System.Text.Json.JsonElement.Parse("{}");
    private Wire.Page<ShadowSampleView>? _page;
    private ShadowSampleView? _of, _proposed;
    private Ask? _asked;
    private string? _fault;
    private bool _mayRecord, _mayPropose;
    private int _read = -1;

    [Parameter, EditorRequired] public string RolloutId { get; set; } = "";
    [Parameter, EditorRequired] public ShadowQuery Query { get; set; } = new();
    [Parameter] public string? After { get; set; }
    /// <summary>The address of another page of the list.</summary>
    [Parameter, EditorRequired] public Func<string?, string> Older { get; set; } = default!;
    /// <summary>The address where a sample is recorded anew; null: where samples are recorded.</summary>
    [Parameter, EditorRequired] public Func<string?, string> Correct { get; set; } = default!;
    /// <summary>Grows whenever something was recorded.</summary>
    [Parameter] public int Loaded { get; set; }
    [Inject] private ShadowReader Reader { get; set; } = default!;
    [Inject] private ShadowDesk Desk { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    protected override Task OnParametersSetAsync()
    {
        if (_read == Loaded) return Task.CompletedTask;
        _read = Loaded;
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        var me = await Person.RequireAsync();
        var page = me.Fault is { } gone ? gone : await Reader.DisagreementsAsync(me.Value, RolloutId, Query, new PageQuery(string.IsNullOrEmpty(After) ? null : After, PageSize), CancellationToken.None);
        (_fault, _page) = (page.Fault?.Message, page.Ok ? page.Value : _page);
        if (me.Ok) (_mayRecord, _mayPropose) = (Desk.MayRecord(me.Value, RolloutId) is null, Desk.MayProposeRule(me.Value, RolloutId));
    }

    private async Task AskAsync(ShadowSampleView sample, Ask? what)
    {
        var me = await Person.RequireAsync();
        var found = me.Fault is { } gone ? gone : await Reader.FindAsync(me.Value, RolloutId, sample.DecisionId, CancellationToken.None);
        _fault = found.Fault?.Message;
        if (!found.Ok) return;
        if (what is null) _proposed = found.Value;
        else (_of, _asked) = (found.Value, what);
    }

    private void Close() => (_of, _asked) = (null, null);

    private async Task<string?> KeepAsync(EvalExpected expected, EvalCategory category, string reason)
    {
        var me = await Person.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.KeepCaseAsync(me.Value, _of!.DecisionId, expected, category, reason);
        if (done.Fault is { } refused) return refused.Message;
        Close();
        Toasts.Done("It is an eval case now.");
        StateHasChanged();
        return null;
    }

    private async Task<string?> ProposeAsync(RuleProposal proposal)
    {
        var me = await Person.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.ProposeRuleAsync(me.Value, _of!, proposal, CancellationToken.None);
        if (done.Fault is { } refused) return refused.Message;
        Close();
        Toasts.Done($"Row {done.Value.Row} stands in the draft of the matrix. It decides nothing before the draft is published.");
        StateHasChanged();
        return null;
    }

    private static string Words(ShadowSampleView s) => s.Recorded is not { } r ? "" : $"People {ShadowText.Did(r.Did)}{(r.Action is { } other ? ": " + other : "")}.{(r.Note is { } note ? " " + note : "")}";
}
