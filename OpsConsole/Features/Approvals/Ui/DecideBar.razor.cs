using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>
/// What the reader can do with a request. A dialog speaks about the version that was on screen when it opened, and that version is what is sent:
/// nobody approves arguments that changed underneath.
/// </summary>
public sealed partial class DecideBar
{
    private enum Dialog { None, Approve, Edit, Reject, BreakApprove, BreakReject, Ask, TakeOver }

    private readonly string _ids = $"decide-{Guid.NewGuid():N}";
    private Dialog _open;
    private ApprovalView? _of;
    private string _why = "", _code = "", _to = "agent";
    private string? _wrong;
    private bool _keep;

    [Parameter, EditorRequired] public ApprovalView View { get; set; } = default!;
    [Parameter] public string? MeId { get; set; }
    /// <summary>What the register says the arguments look like.</summary>
    [Parameter] public System.Text.Json.JsonElement? Schema { get; set; }
    /// <summary>An answer is under way: nothing else can be sent.</summary>
    [Parameter] public bool Busy { get; set; }
    /// <summary>Sends a verdict; null when it was taken (or when the page itself shows what happened), else why not.</summary>
    [Parameter, EditorRequired] public Func<VerdictRequest, Task<Fault?>> Decide { get; set; } = default!;

    /// <summary>Asks back instead of deciding.</summary>
    [Parameter, EditorRequired] public Func<AskBackRequest, Task<Fault?>> AskBack { get; set; } = default!;
    /// <summary>Claims it or lets it go; true takes it over.</summary>
    [Parameter, EditorRequired] public Func<bool, Task<Fault?>> Claim { get; set; } = default!;
    [Parameter] public EventCallback TakeBack { get; set; }

    private string What => ApprovalCard.What(_of ?? View);
    private bool Over => View.Status != "pending";
    /// <summary>The open dialog may hold words of the reader, which are not thrown away because somebody else was faster.</summary>
    private bool Writing => _open is Dialog.Edit or Dialog.BreakApprove or Dialog.BreakReject || (_open is Dialog.Reject or Dialog.Ask && !string.IsNullOrWhiteSpace(_why));
    /// <summary>A rejection names its kind of reason; 'something else' needs words.</summary>
    private bool Explained => _code.Length > 0 && (_code != ReasonCodes.Other || !string.IsNullOrWhiteSpace(_why));
    private bool High => View.Consequence == "high";
    private bool Named => View.MyStanding == Standing.Named;
    private bool BreakGlass => View.MyStanding == Standing.BreakGlass;
    private VoteView? MyYes => View.Votes.LastOrDefault(v => v.Counts && v.PersonId == MeId && v.Verdict != "reject");
    private bool MayAct => Named || BreakGlass;
    /// <summary>Somebody else is on it, or a question is open: deciding all the same takes a second look.</summary>
    private bool Noted => (View.Claim is { } claim && claim.PersonId != MeId) || View.Unanswered is not null;
    private string ClaimWord => View.Claim is not { } claim ? "Claim" : claim.PersonId == MeId ? "Stop looking" : "Take over…";
    private bool MayApprove => Named && MyYes is null && View is { Status: "pending", EvidenceComplete: true } && !Busy;
    private bool MayReject => (Named || MyYes is not null) && View.Status == "pending" && !Busy;

    protected override void OnParametersSet()
    {
        if (_of is not null && (_of.Id != View.Id || (Over && !Writing))) Close();
    }

    /// <summary>Whether this person's yes to it can still be taken back.</summary>
    internal static bool MayTakeBack(ApprovalView view, string? meId) => view is { Status: "approved" or "edited", ReleasedAt: null } && view.Votes.Any(v => v.Counts && v.PersonId == meId && v.Verdict != "reject");

    /// <summary>One of the page's keys: a, e, r, q or c.</summary>
    public async Task PressAsync(string key)
    {
        if (_open != Dialog.None) return;
        switch (key)
        {
            case "a" when MayApprove: await ApproveAsync(); break;
            case "e" when MayApprove: AskEdit(); break;
            case "r" when MayReject: AskReject(); break;
            case "q" when MayAct && View is { Status: "pending", Unanswered: null } && !Busy: AskQuestion(); break;
            case "c" when MayAct && View.Status == "pending" && !Busy: await ClaimAsync(); break;
        }
        StateHasChanged();
    }

    private async Task ApproveAsync()
    {
        if (!MayApprove) return;
        if (High || Noted) Show(Dialog.Approve);
        else await SendAsync(new VerdictRequest(Verdict.Approve, null, null, null, View.Version));
    }

    private void AskEdit() => Show(Dialog.Edit);
    private void AskReject() => Show(Dialog.Reject);
    private void AskBreakApprove() => Show(Dialog.BreakApprove);
    private void AskBreakReject() => Show(Dialog.BreakReject);

    private Task ConfirmApproveAsync() => SendAsync(new VerdictRequest(Verdict.Approve, null, null, null, _of?.Version));
    private Task ConfirmRejectAsync()
    {
        if (Explained) return RejectAsync();
        _wrong = _code.Length == 0 ? "Choose a reason first." : "Say in words why: ‘something else’ tells the agent nothing.";
        return Task.CompletedTask;
    }

    private Task RejectAsync() => SendAsync(new VerdictRequest(Verdict.Reject, string.IsNullOrWhiteSpace(_why) ? null : _why.Trim(), _code, null, _of?.Version, EvalCase: _keep));
    private Task ConfirmBreakAsync(string? why) => SendAsync(new VerdictRequest(_open == Dialog.BreakReject ? Verdict.Reject : Verdict.Approve, why, "break_glass", null, _of?.Version));

    private async Task SendAsync(VerdictRequest request)
    {
        if (Busy) return;
        _wrong = null;
        if (await Decide(request) is not { } fault) Close();
        else
        {
            _wrong = fault.Message;
            // They have been told that it changed; a no means what is there now as well.
            if (fault.Code == "approval.stale" && request.Verdict == Verdict.Reject && !Over) _of = View;
        }
    }

    private void AskQuestion() => Show(Dialog.Ask);

    private async Task SendQuestionAsync()
    {
        if (Busy || _of is null) return;
        if (string.IsNullOrWhiteSpace(_why))
        {
            _wrong = "Write your question first.";
            return;
        }
        _wrong = (await AskBack(new AskBackRequest(_why.Trim(), _to == "owner" ? Turn.Owner : Turn.Agent, _of.Version)))?.Message;
        if (_wrong is null) Close();
    }

    private async Task ClaimAsync()
    {
        if (View.Claim is { } claim && claim.PersonId != MeId) Show(Dialog.TakeOver);
        else _wrong = (await Claim(false))?.Message;
    }

    private async Task TakeOverAsync()
    {
        _wrong = (await Claim(true))?.Message;
        if (_wrong is null) Close();
    }

    private void Show(Dialog dialog) => (_open, _of, _why, _code, _to, _keep, _wrong) = (dialog, View, "", "", "agent", false, null);

    private void Toggle(bool open)
    {
        if (!open) Close();
    }

    private void Close() => (_open, _of, _wrong) = (Dialog.None, null, null);
}
