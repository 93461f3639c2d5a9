using OpsConsole.Core.Approvals;

namespace OpsConsole.Features.Approvals.Ui;

public sealed partial class ApprovalsPage
{
    private IReadOnlyList<string> _alike = [], _bulkIds = [];
    private Verdict _bulkVerdict;
    private bool _bulkOpen;

    /// <summary>What x acts on: the open request, or where j and k stand, or the first.</summary>
    private string? At => Id ?? _queue.SelectedId ?? (_queue.Rows.Count > 0 ? _queue.Rows[0].Row.Id : null);

    private async Task MarkAsync()
    {
        if (At is not { } at || !MayDecide) return;
        var marked = _queue.Marked;
        await ChooseAsync(marked.Contains(at) ? [.. marked.Where(id => id != at)] : [.. marked, at]);
    }

    private async Task MarkAlikeAsync()
    {
        if (!MayDecide || (_queue.Marked is [var first, ..] ? first : At) is not { } like) return;
        _alike = [];
        await ChooseAsync([like]);
        if (_alike.Count > 1) await ChooseAsync(_alike);
        else _said = "Nothing else that waits is alike and yours to decide with it.";
    }

    /// <summary>Chooses these, and looks how many there are of the kind of the first.</summary>
    private Task ChooseAsync(IReadOnlyList<string> ids) => TryAsync(async me =>
    {
        var before = _queue.Marked is [var was, ..] ? was : null;
        _queue.Mark(ids);
        if (_queue.Marked is not [var first, ..]) _alike = [];
        else if (first != before || _alike.Count == 0) _alike = [.. (await Alike.AlikeAsync(me, first, _gone.Token)).Where(_queue.Has)];
        _said = $"{_queue.Marked.Count} selected";
    });

    private void ClearMarks()
    {
        _queue.Mark([]);
        (_alike, _said) = ([], "Nothing selected");
    }

    private void ApproveMarked() => OpenBulk(Verdict.Approve);
    private void RejectMarked() => OpenBulk(Verdict.Reject);
    private void OpenBulk(Verdict verdict) => (_bulkVerdict, _bulkIds, _bulkOpen) = (verdict, _queue.Marked, true);

    private void CloseBulk(bool open) => _bulkOpen = open;

    private async Task BulkDecidedAsync(BulkResult result)
    {
        var told = $"{result.Decided} {(_bulkVerdict == Verdict.Reject ? "rejected" : "approved")} together{(result.Refused > 0 ? $", {result.Refused} not recorded" : "")}.";
        Toasts.Done(told);
        ClearMarks();
        _said = told;
        await LoadAsync();
    }
}
