using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Evals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Authority;

namespace OpsConsole.Features.Incidents.Ui;

/// <summary>The dialogs in which an action of a review becomes an eval case, a row of the matrix's draft or a better runbook.</summary>
public sealed partial class Lessons
{
    private LessonSources? _sources;
    private LessonSource? _source;
    private ActionView? _action;
    private string? _kind, _wrong, _was;
    private string _row = "", _scenario = "", _response = "";
    private bool _busy;

    [Parameter, EditorRequired] public string IncidentId { get; set; } = "";
    [Parameter] public EventCallback OnLearned { get; set; }

    private string Title => _kind switch { "eval_case" => "Make an eval case of it", "rule" => "Propose a rule from it", _ => "Change the runbook" } + (_action is null ? "" : ": " + VisibleText.Flatten(_action.Text));

    /// <summary>Opens the dialog. Gives why it cannot be opened, or null.</summary>
    public async Task<string?> OpenAsync(ActionView action, string kind)
    {
        var me = await Me.RequireAsync();
        var read = me.Fault is { } gone ? gone : await Desk.SourcesAsync(me.Value, IncidentId, CancellationToken.None);
        if (read.Fault is { } hidden) return hidden.Message;
        if (kind == "rule" && !read.Value.MayProposeRule) return "A rule is proposed by whoever may edit the matrix: the rollout's owners, its engineering owner, its risk lead, a facilitator or an admin.";
        if (kind == "runbook" && !read.Value.MayChangeRunbook) return "The runbook is written by the members of the rollout, a facilitator or an admin.";
        (_sources, _source, _action, _kind, _wrong) = (read.Value, read.Value.Sources is [var newest, ..] ? newest : null, action, kind, null);
        _scenario = "";
        Choose(read.Value.Row ?? (read.Value.Runbook is [var first, ..] ? first.Id : null));
        StateHasChanged();
        return null;
    }

    private void Close() => (_kind, _sources) = (null, null);

    private void Choose(string? row)
    {
        var here = _sources!.Runbook.FirstOrDefault(r => r.Id == row);
        (_row, _was) = (here?.Id ?? "", here?.Response);
        _response = here?.Response ?? "";
    }

    private async Task<string?> KeepAsync(EvalExpected expected, EvalCategory category, string reason)
    {
        await DoAsync(me => Desk.KeepCaseAsync(me, IncidentId, _action!.Id, _source!.DecisionId, expected, category, reason), "It is an eval case now.");
        return _wrong;
    }

    private Task WriteAsync() => DoAsync(me => Desk.ChangeRunbookAsync(me, IncidentId, _action!.Id, _row.Length == 0 ? null : _row, _scenario, _response, _was), "The runbook was changed.");

    private async Task<string?> ProposeAsync(RuleProposal proposal)
    {
        await DoAsync(async me => (await Desk.ProposeRuleAsync(me, IncidentId, _action!.Id, proposal.From, proposal.Resource is not null, proposal.When, proposal.Outcome, proposal.Why, CancellationToken.None)).Then<Done>(_ => Done.Value),
            "The row stands in the draft of the matrix. It decides nothing before the draft is published.");
        return _wrong;
    }

    private async Task DoAsync(Func<PersonCaller, Task<Result<Done>>> make, string said)
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var done = me.Fault is { } gone ? gone : await make(me.Value);
            _wrong = done.Fault?.Message;
            if (!done.Ok) return;
            Close();
            Toasts.Done(said);
        }
        finally { _busy = false; }
        StateHasChanged();
        await OnLearned.InvokeAsync();
    }

    private static string What(LessonSource source) => VisibleText.Flatten($"{source.Action}{(source.ResourceType is null && source.ResourceId is null ? "" : $" on {source.ResourceType} {source.ResourceId}".TrimEnd())}, {source.Outcome}, {source.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)} UTC");
}
