using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>
/// A rollout's draft to read and to work on. What is typed is in the draft at once, analysed at once, and saved a moment later; nothing of it is in force before it is published.
/// What somebody typed is only ever replaced when they ask for it.
/// </summary>
public sealed partial class MatrixPage
{
    private enum Sight { Grid, Words, Coverage }
    private enum Side { Analysis, Try, Versions }

    private static readonly (Sight, string)[] Sights = [(Sight.Grid, "Grid"), (Sight.Words, "Plain language"), (Sight.Coverage, "Coverage")];
    private static readonly (Side, string)[] Sides = [(Side.Analysis, "Analysis"), (Side.Try, "Try it"), (Side.Versions, "Versions")];
    private static readonly AnalysisView Nothing = new([], []);
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(1), AnalyseAfter = TimeSpan.FromMilliseconds(150);
    private static readonly PageKey[] Keys =
    [
        new("n", "Add a rule at the end"), new("p", "Publish the draft"), new("r", "Grid or plain language"), new("c", "Coverage of the register of actions"), new("t", "Try it"), new("a", "Analysis"), new("Type, Enter or F2", "In the grid: change the cell. Enter ends it and goes down, Tab goes right, Esc drops it"), new("Arrows, Home, End, Page", "In the grid: move"),
        new("Ctrl+Enter", "Add a row below"), new("Ctrl+D", "Duplicate the row"), new("Ctrl+Delete", "Remove the row (Ctrl+Z brings it back)"), new("Alt+↑ / Alt+↓", "Move the row"),
        new("Alt+Enter", "The row in full, with a builder for its conditions"), new("Ctrl+Z / Ctrl+Shift+Z", "Undo, redo"), new("Ctrl+V", "Paste a cell, or rows from a spreadsheet"), new("Ctrl+S", "Save now (it saves itself)"), new("Escape", "Leave the grid, so that the letters are heard"),
    ];

    private static readonly PageKey[] ReaderKeys = [new("p", "Publish the draft"), new("r", "Grid or plain language"), new("c", "Coverage of the register of actions"), new("t", "Try it"), new("a", "Analysis"), new("Alt+Enter", "In the grid: the row in full")];

    private MatrixGrid? _grid;
    private MatrixPageView? _view;
    private DraftEditor? _editor;
    private Fault? _fault, _saveFault;
    private AnalysisView _analysis = Nothing;
    private Dictionary<string, RowTrouble> _troubles = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _actions = [];
    private IReadOnlyList<ApproverChoice> _people = [];
    private DraftSheet? _stale;
    private MatrixRule? _details;
    private IDisposable? _seat;
    private PastedText? _pasted;
    private JsonElement? _call;
    private IReadOnlyList<ChangeView> _changes = [];
    private Sight _sight;
    private Side _side;
    private DraftSheet? _base;
    private string? _refusal, _row, _trouble;
    private int _selected, _detailsKey;
    private long _savedEdits, _look, _turn;
    private bool _publishing, _beginning, _wall, _saving, _analysing, _gone;

    [Parameter] public string Id { get; set; } = "";

    private string[] Topics => ["state", "matrix:" + Id, DraftPresence.TopicOf(Id)];
    private bool Dirty => _editor is not null && _editor.Edits != _savedEdits;
    private int Next => (_view?.Versions.Select(v => v.Version).DefaultIfEmpty(0).Max() ?? 0) + 1;

    private string SavedWords => _saveFault is not null ? "Not saved: " + _saveFault.Message
        : _saving ? "Saving…" : Dirty ? "Not saved yet"
        : _editor!.UnreadCells > 0 ? $"Saved, but for {Count(_editor.UnreadCells, "cell", "cells")} that could not be read" : _editor.EmptyRows > 0 ? $"Saved, but for {Count(_editor.EmptyRows, "row", "rows")} without an action" : "Saved";

    /// <summary>Who else has this draft open.</summary>
    private string Others { get; set; } = "";

