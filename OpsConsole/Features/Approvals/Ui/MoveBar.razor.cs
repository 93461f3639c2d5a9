using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Moving a request to other people: handing it on, escalating it. As in the bar of decisions, a dialog speaks about the version that was on screen when it opened.</summary>
public sealed partial class MoveBar
{
    private enum Dialog { None, HandOn, Escalate }

    private readonly string _ids = $"move-{Guid.NewGuid():N}";
    private Dialog _open;
    private ApprovalView? _of;
    private IReadOnlyList<Taker> _takers = [];
    private string _to = "", _why = "";
    private string? _wrong;

    [Parameter, EditorRequired] public ApprovalView View { get; set; } = default!;
    [Parameter] public string? MeId { get; set; }
    [Parameter] public bool Busy { get; set; }
    /// <summary>Sends a verdict; null when it was taken (or when the page itself shows what happened), else why not.</summary>
    [Parameter, EditorRequired] public Func<VerdictRequest, Task<Fault?>> Decide { get; set; } = default!;
    /// <summary>Whom the dialog offers.</summary>
    [Parameter, EditorRequired] public Func<ApprovalView, IReadOnlyList<Taker>> Takers { get; set; } = default!;

    private string What => ApprovalCard.What(_of ?? View);
    private bool Over => View.Status != "pending";
    /// <summary>Why the reader is asked; what an admin may do instead of those named is said with the decision.</summary>
    private string? WhyMe => View.MyStanding == Standing.Named ? View.MyStandingWhy : null;
    private bool MayEscalate => View.MyStanding is Standing.Named or Standing.BreakGlass;
    private bool MayHandOn => View.MyStanding == Standing.Named && !View.Votes.Any(v => v.Counts && v.PersonId == MeId);

    protected override void OnParametersSet()
    {
        if (_of is not null && (_of.Id != View.Id || (Over && string.IsNullOrWhiteSpace(_why) && _open == Dialog.HandOn))) Close();
    }

    /// <summary>One of the page's keys: h or u.</summary>
    public void Press(string key)
    {
        if (_open != Dialog.None || Busy || Over) return;
        if (key == "h" && MayHandOn) AskHandOn();
        else if (key == "u" && MayEscalate) AskEscalate();
        StateHasChanged();
    }

    private void AskHandOn()
    {
        _takers = Takers(View);
        Show(Dialog.HandOn);
    }

    private void AskEscalate() => Show(Dialog.Escalate);

    private Task HandOnAsync() => SendAsync(new VerdictRequest(Verdict.Reassign, _why.Trim(), null, null, _of?.Version, _to.Trim()));
    private Task EscalateAsync(string? why) => SendAsync(new VerdictRequest(Verdict.Escalate, why, null, null, _of?.Version));

    private async Task SendAsync(VerdictRequest request)
    {
        if (Busy) return;
        if (await Decide(request) is not { } fault) Close();
        else
        {
            _wrong = fault.Message;
            if (fault.Code == "approval.stale" && !Over) _of = View;   // they have been told; what they wrote can be sent as it is
        }
    }

    private void Show(Dialog dialog) => (_open, _of, _to, _why, _wrong) = (dialog, View, "", "", null);

    private void Toggle(bool open)
    {
        if (!open) Close();
    }

    private void Close() => (_open, _of, _wrong) = (Dialog.None, null, null);
}
