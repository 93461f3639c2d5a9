using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Approvals.Ui;

// What happens to a request besides verdicts: the reader claims it, asks back, answers as the owner, takes a yes back.
public sealed partial class ApprovalsPage
{
    /// <summary>What the reader has claimed on this page; leaving it lets it go.</summary>
    private (string Id, PersonCaller Me)? _claimed;
    /// <summary>The reader's last yes, while the agent has not been let go.</summary>
    private ApprovalView? _last;

    private ApprovalView? TakeBackable => _view is { } open && DecideBar.MayTakeBack(open, _meId) ? open : _last;

    /// <summary>Claims the open request, or lets it go where the reader holds it.</summary>
    private Task<Fault?> ClaimAsync(bool takeOver) => ChangeAsync(async (me, view) =>
    {
        if (view.Claim?.PersonId == me.Id)
        {
            _claimed = null;
            var left = await Claims.LetGoAsync(me, view.Id, _gone.Token);
            if (left.Ok) _said = "You no longer look at this.";
            return left;
        }
        var taken = await Claims.ClaimAsync(me, view.Id, takeOver, _gone.Token);
        if (taken.Ok) (_claimed, _said) = ((view.Id, me), "Claimed: others see that you look at this.");
        return taken;
    });

    private Task<Fault?> AskBackAsync(AskBackRequest request) => ChangeAsync(async (me, view) =>
    {
        var asked = await Questions.AskAsync(me, view.Id, request, _gone.Token);
        if (asked.Ok) Toasts.Done(_said = $"Asked. {ApprovalCard.What(view)} waits for the answer; its clock goes on.");
        return asked;
    });

    private Task<Fault?> AnswerAsync(string question, string answer) => ChangeAsync(async (me, view) =>
    {
        var answered = await Questions.AnswerAsync(me, view.Id, question, answer, _gone.Token);
        if (answered.Ok) Toasts.Done(_said = "Your answer is with the people who decide.");
        return answered;
    });

    private async Task<Fault?> ChangeAsync(Func<PersonCaller, ApprovalView, Task<Result<ApprovalView>>> change)
    {
        if (_view is not { } view) return null;
        var me = await Person.RequireAsync();
        if (me.Fault is { } nobody) return nobody;
        var result = await change(me.Value, view);
        if (view.Id != Id) return result.Fault;
        if (result.Ok) _view = result.Value;
        else await LoadAsync();   // what stands against it is on the screen then
        StateHasChanged();
        return result.Fault;
    }

    /// <summary>Takes back the open request's yes, or else the reader's last one, and opens it.</summary>
    private async Task TakeBackAsync()
    {
        if (_busy || TakeBackable is not { } last) return;
        _busy = true;
        try
        {
            var me = await Person.RequireAsync();
            var result = me.Fault is { } nobody ? nobody : await TakeBacks.TakeBackAsync(me.Value, last.Id, null, _gone.Token);
            _last = null;
            Toasts.Done(_said = result.Fault is { } fault ? fault.Message : $"Taken back: {ApprovalCard.What(last)} {(result.Value.Status == "pending" ? "waits again" : "is " + result.Value.Status)}.");
        }
        finally
        {
            _busy = false;
        }
        if (last.Id == Id) await LoadAsync();
        else Navigation.NavigateTo($"/approvals/{last.Id}{Filter.Query}");
    }

    /// <summary>What the reader can still take back is looked at again: it may have been let go, or be no longer theirs.</summary>
    private async Task LastAsync(PersonCaller me)
    {
        if (_last is not { } last) return;
        var now = (await Inbox.FindAsync(me, last.Id, _gone.Token)) is { Ok: true } found && DecideBar.MayTakeBack(found.Value, me.Id) ? found.Value : null;
        if (_last?.Id == last.Id) _last = now;
    }

    /// <summary>The reader does something here, so the claim goes on.</summary>
    private async Task RenewAsync()
    {
        if (_claimed is { } held && !(await Claims.ClaimAsync(held.Me, held.Id, false, _gone.Token)).Ok && _claimed == held) _claimed = null;
    }

    private void LeaveClaim()
    {
        if (_claimed is not { } held) return;
        _claimed = null;
        _ = LetGoAsync(held.Id, held.Me);
    }

    private async Task LetGoAsync(string id, PersonCaller me)
    {
        try { await Claims.LetGoAsync(me, id, CancellationToken.None); }
        catch (Exception e) { LogHeld(Log, e); }
    }

    [LoggerMessage(2102, LogLevel.Warning, "A claim could not be let go; it ends by itself")]
    private static partial void LogHeld(ILogger logger, Exception e);
}