    /// <summary>Why the draft cannot be published now; null when it can.</summary>
    private string? WhyNot => _view switch
    {
        null => "Loading",
        { MayPublish: false } => "The rollout owner, the risk lead, their deputies or an admin publish.",
        _ when _stale is not null => "Settle first what somebody else saved.",
        { Proposal.Mine: true } when !Dirty => "You proposed it; a second person puts it in force.",
        _ when _editor!.UnreadCells > 0 => $"{Count(_editor.UnreadCells, "cell", "cells")} could not be read.",
        _ when _analysis.Errors.Count > 0 => _analysis.Errors.Count == 1 ? "The analysis found an error." : $"The analysis found {_analysis.Errors.Count} errors.",
        { InForce: not null } when !Dirty => "The draft is in force already.",
        _ => null,
    };

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = await Desk.PageAsync(me, Id, CancellationToken.None);
        _fault = view.Fault;
        if (!view.Ok) return;
        _view = view.Value;
        if (_base is null || (_view.Draft.Version > _base.Version && !_saving))
        {
            var sheet = await Drafts.OpenAsync(me, Id, CancellationToken.None);
            _fault = sheet.Fault;
            if (!sheet.Ok) return;
            if (_base is null) Take(sheet.Value);
            else if (_saving || sheet.Value.Version <= _base.Version) { }   // a save of our own was faster than this look; it looks again when it is through
            else if (Dirty) Merge(sheet.Value);
            else Take(sheet.Value);
        }
        if (!Dirty) Show(_view.Analysis);
        if (_view.MayEdit && !_gone) _seat ??= Presence.Enter(Id, me.Id);
        var others = Presence.In(Id).Where(p => p != me.Id).Select(Drafts.PersonName).ToList();
        Others = others.Count switch { 0 => "", 1 => others[0] + " is editing too", _ => $"{string.Join(", ", others)} are editing too" };
    }

    private void Take(DraftSheet sheet)
    {
        if (_editor is null) _editor = new DraftEditor(sheet.Document, Drafts.Knows);
        else _editor.TakeOver(sheet.Document);
        (_base, _savedEdits, _stale) = (sheet, _editor.Edits, null);
        _people = sheet.People;
        _actions = [.. sheet.Catalogue.Actions.Select(a => a.Action).Concat(sheet.Catalogue.Actions.Where(a => a.Action.Contains('.')).Select(a => a.Action[..a.Action.LastIndexOf('.')] + ".*")).Distinct()];
    }

    /// <summary>Somebody else saved while there is unsaved work here: what does not stand against each other becomes one draft, the rest is asked about.</summary>
    private void Merge(DraftSheet theirs)
    {
        var merge = MatrixMerge.Of(_base!.Document, _editor!.Document, theirs.Document);
        if (merge.Conflicts.Any(c => c.Base is not null)) _stale = theirs;
        else TakeMerged(theirs, merge.Resolve());   // two new rows that happened to get the same id are both wanted
    }

    private void TakeMerged(DraftSheet theirs, MatrixDocument merged)
    {
        _editor!.TakeOver(merged);
        (_base, _stale) = (theirs, null);
        if (MatrixJson.ToJson(merged) == MatrixJson.ToJson(theirs.Document)) _savedEdits = _editor.Edits;
        else _ = ChangedAsync();
    }

    private async Task PressAsync(string key)
    {
        switch (key)
        {
            case "n": await AddAsync(); break;
            case "p": await AskToPublishAsync(); break;
            case "r": _sight = _sight == Sight.Grid ? Sight.Words : Sight.Grid; break;
            case "c": _sight = _sight == Sight.Coverage ? Sight.Grid : Sight.Coverage; break;
            case "t": _side = Side.Try; break;
            case "a": _side = Side.Analysis; break;
        }
    }

    private async Task AddAsync()
    {
        if (_editor is null) return;
        _sight = Sight.Grid;
        var added = _editor.AddRule(null);
        _grid?.Focus(MatrixGrid.RuleKind, added, nameof(RuleColumn.Action), edit: true);
        await ChangedAsync();
    }

    private Task UndoAsync()
    {
        _editor!.Undo();
        return ChangedAsync();
    }

    private Task RedoAsync()
    {
        _editor!.Redo();
        return ChangedAsync();
    }

    private Task SetDefaultAsync(ChangeEventArgs e)
    {
        if (Enum.TryParse<DefaultOutcome>(e.Value as string, out var outcome)) _editor!.SetDefault(outcome);
        return ChangedAsync();
    }

    /// <summary>The editor holds something new: it is analysed and saved when there is a pause.</summary>
    private async Task ChangedAsync()
    {
        _saveFault = null;
        _ = AnalyseAsync(_editor!.Document);
        var turn = ++_turn;
        await Task.Delay(SaveAfter, Time);
        if (turn == _turn && !_gone) await SaveAsync();
    }

    private Task PreviewAsync(MatrixDocument? imagined) => AnalyseAsync(imagined ?? _editor!.Document);

    private async Task AnalyseAsync(MatrixDocument document)
    {
        var look = ++_look;
        await Task.Delay(AnalyseAfter, Time);
        if (look != _look || _gone || await Me.GetAsync() is not { } me) return;
        _analysing = true;
        StateHasChanged();
        var analysis = await Drafts.AnalyseAsync(me, Id, document);
        if (look != _look || _gone) return;
        _analysing = false;
        if (analysis.Ok) Show(analysis.Value);
        StateHasChanged();
    }

    private void Show(AnalysisView analysis)
    {
        _analysis = analysis;
        _troubles = analysis.Errors.Select(f => (Finding: f, IsError: true)).Concat(analysis.Warnings.Select(f => (Finding: f, IsError: false)))
            .Select(f => (Row: f.Finding.Rule ?? (f.Finding.Field is { } at && at.StartsWith("boundaries[", StringComparison.Ordinal) ? at[..(at.IndexOf(']') + 1)] : null), f.Finding.Message, f.IsError)).Where(f => f.Row is not null)
            .GroupBy(f => f.Row!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => new RowTrouble(g.Any(f => f.IsError), string.Join("\n", g.Select(f => VisibleText.Flatten(f.Message)).Distinct().Take(5))), StringComparer.Ordinal);
    }

    private async Task SaveAsync()
    {
        if (_saving || _stale is not null || _editor is null || !Dirty) return;
        var (document, edits) = (_editor.Document, _editor.Edits);
        var json = MatrixJson.ToJson(document);
        if (json == MatrixJson.ToJson(_base!.Document))   // undone again, or nothing but unfinished rows
        {
            _savedEdits = edits;
            return;
        }
        _saving = true;
        try
        {
            var me = await Me.RequireAsync();
            var saved = me.Fault is { } gone ? gone : await Drafts.SaveAsync(me.Value, Id, document, _base.Version);
            if (saved.Fault is { Kind: FaultKind.Stale } && await Drafts.OpenAsync(me.Value, Id, CancellationToken.None) is { Ok: true, Value: var theirs }) Merge(theirs);
            else if (saved.Fault is { } fault) _saveFault = fault;
            else (_base, _savedEdits, _saveFault) = (_base with { Document = document, Version = saved.Value.Version }, edits, null);
        }
        finally
        {
            _saving = false;
        }
        await LoadAsync();
        StateHasChanged();
    }

    private void GoToRow(string id)
    {
        _sight = Sight.Grid;
        _row = id;   // the grid may have to be drawn first
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (_row is not { } row || _grid is null) return;
        _row = null;
        _grid.FocusRow(row);
    }

    private void Try(JsonElement call) => (_call, _side) = (call, Side.Try);

    /// <summary>The examples changed: what they hold the draft to, too.</summary>
    private Task LookAgainAsync() => AnalyseAsync(_editor!.Document);

    private void Paste(PastedText pasted) => _pasted = pasted;

    private Task TakePastedAsync(SheetReading read)
    {
        _editor!.Paste(read.Boundaries, read.Rules, _pasted?.After);
        _pasted = null;
        return ChangedAsync();
    }

    private Task PutAsync(MatrixDocument document)
    {
        _editor!.Put(document);
        return ChangedAsync();
    }

    private Task AppendAsync(MatrixDocument document)
    {
        _editor!.Paste(document.Boundaries, document.Rules, null);
        return ChangedAsync();
    }

    private async Task BeginAsync((MatrixDocument Document, ActionCatalogue Catalogue) worked)
    {
        var me = await Me.RequireAsync();
        var listed = me.Fault is { } gone ? gone : await Importer.ListMissingAsync(me.Value, Id, worked.Catalogue, CancellationToken.None);
        if (listed.Fault is { } fault)
        {
            _trouble = "Nothing was taken over, because its actions could not be listed: " + fault.Message;
            return;
        }
        await PutAsync(worked.Document);
    }

    private async Task WithdrawAsync()
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Versions.WithdrawAsync(me.Value, Id, new WithdrawRequest(null));
        _trouble = done.Fault?.Message;
        await LoadAsync();
    }

    private void OpenDetails(int key) => (_details, _detailsKey) = (_editor!.Rule(key)?.Row, key);

    private async Task ReplaceAsync(MatrixRule rule)
    {
        _details = null;
        _editor!.Replace(_detailsKey, rule);
        await ChangedAsync();
    }

    private async Task AskToPublishAsync()
    {
        await SaveAsync();
        if (WhyNot is not null || Dirty) return;
        _changes = [];
        if (await Me.GetAsync() is { } me && _view!.Versions.Count > 0 && await Versions.DiffAsync(me, Id, VersionDesk.InForce, VersionDesk.Draft, CancellationToken.None) is { Ok: true, Value: var diff }) _changes = diff.Changes;
        (_publishing, _refusal) = (true, null);
    }

    private async Task PublishAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        var published = me.Fault is { } gone ? gone : await Desk.PublishAsync(me.Value, Id, new PublishRequest(reason ?? ""), CancellationToken.None, _base!.Version);
        _refusal = published.Fault?.Message;
        await LoadAsync();
        if (!published.Ok) return;
        _publishing = false;
        Toasts.Done(published.Value.Proposed is null ? $"Version {published.Value.Version} is in force." : "It is proposed. A second person who may publish puts it in force.");
    }

    private static string Count(int n, string one, string many) => n == 1 ? "1 " + one : $"{n} {many}";

    public async ValueTask DisposeAsync()
    {
        _gone = true;
        _seat?.Dispose();
        await SaveAsync();   // whoever leaves before the pause loses nothing
    }
}
