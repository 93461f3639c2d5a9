using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>One worksheet, typed into by several people at once. Typing happens in the browser (<c>worksheet.js</c>), which keeps every text until it is on record here.</summary>
public sealed partial class WorksheetPage
{
    private WorksheetsView? _view;
    private Worksheet? _sheet;
    private IReadOnlyList<CheckLine> _checks = [];
    private Fault? _fault;
    private string? _refusal;
    private FieldKey? _history;
    private IReadOnlyList<OpsConsole.Platform.Realtime.Present> _others = [];
    private OpsConsole.Platform.Realtime.Presence.Seat? _seat;
    private readonly Dictionary<string, Register> _shown = new(StringComparer.Ordinal);
    private string _rows = "";
    private ElementReference _root;
    private IJSObjectReference? _module, _script;
    private DotNetObjectReference<WorksheetPage>? _self;
    private bool _attached, _disposed;

    [Parameter] public string Id { get; set; } = "";
    [Parameter] public string? Sheet { get; set; }

    private string[] Topics => ["state", WorksheetDesk.Topic(Id), WorksheetDesk.PeopleTopic(Id)];
    private WorksheetSpec Spec => WorksheetSpecs.Find(Sheet ?? WorksheetSpecs.Canvas.Id) ?? WorksheetSpecs.Canvas;
    private WorksheetGuide Guide => WorksheetGuide.Of(Spec.Id);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = await Desk.PageAsync(me, Id, CancellationToken.None);
        _fault = view.Fault;
        if (!view.Ok || _disposed) return;
        (_view, _sheet) = (view.Value, view.Value.Now.Sheet(Spec.Id));
        _checks = SheetChecks.Of(_sheet);
        _seat ??= Presence.Enter(WorksheetDesk.PeopleTopic(Id), me.Id);
        _others = Presence.In(_seat.Room, _seat);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_view is null || _disposed) return;
        try
        {
            if (!_attached)
            {
                _attached = true;
                _self = DotNetObjectReference.Create(this);
                _module = await Js.InvokeAsync<IJSObjectReference>("import", "/js/worksheet.js");
                _script = await _module.InvokeAsync<IJSObjectReference>("attach", _root, _self, Id, _view.MayWrite);
                if (_disposed) { await LeaveAsync(); return; }
            }
            if (_script is not null) await ShowAsync(_script);
        }
        catch (Exception e) when (e.IsGone() || _disposed) { /* nobody is looking any more */ }
    }

    /// <summary>Hands the script the texts that are new to it. Rows that came and went are drawn again as a whole.</summary>
    private async Task ShowAsync(IJSObjectReference script)
    {
        var (sheet, changed) = (_sheet!, new List<object>());
        foreach (var key in Keys(sheet))
        {
            var register = sheet[key];
            var name = key.ToString();
            if (_shown.TryGetValue(name, out var shown) && ReferenceEquals(shown, register)) continue;
            _shown[name] = register;
            changed.Add(new { field = name, value = register.Value, over = register.Standing.Select(p => p.Id) });
        }
        var rows = Spec.Id + ":" + string.Join(',', sheet.Rows.Select(r => r.Id));
        var redraw = rows != _rows;
        _rows = rows;
        if (changed.Count > 0) await script.InvokeVoidAsync("show", changed);
        if (redraw) await script.InvokeVoidAsync("drawAll");
    }

    private IEnumerable<FieldKey> Keys(Worksheet sheet) => Spec.Row is null ? Spec.Fields.Select(f => new FieldKey(Spec.Id, null, f.Name)) : sheet.Rows.SelectMany(r => Spec.Fields.Select(f => new FieldKey(Spec.Id, r.Id, f.Name)));

    /// <summary>Called by the script with texts that are to be kept. Answers one word for each: null where it is on record, <c>again</c> where trying later may help, else what is wrong.</summary>
    [JSInvokable]
    public async Task<string?[]> PatchAsync(SentPatch[] patches)
    {
        var answers = new string?[patches.Length];
        for (var i = 0; i < patches.Length; i++) answers[i] = await SendAsync(new PatchRequest(patches[i].Id, patches[i].Field, patches[i].Over, patches[i].Value));
        StateHasChanged();
        return answers;
    }

    /// <summary>Called by the script when the caret enters or leaves a field.</summary>
    [JSInvokable]
    public void Here(string? field) => _seat?.Stand(field);

    private async Task<string?> SendAsync(params PatchRequest[] patches)
    {
        var me = await Me.RequireAsync();
        var taken = me.Fault is { } gone ? gone : await Desk.PatchAsync(me.Value, Id, patches);
        _refusal = taken.Fault?.Message;
        return taken.Fault is not { } fault ? null : fault.Kind is FaultKind.Unavailable ? "again" : fault.Message;
    }

    private async Task ChooseAsync((FieldKey Field, string Value) chosen)
    {
        _history = null;
        if (_script is not null) await _script.InvokeVoidAsync("flush");
        var standing = (await Desk.PageAsync((await Me.RequireAsync()).Value, Id, CancellationToken.None)).Value.Now.Fields.GetValueOrDefault(chosen.Field, Register.Empty).Standing;
        await SendAsync(new PatchRequest(NewId(), chosen.Field.ToString(), [.. standing.Select(p => p.Id)], chosen.Value));
        await LoadAsync();
    }

    private void HistoryAsync(FieldKey field) => _history = field;

    private async Task AddAsync()
    {
        var place = RowPlace.Between(Last, null);
        await PlaceAsync(NewId()[..12], place, []);
    }

    private Task MoveAsync(int index, int by)
    {
        var rows = _sheet!.Rows;
        var (before, after) = by < 0 ? (index - 2 >= 0 ? rows[index - 2].Place : null, rows[index - 1].Place) : (rows[index + 1].Place, index + 2 < rows.Count ? rows[index + 2].Place : null);
        return PlaceAsync(rows[index].Id, RowPlace.Between(before, after), Standing(rows[index]));
    }

    private Task RemoveAsync(WorksheetRow row) => PlaceAsync(row.Id, "", Standing(row));

    private Task RestoreRowAsync(WorksheetRow row) => PlaceAsync(row.Id, RowPlace.Between(Last, null), Standing(row));

    private async Task PlaceAsync(string row, string place, IReadOnlyList<string> over)
    {
        await SendAsync(new PatchRequest(NewId(), new FieldKey(Spec.Id, row, FieldKey.Place).ToString(), over, place));
        await LoadAsync();
    }

    private string? Last => _sheet!.Rows is [.., var last] ? last.Place : null;

    private static IReadOnlyList<string> Standing(WorksheetRow row) => [.. row.Fields[FieldKey.Place].Standing.Select(p => p.Id)];

    private static string NewId() => Guid.NewGuid().ToString("N");

    private IReadOnlyList<string> HereIn(FieldKey field) => _others.Count == 0 ? [] : [.. _others.Where(o => o.Where == field.ToString()).Select(o => VisibleText.Flatten(NameOf(o.PersonId))).Distinct()];

    private string NameOf(string personId) => _view!.NameOf(personId);

    private async Task LeaveAsync()
    {
        if (_script is not null) await _script.InvokeVoidAsync("dispose");
        foreach (var module in (IJSObjectReference?[])[_script, _module]) if (module is not null) await module.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _seat?.Dispose();
        try
        {
            await LeaveAsync();
        }
        catch (Exception e) when (e.IsGone()) { /* the page went first */ }
        _self?.Dispose();
    }

    /// <summary>What the script sends.</summary>
    public sealed record SentPatch(string Id, string Field, string[] Over, string Value);
}
