using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Core.Authority;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The draft as a grid to type into. Moving about and typing happen in the browser (<c>grid.js</c>); here arrive texts of cells and verbs of rows.</summary>
public sealed partial class MatrixGrid : IAsyncDisposable
{
    public const string RuleKind = "rule", BoundaryKind = "boundary";
    private const int MostPasted = 256 * 1024;
    // A copied row is a table of its own, so that nothing of what it says is lost where it is pasted.
    private static readonly string Headings = JsonSerializer.Serialize(MatrixSheet.Columns);

    private readonly StringBuilder _pasted = new();
    private ElementReference _root;
    private IJSObjectReference? _module, _grid;
    private DotNetObjectReference<MatrixGrid>? _self;
    private (string Kind, int Key, string Column, bool Edit)? _focus;
    private int _selected;
    private bool _attached, _ready, _disposed, _tooLong;

    [Parameter, EditorRequired] public DraftEditor Editor { get; set; } = default!;
    [Parameter] public bool MayEdit { get; set; }
    /// <summary>What is wrong with a row, by the id of a rule or by <c>boundaries[0]</c>.</summary>
    [Parameter] public IReadOnlyDictionary<string, RowTrouble> Troubles { get; set; } = new Dictionary<string, RowTrouble>();
    /// <summary>Suggestions for the action.</summary>
    [Parameter] public IReadOnlyList<string> Actions { get; set; } = [];
    [Parameter] public IReadOnlyList<ApproverChoice> People { get; set; } = [];
    /// <summary>The editor holds something else than before.</summary>
    [Parameter] public EventCallback OnChange { get; set; }
    /// <summary>What the draft would be with what is being typed; null when it is not understood (yet).</summary>
    [Parameter] public EventCallback<MatrixDocument?> OnPreview { get; set; }
    /// <summary>A text of several cells came from the clipboard.</summary>
    [Parameter] public EventCallback<PastedText> OnPaste { get; set; }
    [Parameter] public EventCallback<int> OnDetails { get; set; }
    [Parameter] public EventCallback<int> OnSelect { get; set; }
    [Parameter] public EventCallback OnSave { get; set; }
    [Inject] private IJSRuntime Js { get; set; } = default!;

    private RowTrouble? TroubleOf(string row) => Troubles.GetValueOrDefault(row);

    /// <summary>Puts the focus on a cell, and opens it where <paramref name="edit"/>, once it is drawn.</summary>
    public void Focus(string kind, int key, string column, bool edit = false)
    {
        _focus = (kind, key, column, edit);
        StateHasChanged();
    }

    /// <param name="address">The id of a rule, or <c>boundaries[0]</c>.</param>
    public void FocusRow(string address)
    {
        if (Editor.Rules.FirstOrDefault(r => r.Row.Id == address) is { } rule) Focus(RuleKind, rule.Key, nameof(RuleColumn.Id));
        else if (Editor.Boundaries.Index().FirstOrDefault(b => $"boundaries[{b.Index}]" == address).Item is { } boundary) Focus(BoundaryKind, boundary.Key, nameof(BoundaryColumn.Action));
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        try
        {
            if (!_attached)
            {
                _attached = true;
                _self = DotNetObjectReference.Create(this);
                _module = await Js.InvokeAsync<IJSObjectReference>("import", "/js/grid.js");
                if (!_disposed) _grid = await _module.InvokeAsync<IJSObjectReference>("attach", _root, _self, MayEdit);
                _ready = true;
                if (_disposed) await LeaveAsync();   // left while we were asking
            }
            if (!_disposed && _grid is not null && _focus is var (kind, key, column, edit))
            {
                _focus = null;
                await _grid.InvokeVoidAsync("focus", kind, key, column, edit);
            }
        }
        catch (Exception e) when (e.IsGone() || _disposed) { /* nobody is looking any more */ }
    }

    /// <summary>Called by the script when a cell was left with another text.</summary>
    [JSInvokable]
    public async Task Commit(string kind, int key, string column, string text, string? began = null)
    {
        if (!MayEdit) return;
        if (kind == RuleKind && Enum.TryParse<RuleColumn>(column, out var rule)) Editor.Type(key, rule, text, began);
        else if (Enum.TryParse<BoundaryColumn>(column, out var boundary)) Editor.Type(key, boundary, text, began);
        await ChangedAsync();
    }

