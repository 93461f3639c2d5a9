using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Features.Authority;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Turns a request into a row of the matrix's draft, for whoever may edit it: everything that the next call has to share is ticked, so the row begins as narrow as the request.</summary>
public sealed partial class ProposeRule
{
    private sealed class Line(ArgumentLeaf leaf)
    {
        public string Name { get; } = leaf.Path;
        public string Field { get; } = leaf.Pointer!;
        public JsonElement Value { get; } = leaf.Value;
        public bool On { get; set; } = true;
        public Op Op { get; set; } = leaf.Value.ValueKind == JsonValueKind.Number ? Op.LessOrEqual : Op.Equal;

        public Condition Condition => new() { Field = Field, Op = Op, Value = Value };
    }

    private readonly string _name = $"propose-{Guid.NewGuid():N}";
    private IReadOnlyList<Line> _lines = [];
    private RuleOutcome? _outcome;
    /// <summary>The request as it was on screen when the dialog opened: the row is made of that, and only that is approved.</summary>
    private ApprovalView? _of;
    private string _why = "";
    private string? _wrong;
    private bool _may, _open, _resource, _approve, _busy;

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

    private RuleProposal Proposal => new(Shown.Action, _resource && Shown.ResourceType is { } type ? new ResourcePattern(type) : null, [.. _lines.Where(l => l.On).Select(l => l.Condition)], _outcome ?? RuleOutcome.Approve, Shown.Rule is "default" ? null : Shown.Rule, Shown.Id, _why);

    protected override async Task OnParametersSetAsync() => _may = await Person.GetAsync() is { } me && Rules.MayPropose(me, View.RolloutId);

    private void Ask()
    {
        _of = View;
        _lines = [.. ArgumentLeaf.Of(View.Arguments).Where(l => l.Pointer is not null && l.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False).Take(Most).Select(l => new Line(l))];
        (_open, _outcome, _resource, _approve, _why, _wrong) = (true, null, View.ResourceType is not null, MayApprove, "", null);
    }

    private async Task ProposeAsync()
    {
        if (_outcome is null)
        {
            _wrong = "Choose what happens the next time.";
            return;
        }
        if (_busy || _of is not { } of || !Ids.TrySeq(of.Id, "apr", out var seq)) return;
        _busy = true;
        try
        {
            var me = await Person.RequireAsync();
            var proposed = me.Fault is { } gone ? gone : await Rules.ProposeAsync(me.Value, of.RolloutId, Proposal, seq, CancellationToken.None);
            _wrong = proposed.Fault?.Message;
            if (!proposed.Ok) return;
            _open = false;
            Toasts.Done($"Row {proposed.Value.Row} stands in the draft of the matrix. It decides nothing before the draft is published.");
        }
        finally
        {
            _busy = false;
        }
        await OnProposed.InvokeAsync();
        if (!_approve) return;
        if (View.Id == of.Id && View.Version == of.Version && MayApprove) await Approve!();
        else Toasts.Done($"{ApprovalCard.What(of)} was not approved: it changed, or another request was opened meanwhile.");
    }
}
