using Microsoft.JSInterop;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>What people change: texts that the script sends, rows, choices.</summary>
public sealed partial class WorksheetPage
{
    /// <summary>
    /// Called by the script with texts that are to be kept, also while this page leaves the rollout in which they were typed. Answers as <see cref="SentPatch.AnswersAsync"/>
    /// does.
    /// </summary>
    [JSInvokable]
    public async Task<string?[]> PatchAsync(string rollout, SentPatch?[]? patches)
    {
        var requests = SentPatch.Requests(patches);
        if (rollout == Id) Typing(requests);
        var answers = await SentPatch.AnswersAsync(requests, some => SendAsync(rollout, some));
        if (rollout != Id || _disposed) return answers;
        foreach (var (request, answer) in requests.Zip(answers))
        {
            if (answer is null) _refused.Remove(request.Field);
            else if (answer != "again") _refused[request.Field] = answer;
        }
        FieldKey[] taken = [.. requests.Where((_, i) => answers[i] is null).Select(r => FieldKey.Parse(r.Field)!.Value)];
        if (taken.Length > 0) await OfferAsync(taken, requests[0].Value);
        StateHasChanged();
        return answers;
    }

    /// <summary>Called by the script when a text that was refused is as it was before.</summary>
    [JSInvokable]
    public void TakenBack(string rollout, string field)
    {
        if (rollout == Id && _refused.Remove(field)) StateHasChanged();
    }

    /// <summary>Called by the script when the caret enters or leaves a field.</summary>
    [JSInvokable]
    public void Here(string? field) => _seat?.Stand(field is not null && WorksheetDesk.Known(field) is not null ? field : null);

    private async Task CommentsAsync()
    {
        var id = Id;
        if (await Me.GetAsync() is not { } me) return;
        var open = await Comments.OpenAsync(me, id, CancellationToken.None);
        if (id == Id) _comments = open;
    }

    private async Task<Fault?> SendAsync(string id, params PatchRequest[] patches)
    {
        var me = await Me.RequireAsync();
        return me.Fault is { } gone ? gone : (await Desk.PatchAsync(me.Value, id, patches)).Fault;
    }

    /// <summary>Puts a text over those that were drawn beside it, and over what the chooser wrote since: what others wrote since stands.</summary>
    internal async Task ChooseAsync(ChosenText chosen)
    {
        var id = Id;
        _history = null;
        await _live.DoAsync("flush");
        var me = await Me.RequireAsync();
        var view = me.Fault is { } gone ? gone : await Desk.PageAsync(me.Value, id, CancellationToken.None);
        if (id != Id) return;
        if (view.Fault is { } hidden)
        {
            _refusal = hidden.Message;
            return;
        }
        var over = view.Value.Now.Fields.GetValueOrDefault(chosen.Field, Register.Empty).Standing.Where(p => chosen.Over.Contains(p.Id) || p.Author == me.Value.Id);
        await RecordAsync(id, new PatchRequest(SentPatch.Chosen + NewId(), chosen.Field.ToString(), [.. over.Select(p => p.Id)], chosen.Value));
    }

    private async Task RecordAsync(string id, PatchRequest patch)
    {
        var refused = await SendAsync(id, patch);
        if (id != Id) return;
        _refusal = refused?.Message;
        await NextUndoAsync();
        await LoadAsync();
    }

    private void HistoryAsync(FieldKey field) => _history = field;

    private void ThreadAsync(FieldKey field) => _thread = field;

    private async Task StartAsync()
    {
        var (id, sheet) = (Id, Spec.Id);
        var me = await Me.RequireAsync();
        var started = me.Fault is { } gone ? gone : await Starts.StartAsync(me.Value, id, sheet);
        if (id != Id) return;
        _refusal = started.Fault?.Message;
        await NextUndoAsync();
        await LoadAsync();
    }

    private async Task UseAsync(string name)
    {
        var id = Id;
        var me = await Me.RequireAsync();
        var used = me.Fault is { } gone ? gone : await Starts.UseAsync(me.Value, id, name);
        if (id != Id) return;
        _refusal = used.Fault?.Message;
        if (_refusal is null) Toasts.Done("All worksheets are filled in. Change what is different with you.");
        await NextUndoAsync();
        await LoadAsync();
    }

    private async Task TakenAsync(int changes)
    {
        var id = Id;
        Toasts.Done($"{Counted.Of(changes, "change")} taken over. The history keeps every text.");
        await NextUndoAsync();
        if (id == Id) await LoadAsync();
    }

    private async Task AddAsync()
    {
        var row = NewId()[..12];
        await PlaceAsync(row, RowPlace.Between(Last, null), []);
        if (_refusal is null) _goTo = $"f-{Spec.Id}-{row}-{Spec.Fields[0].Name}";
    }

    private Task MoveAsync(int index, int by)
    {
        var rows = _sheet!.Rows;
        var (before, after) = by < 0 ? (index - 2 >= 0 ? rows[index - 2].Place : null, rows[index - 1].Place) : (rows[index + 1].Place, index + 2 < rows.Count ? rows[index + 2].Place : null);
        return PlaceAsync(rows[index].Id, RowPlace.Between(before, after), Standing(rows[index]));
    }

    private async Task RemoveAsync(WorksheetRow row, int index)
    {
        await PlaceAsync(row.Id, "", Standing(row));
        if (_refusal is null) _goTo = _sheet!.Rows.ElementAtOrDefault(index) is { } next ? RowId(next) : "add-row";
    }

    private string RowId(WorksheetRow row) => $"row-{Spec.Id}-{row.Id}";

    private Task RestoreRowAsync(WorksheetRow row) => PlaceAsync(row.Id, RowPlace.Between(Last, null), Standing(row));

    private Task PlaceAsync(string row, string place, IReadOnlyList<string> over) => RecordAsync(Id, new PatchRequest(NewId(), new FieldKey(Spec.Id, row, FieldKey.Place).ToString(), over, place));

    private string? Last => _sheet!.Rows is [.., var last] ? last.Place : null;

    private static IReadOnlyList<string> Standing(WorksheetRow row) => [.. row.Fields[FieldKey.Place].Standing.Select(p => p.Id)];

    private static string NewId() => Guid.NewGuid().ToString("N");

    private IReadOnlyList<string> HereIn(FieldKey field) => _others.Count == 0 ? [] : [.. _others.Where(o => o.Where == field.ToString()).Select(o => VisibleText.Flatten(NameOf(o.PersonId))).Distinct()];

    private string NameOf(string personId) => _view!.NameOf(personId);
}
