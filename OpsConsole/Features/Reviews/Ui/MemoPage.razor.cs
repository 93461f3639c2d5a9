using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Reviews.Ui;

/// <summary>A memo as a document: what is asked, what has to be known first, the texts, and the evidence. Sections are kept as they are left; what could not be kept stays in its field.</summary>
public sealed partial class MemoPage
{
    private static readonly PageKey[] Keys = [new("r", "Reading view"), new("a", "Approve"), new("h", "Hold"), new("d", "Decline")];

    /// <summary>What the reader wrote and the console has not taken.</summary>
    private readonly Dictionary<string, string> _mine = [];
    /// <summary>What sections said when the reader began to write them.</summary>
    private readonly Dictionary<string, string> _was = [];
    private ScaleMemoView? _view;
    private MemoDecide? _decide;
    private string? _fault, _refusal, _of;
    private bool _busy, _withdrawing, _takingBack;

    [Parameter] public string Id { get; set; } = "";
    [Parameter] public string Memo { get; set; } = "";

    protected override async Task OnParametersSetAsync()
    {
        if (_of != Id + Memo)
        {
            (_of, _view, _refusal) = (Id + Memo, null, null);
            _mine.Clear();
            _was.Clear();
            await Task.Yield();   // rendered, so listening, before anything is read
        }
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var of = Id + Memo;
        var me = await Me.RequireAsync();
        var found = me.Fault is { } gone ? gone : await Reader.FindAsync(me.Value, Id, Memo, CancellationToken.None);
        if (of != Id + Memo) return;   // another one was opened meanwhile
        _fault = found.Fault?.Message;
        if (found.Ok) _view = found.Value;
    }

    private async Task WriteAsync(string section, string? text)
    {
        _mine[section] = text ?? "";
        var was = _was.GetValueOrDefault(section) ?? _view!.Text(section);
        var kept = await ChangeAsync(me => Desk.WriteAsync(me, Memo, section, text ?? "", null, was));
        if (!kept) _was[section] = _view!.Text(section);   // it is shown beside what was not taken, so the reader knows it now
        else if (_mine.Remove(section)) _was.Remove(section);
    }

    private void Leave(string section)
    {
        if (!_mine.ContainsKey(section)) _was.Remove(section);
    }

    private async Task SubmitAsync()
    {
        var seen = _view!.Version;
        if (await ChangeAsync(me => Desk.SubmitAsync(me, Id, Memo, seen, CancellationToken.None))) Toasts.Done("Submitted: the sponsor is told.");
    }

    private async Task WithdrawAsync(string? why) => _withdrawing = !await ChangeAsync(me => Desk.WithdrawAsync(me, Memo, why ?? ""));

    private async Task TakeBackAsync(string? why) => _takingBack = !await ChangeAsync(me => Desk.TakeBackAsync(me, Memo, why ?? ""));

    private async Task<bool> ChangeAsync(Func<PersonCaller, Task<Result<Done>>> change)
    {
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var done = me.Fault is { } gone ? gone : await change(me.Value);
            _refusal = done.Fault?.Message;
            await LoadAsync();
            return done.Ok;
        }
        finally { _busy = false; }
    }

    private void OnKey(string key)
    {
        if (key == "r") Nav.NavigateTo($"/rollouts/{Id}/memos/{Memo}/read");
        else _decide?.Ask(key switch { "a" => MemoVerdict.Approve, "h" => MemoVerdict.Hold, _ => MemoVerdict.Decline });
    }

    private static TimeZoneInfo Zone(MemoEvidence e) => TimeZoneInfo.FindSystemTimeZoneById(e.Zone);
}
