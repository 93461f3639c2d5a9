using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Platform.Realtime;
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
    private FieldKey? _history, _thread;
    private readonly Dictionary<string, string> _refused = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<FieldKey, int> _comments = new Dictionary<FieldKey, int>();
    private string? _asked;
    private string? _goTo;   // the id of the element that gets the focus when it is drawn
    private IReadOnlyList<Present> _others = [];
    private Presence.Seat? _seat;
    private readonly Dictionary<string, Register> _shown = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);   // of coming and leaving: never two scripts at once
    private string _rows = "", _me = "";
    private ElementReference _root;
    private IJSObjectReference? _module, _script;
    private DotNetObjectReference<WorksheetPage>? _self;
    private string? _rollout;   // whose texts are here
    private (string Rollout, string Root, bool MayWrite)? _attached;
    private bool _disposed;

    [Parameter] public string Id { get; set; } = "";
    [Parameter] public string? Sheet { get; set; }
    /// <summary>The field whose comments are open.</summary>
    [SupplyParameterFromQuery] public string? Thread { get; set; }

    private string[] Topics => ["state", WorksheetDesk.Topic(Id), WorksheetDesk.PeopleTopic(Id)];
    private WorksheetSpec Spec => WorksheetSpecs.Find(Sheet ?? WorksheetSpecs.Canvas.Id) ?? WorksheetSpecs.Canvas;
    private WorksheetGuide Guide => WorksheetGuide.Of(Spec.Id);

    protected override async Task OnParametersSetAsync()
    {
        if (_rollout != Id)   // another rollout in the same page: what was typed here is brought to its end first
        {
            _rollout = Id;
            (_view, _sheet, _fault, _refusal, _history, _thread, _undo, _asking, _typing, _asked, _goTo, _others, _attached) = (null, null, null, null, null, null, null, null, null, null, null, [], null);
            _comments = new Dictionary<FieldKey, int>();
            _refused.Clear();
            StandUp();
            await LeaveAsync();
        }
        await LoadAsync();
        if (_thread is null && Thread is not null && _asked != Thread) _thread = WorksheetDesk.Known(_asked = Thread);
        await CommentsAsync();
        await NextUndoAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        if (await Me.GetAsync() is not { } me) return;
        var view = await Desk.PageAsync(me, id, CancellationToken.None);
        if (id != Id || _disposed) return;
        _fault = view.Fault;
        if (!view.Ok)
        {
            StandUp();
            return;
        }
        (_view, _sheet, _me) = (view.Value, view.Value.Now.Sheet(Spec.Id), me.Id);
        _checks = SheetChecks.Of(_sheet);
        _seat ??= Presence.Enter(WorksheetDesk.PeopleTopic(id), me.Id);
        _others = Presence.In(_seat.Room, _seat);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_view is null || _fault is not null || _disposed) return;
        try
        {
            if (_attached != (Id, _root.Id, _view.MayWrite)) await AttachAsync((Id, _root.Id, _view.MayWrite));
            if (_script is not null && _sheet is not null) await ShowAsync(_script);
            if (_script is not null && _goTo is { } element)
            {
                _goTo = null;
                await _script.InvokeVoidAsync("goTo", element);
            }
        }
        catch (Exception e) when (e.IsGone() || _disposed) { /* nobody is looking any more */ }
    }

    /// <summary>The script knows one rollout, one element and whether it may write: where one of them is another, it begins anew.</summary>
    private async Task AttachAsync((string Rollout, string Root, bool MayWrite) to)
    {
        _attached = to;
        await LeaveAsync();
        await _turn.WaitAsync();
        try
        {
            if (_attached != to || _disposed || _script is not null) return;
            _self ??= DotNetObjectReference.Create(this);
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "/js/worksheet.js");
            var script = await _module.InvokeAsync<IJSObjectReference>("attach", _root, _self, to.Rollout, _me, to.MayWrite);
            _shown.Clear();
            (_script, _rows) = (script, "");
        }
        finally { _turn.Release(); }
        if (_attached == to && !_disposed) StateHasChanged();   // the fields wait for the script: what is typed before it listens would be lost
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
            changed.Add(new { field = name, texts = register.Standing.Select(p => new { id = p.Id, value = p.Value, mine = p.Author == _me }) });
        }
        var rows = Spec.Id + ":" + string.Join(',', sheet.Rows.Select(r => r.Id));
        var redraw = rows != _rows;
        _rows = rows;
        if (changed.Count > 0) await script.InvokeVoidAsync("show", changed);
        if (redraw) await script.InvokeVoidAsync("drawAll");
    }

    private IEnumerable<FieldKey> Keys(Worksheet sheet) => Spec.Row is null ? Spec.Fields.Select(f => new FieldKey(Spec.Id, null, f.Name)) : sheet.Rows.SelectMany(r => Spec.Fields.Select(f => new FieldKey(Spec.Id, r.Id, f.Name)));

    /// <summary>The script sends what is not on record yet, and then stops.</summary>
    private async Task LeaveAsync()
    {
        await _turn.WaitAsync();
        var (script, module) = (_script, _module);
        (_script, _module) = (null, null);
        try
        {
            if (script is not null) await script.InvokeVoidAsync("dispose");
            foreach (var reference in (IJSObjectReference?[])[script, module]) if (reference is not null) await reference.DisposeAsync();
        }
        catch (Exception e) when (e.IsGone()) { /* the page went first */ }
        finally { _turn.Release(); }
    }

    private void StandUp()
    {
        _seat?.Dispose();
        _seat = null;
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        StandUp();
        await LeaveAsync();
        _self?.Dispose();
    }
}
