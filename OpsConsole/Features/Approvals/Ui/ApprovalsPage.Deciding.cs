using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Approvals.Ui;

public sealed partial class ApprovalsPage
{
    /// <summary>Sends a verdict on the open request. Null when it was taken, or when the request itself now shows why not.</summary>
    private async Task<Fault?> DecideAsync(VerdictRequest request)
    {
        if (_view is not { } view) return null;
        if (_busy) return Fault.Refused("approval.busy", "Your last answer is still being recorded.");
        if (Time.GetElapsedTime(_shownAt) < JustOpened) return Fault.Refused("approval.just_opened", "This came up a moment ago. Look at it, then decide.");
        if (request.Verdict is Verdict.Approve or Verdict.Edit && !view.EvidenceComplete) return Fault.Refused("approval.incomplete", "What was asked is not all here, so it cannot be approved.");
        _busy = true;
        StateHasChanged();
        try
        {
            request = request with { Looked = Time.GetElapsedTime(_shownAt) };
            ApprovalView now = view;
            var fault = await _password!.TryAsync(async me =>
            {
                var result = await Approvals.DecideAsync(me, view.Id, request);
                if (!result.Ok) return result.Fault;
                now = result.Value;
                if (now.Status != "pending" && _claimed?.Id == view.Id) _claimed = null;   // it ended with the decision
                if (DecideBar.MayTakeBack(now, me.Id)) _last = now;
                return null;
            });
            if (fault is not null) return await RefusedAsync(view, request, fault);
            Next(view, Told(now, request.Verdict));
            return null;
        }
        finally
        {
            _busy = false;
            StateHasChanged();
        }
    }

    private Task ApproveOpenAsync() => _bar?.PressAsync("a") ?? Task.CompletedTask;

    /// <summary>Opens what the reader may decide next, so that a queue is cleared without reaching for the list.</summary>
    private void Next(ApprovalView decided, string told)
    {
        Toasts.Done(told);
        if (decided.Id != Id) return;   // the reader has moved on meanwhile
        if (_queue.After(decided.Id) is { } next)
        {
            _said = $"{told} Next: {VisibleText.Flatten(next.Row.Action)} {VisibleText.Flatten(next.Row.ResourceId)}";
            Navigation.NavigateTo(next.Href);
        }
        else
        {
            _said = $"{told} Nothing else waits for you.";
            _queue.Select(null);
            Navigation.NavigateTo(Address);
        }
    }

    private static string Told(ApprovalView now, Verdict verdict)
    {
        var what = ApprovalCard.What(now);
        if (verdict == Verdict.Reassign) return $"Handed {what} on to {now.Moves.LastOrDefault(m => m.To is not null)?.To}.";
        if (verdict == Verdict.Escalate) return $"Escalated {what}: more people are asked.";
        if (now.Status == "pending")
        {
            var yes = now.Votes.Count(v => v.Counts && v.Verdict != "reject");
            return verdict == Verdict.Edit && yes == 0 ? $"Your edit of {what} was taken; the rule that covers it now asks other people." : $"Your yes to {what} counts: {yes} of {now.Quorum}. It waits for more people.";
        }
        return now.Status switch { "rejected" => $"Rejected {what}.", "edited" => $"Edited and approved {what}.", _ => $"Approved {what}." } + (now.ReleaseAfter is not null ? " The agent is held back for a moment; z takes it back." : "");
    }

    private async Task<Fault?> RefusedAsync(ApprovalView view, VerdictRequest request, Fault fault)
    {
        switch (fault.Code)
        {
            case "approval.decided" or "approval.stale" or "approval.expired":
                if (view.Id != Id) return null;
                await LoadAsync();
                if (view.Id != Id) return null;
                (_notice, _said) = Told(DeskNotice.Refused(fault, view, _view ?? view));
                // Whoever has written something keeps it, in the dialog where they wrote it.
                return request.Verdict == Verdict.Edit || !string.IsNullOrWhiteSpace(request.Reason) ? fault : null;
            default:
                return fault;
        }
    }
}