    /// <summary>Called by the script while somebody types.</summary>
    [JSInvokable]
    public Task Preview(string kind, int key, string column, string text) =>
        MayEdit && kind == RuleKind && Enum.TryParse<RuleColumn>(column, out var rule) ? OnPreview.InvokeAsync(Editor.Imagine(key, rule, text)) : Task.CompletedTask;

    /// <summary>Called by the script: a verb for a row.</summary>
    [JSInvokable]
    public async Task Act(string kind, int key, string column, string verb)
    {
        var isRule = kind == RuleKind;
        if (verb == "details")
        {
            if (isRule) await OnDetails.InvokeAsync(key);
            return;
        }
        if (!MayEdit) return;
        var at = Editor.IndexOf(key);
        switch (verb)
        {
            case "save":
                await OnSave.InvokeAsync();
                return;
            case "undo":
                Editor.Undo();
                break;
            case "redo":
                Editor.Redo();
                break;
            case "add":
                _focus = (kind, isRule ? Editor.AddRule(key) : Editor.AddBoundary(key), nameof(RuleColumn.Action), true);
                break;
            case "duplicate":
                if (Editor.Duplicate(key) is { } copy) _focus = (kind, copy, column, false);
                break;
            case "remove":
                Editor.Remove(key);
                _focus = Neighbour(kind, at, column);
                break;
            case "up" or "down":
                Editor.Move(key, at + (verb == "up" ? -1 : 1));
                _focus = (kind, key, column, false);
                break;
        }
        if (verb is "undo" or "redo" && Editor.IndexOf(key) < 0) _focus = Neighbour(kind, at, column);
        await ChangedAsync();
    }

    /// <summary>Called by the script when a row was dropped on another.</summary>
    [JSInvokable]
    public async Task Moved(int key, int onto)
    {
        if (!MayEdit) return;
        Editor.Move(key, Editor.IndexOf(onto));
        await ChangedAsync();
    }

    /// <summary>Called by the script: a part of what was pasted.</summary>
    [JSInvokable]
    public async Task PastePart(string part, bool last, string kind, int key)
    {
        if (!MayEdit) return;
        _tooLong |= _pasted.Length + part.Length > MostPasted;
        if (!_tooLong) _pasted.Append(part);
        if (!last) return;
        var text = _tooLong ? null : _pasted.ToString();
        _pasted.Clear();
        _tooLong = false;
        await OnPaste.InvokeAsync(new PastedText(text, kind == RuleKind && Editor.Rule(key) is not null ? key : null));
    }

    /// <summary>Called by the script when the focus rests on a row.</summary>
    [JSInvokable]
    public async Task Selected(string kind, int key)
    {
        _selected = kind == RuleKind ? key : 0;
        await OnSelect.InvokeAsync(_selected);
    }

    private async Task AddAsync(string kind)
    {
        _focus = (kind, kind == RuleKind ? Editor.AddRule(null) : Editor.AddBoundary(null), nameof(RuleColumn.Action), true);
        await ChangedAsync();
    }

    private (string, int, string, bool)? Neighbour(string kind, int at, string column)
    {
        var keys = kind == RuleKind ? Editor.Rules.Select(r => r.Key).ToList() : [.. Editor.Boundaries.Select(b => b.Key)];
        return keys.Count == 0 ? null : (kind, keys[Math.Clamp(at, 0, keys.Count - 1)], column, false);
    }

    private async Task ChangedAsync()
    {
        StateHasChanged();
        await OnChange.InvokeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        if (_ready || !_attached) await LeaveAsync();   // else the script is still being asked, and who asks it leaves
    }

    private async Task LeaveAsync()
    {
        var (grid, module) = (_grid, _module);
        (_grid, _module) = (null, null);
        try
        {
            if (grid is not null)
            {
                await grid.InvokeVoidAsync("detach");
                await grid.DisposeAsync();
            }
            if (module is not null) await module.DisposeAsync();
        }
        catch (Exception e) when (e.IsGone() || e is JSException) { /* went with the page */ }
        _self?.Dispose();
    }
}

/// <summary>What the analysis says about one row: whether it stands against publishing, and the messages.</summary>
public sealed record RowTrouble(bool IsError, string Words);

/// <summary>A text of several cells, and the rule it was pasted on; null for none.</summary>
/// <param name="Text">Null: it was longer than 256 KB.</param>
public sealed record PastedText(string? Text, int? After);
