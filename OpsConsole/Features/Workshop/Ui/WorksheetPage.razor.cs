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
    private string _rows = "", _me = "";
    private ElementReference _root;
    private LiveScript _live = default!;
    private DotNetObjectReference<WorksheetPage>? _self;
    private string? _rollout;   // whose texts are here
    private bool _disposed;

    [Parameter] public string Id { get; set; } = "";
    [Parameter] public string? Sheet { get; set; }
    /// <summary>The field whose comments are open.</summary>
    [SupplyParameterFromQuery] public string? Thread { get; set; }

    private string[] Topics => ["state", WorksheetDesk.Topic(Id), WorksheetDesk.PeopleTopic(Id)];
    private WorksheetSpec Spec => WorksheetSpecs.Find(Sheet ?? WorksheetSpecs.Canvas.Id) ?? WorksheetSpecs.Canvas;
    private WorksheetGuide Guide => WorksheetGuide.Of(Spec.Id);

    protected override void OnInitialized() => _live = new(Js);

    protected override async Task OnParametersSetAsync()
    {
        if (_rollout != Id)   // another rollout in the same page: what was typed here is brought to its end first
        {
            _rollout = Id;
            (_view, _sheet, _fault, _refusal, _history, _thread, _undo, _asking, _typing, _asked, _goTo, _others) = (null, null, null, null, null, null, null, null, null, null, null, []);
            _comments = new Dictionary<FieldKey, int>();
            _refused.Clear();
            StandUp();
            await _live.LeaveAsync();
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
            _self ??= DotNetObjectReference.Create(this);
            if (await _live.AttachAsync(() => _root, _self, Id, _me, _view.MayWrite))
            {
                _rows = "";
                StateHasChanged();
            }
            if (!_live.Listens || _sheet is null) return;
            await ShowAsync(_sheet);
            if (_goTo is { } element)
            {
                _goTo = null;
                await _live.DoAsync("goTo", element);
            }
        }
        catch (Exception e) when (e.IsGone() || _disposed) { /* nobody is looking any more */ }
    }

    /// <summary>Hands the script the texts that are new to it. Rows that came and went are drawn again as a whole.</summary>
    private async Task ShowAsync(Worksheet sheet)
    {
        var rows = Spec.Id + ":" + string.Join(',', sheet.Rows.Select(r => r.Id));
        var redraw = rows != _rows;
        _rows = rows;
        await _live.ShowAsync(Keys(sheet).Select(k => (k, sheet[k])), _me);
        if (redraw) await _live.DoAsync("drawAll");
    }

    private IEnumerable<FieldKey> Keys(Worksheet sheet) => Spec.Row is null ? Spec.Fields.Select(f => new FieldKey(Spec.Id, null, f.Name)) : sheet.Rows.SelectMany(r => Spec.Fields.Select(f => new FieldKey(Spec.Id, r.Id, f.Name)));

    private void StandUp()
    {
        _seat?.Dispose();
        _seat = null;
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        StandUp();
        await _live.DisposeAsync();
        _self?.Dispose();
    }
}
