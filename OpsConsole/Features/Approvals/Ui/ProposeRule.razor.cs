using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Features.Authority;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Turns a request into a row of the matrix's draft, for whoever may edit it, and approves it with that where one wants.</summary>
public sealed partial class ProposeRule
{
    /// <summary>The request as it was on screen when the dialog opened: the row is made of that, and only that is approved.</summary>
    private ApprovalView? _of;
    private bool _may, _open, _approve;

    [Parameter, EditorRequired] public ApprovalView View { get; set; } = default!;
    [Parameter] public string? MeId { get; set; }
    [Parameter] public IReadOnlyList<RuleProposedFrom> Proposed { get; set; } = [];
    /// <summary>Approves the open request, as its button would.</summary>
    [Parameter] public Func<Task>? Approve { get; set; }
    [Parameter] public EventCallback OnProposed { get; set; }
    [Inject] private RuleProposals Rules { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    private bool MayApprove => Approve is not null && View is { Status: "pending", MyStanding: Standing.Named, EvidenceComplete: true } && !View.Votes.Any(v => v.Counts && v.PersonId == MeId);

    private ApprovalView Shown => _of ?? View;

    protected override async Task OnParametersSetAsync() => _may = await Person.GetAsync() is { } me && Rules.MayPropose(me, View.RolloutId);

    private void Ask() => (_of, _open, _approve) = (View, true, MayApprove);

    private async Task<string?> ProposeAsync(RuleProposal proposal)
    {
        if (_of is not { } of || !Ids.TrySeq(of.Id, "apr", out var seq)) return "Open the request anew.";
        var me = await Person.RequireAsync();
        var proposed = me.Fault is { } gone ? gone : await Rules.ProposeAsync(me.Value, of.RolloutId, proposal, seq, CancellationToken.None);
        if (proposed.Fault is { } refused) return refused.Message;
        _open = false;
        StateHasChanged();
        Toasts.Done($"Row {proposed.Value.Row} stands in the draft of the matrix. It decides nothing before the draft is published.");
        await OnProposed.InvokeAsync();
        if (!_approve) return null;
        if (View.Id == of.Id && View.Version == of.Version && MayApprove) await Approve!();
        else Toasts.Done($"{ApprovalCard.What(of)} was not approved: it changed, or another request was opened meanwhile.");
        return null;
    }
}
