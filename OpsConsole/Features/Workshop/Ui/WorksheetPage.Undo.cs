using Microsoft.JSInterop;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>What Undo offers, and taking it back: one field at once, more of them only when asked.</summary>
public sealed partial class WorksheetPage
{
    private static readonly PageKey[] Keyboard = [new("Ctrl+Z", "Undo your last edit (in a field: what you typed there)")];
    private UndoView? _undo, _asking;
    private (FieldKey Field, string Text)? _typing;   // the field that is typed into, and what stood there when that began

    /// <summary>Takes back the reader's last edit; one of several fields is asked about first. Also called by the script for Ctrl+Z outside a field.</summary>
    [JSInvokable]
    public async Task UndoAsync()
    {
        var id = Id;
        await _live.DoAsync("flush");
        await NextUndoAsync();
        if (id != Id) return;
        if (_undo is { Fields.Count: > 1 }) _asking = _undo;
        else await TakeBackAsync(_undo);
        StateHasChanged();
    }

    private async Task TakeBackAsync(UndoView? meant)
    {
        var id = Id;
        var me = await Me.RequireAsync();
        var undone = me.Fault is { } gone ? gone : await Undo.UndoAsync(me.Value, id, meant?.Fields ?? []);
        if (id != Id) return;
        (_asking, _refusal) = (null, undone.Fault?.Message);
        if (undone.Ok) Toasts.Done($"Taken back: {Words(undone.Value)}. The history has what stood there.");
        _typing = null;
        await NextUndoAsync();
        await LoadAsync();
    }

    private async Task NextUndoAsync()
    {
        var id = Id;
        var next = await Me.GetAsync() is { } me ? await Undo.NextAsync(me, id, CancellationToken.None) : null;
        if (id == Id) _undo = next;
    }

    private void Typing(PatchRequest[] requests)
    {
        if (requests is [var one] && WorksheetDesk.Known(one.Field) is { } field && field != _typing?.Field) _typing = (field, _view?.Now.Fields.GetValueOrDefault(field, Register.Empty).Value ?? "");
    }

    /// <summary>What was typed last is what Undo takes back, unless it was taken back by typing: only then is the record asked.</summary>
    private async Task OfferAsync(FieldKey[] taken, string value)
    {
        if (taken is [var only] && _typing == (only, value)) await NextUndoAsync();
        else _undo = UndoDesk.Of(taken);
    }

    /// <summary>Where an edit is, with its worksheet where that is not the one on screen.</summary>
    private string Words(UndoView undo) => undo.Fields is [var one] && SheetOf(one) is var sheet && sheet.Id != Spec.Id ? $"{undo.Words} in “{sheet.Title}”" : undo.Words;

    private static string Sheets(UndoView undo) => string.Join(", ", undo.Fields.GroupBy(SheetOf).Select(s => $"“{s.Key.Title}” ({Counted.Of(s.Count(), "field")})"));

    private static WorksheetSpec SheetOf(string field) => WorksheetSpecs.Find(FieldKey.Parse(field)!.Value.Sheet)!;
}
