using System.Data.Common;
using System.Net.Sockets;
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
    private DraftSession? _session;
    private Fault? _fault;
    private AnalysisView _analysis = Nothing;
    private Dictionary<string, RowTrouble> _troubles = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _actions = [];
    private IReadOnlyList<ApproverChoice> _people = [];
    private MatrixRule? _details;
    private IDisposable? _seat;
    private PastedText? _pasted;
    private JsonElement? _call;
    private IReadOnlyList<ChangeView> _changes = [];
    private Sight _sight;
    private Side _side;
    private ActionCatalogue _catalogue = ActionCatalogue.Empty;
    private int? _added;
    private string? _refusal, _row, _trouble, _unanalysed, _shown;
    private int _selected, _detailsKey;
    private long _look, _turn, _asked;
    private bool _publishing, _beginning, _wall, _later, _analysing, _gone;

    [Parameter] public string Id { get; set; } = "";

    private string[] Topics => ["state", "matrix:" + Id, DraftPresence.TopicOf(Id)];
    private DraftEditor Editor => _session!.Editor;
    private bool Dirty => _session is { Dirty: true };
    private int Next => (_view?.Versions.Select(v => v.Version).DefaultIfEmpty(0).Max() ?? 0) + 1;

    private bool OnlyProposes => _view is { SecondPublisher: true, Proposal: null };
    private string Verb => OnlyProposes ? $"Propose version {Next}" : $"Publish version {Next}";
    private string Size => $"{Count(Editor.Document.Rules.Count, "rule", "rules")}, {Count(Editor.Document.Boundaries.Count, "boundary", "boundaries")}";

    /// <summary>With the cells that were not understood: the analysis can only look at what stood there before.</summary>
    private AnalysisView WithUnread => Editor.UnreadCells == 0 ? _analysis : new([.. Editor.Rules.SelectMany(r => r.Unread.Select(u => new FindingView("cell.unread", $"{r.Row.Id}, {u.Key}: “{u.Value.Text}” was not understood, and the row still says what it said before. {u.Value.Problem}", r.Row.Id, null, null, null))), .. _analysis.Errors], _analysis.Warnings);

    private string SavedWords => _session!.Fault is { } fault ? "Not saved: " + fault.Message
        : _session.Saving ? "Saving…" : Dirty ? "Not saved yet"
        : Editor.UnreadCells > 0 ? $"Saved, but for {Count(Editor.UnreadCells, "cell", "cells")} that could not be read" : Editor.EmptyRows > 0 ? $"Saved, but for {Count(Editor.EmptyRows, "row", "rows")} without an action" : "Saved";

    /// <summary>Who else has this draft open.</summary>
    private string Others { get; set; } = "";

    /// <summary>Why the draft cannot be published now; null when it can.</summary>
    private string? WhyNot => _view switch
    {
        null => "Loading",
        { MayPublish: false } => "The rollout owner, the risk lead, their deputies or an admin publish.",
        _ when _session!.Stale is not null => "Settle first what somebody else saved.",
        { Proposal.Mine: true } when !Dirty => "You proposed it; a second person puts it in force.",
        _ when Editor.UnreadCells > 0 => $"{Count(Editor.UnreadCells, "cell", "cells")} could not be read.",
        _ when _unanalysed is not null => "The draft could not be analysed.",
        _ when _analysis.Errors.Count > 0 => _analysis.Errors.Count == 1 ? "The analysis found an error." : $"The analysis found {_analysis.Errors.Count} errors.",
        { InForce: not null } when !Dirty => "The draft is in force already.",
        _ => null,
    };

    protected override async Task OnParametersSetAsync()
    {
        if (_shown != Id)   // another rollout in the same page: what is here is brought to its end first
        {
            await LeaveAsync();
            (_shown, _view, _session, _analysis, _troubles, _trouble) = (Id, null, null, Nothing, [], null);
        }
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = await Desk.PageAsync(me, Id, CancellationToken.None);
        _fault = view.Fault;
        if (!view.Ok) return;
        if (_view is { Proposal: not null } before && view.Value.Proposal is null && view.Value.Versions.Count == before.Versions.Count) Toasts.Done("The proposal is gone: the draft was changed, or it was taken back.");
        _view = view.Value;
        var sheet = await Drafts.OpenAsync(me, Id, CancellationToken.None);
        _fault = sheet.Fault;
        if (!sheet.Ok) return;
        var id = Id;
        _session ??= new DraftSession(sheet.Value, (document, basedOn) => SaveAsAsync(id, document, basedOn), () => OpenAsAsync(id), Drafts.Knows);
        _session.See(sheet.Value);
        _people = sheet.Value.People;
        _catalogue = sheet.Value.Catalogue;
        _actions = [.. _catalogue.Actions.Select(a => a.Action).Concat(_catalogue.Actions.Where(a => a.Action.Contains('.')).Select(a => a.Action[..a.Action.LastIndexOf('.')] + ".*")).Distinct()];
        if (!Dirty) Show(_view.Analysis);
        else if (_session is { Fault: not null, Saving: false }) Behind(SaveAsync);   // what could not be saved may be possible again
        if (_view.MayEdit && !_gone) _seat ??= Presence.Enter(Id, me.Id);
        var others = Presence.In(Id).Where(p => p != me.Id).Select(Drafts.PersonName).ToList();
        Others = others.Count switch { 0 => "", 1 => others[0] + " is editing too", _ => $"{string.Join(", ", others)} are editing too" };
    }

    private async Task<Result<MatrixDraft>> SaveAsAsync(string id, MatrixDocument document, long basedOn) =>
        await Me.RequireAsync() is { Ok: true, Value: var me } ? await Drafts.SaveAsync(me, id, document, basedOn) : new Fault(FaultKind.Unauthenticated, "session.ended", "you are no longer signed in. What you typed is kept here; sign in again in another tab.");

    private async Task<Result<DraftSheet>> OpenAsAsync(string id) => await Me.GetAsync() is { } me ? await Drafts.OpenAsync(me, id, CancellationToken.None) : Fault.NotFound("rollout");

    private async Task PressAsync(string key)
    {
        switch (key)
        {
            case "n": Add(); break;
            case "p": await AskToPublishAsync(); break;
            case "r": _sight = _sight == Sight.Grid ? Sight.Words : Sight.Grid; break;
            case "c": _sight = _sight == Sight.Coverage ? Sight.Grid : Sight.Coverage; break;
            case "t": _side = Side.Try; break;
            case "a": _side = Side.Analysis; break;
        }
    }

    private void Add()
    {
        _sight = Sight.Grid;
        _added = Editor.AddRule(null);   // the grid may have to be drawn first
        Changed();
    }

    private void Undo()
    {
        Editor.Undo();
        Changed();
    }

    private void Redo()
    {
        Editor.Redo();
        Changed();
    }

    private void SetDefault(ChangeEventArgs e)
    {
        if (Enum.TryParse<DefaultOutcome>(e.Value as string, out var outcome)) Editor.SetDefault(outcome);
        Changed();
    }

    /// <summary>The editor holds something new: it is analysed and saved when there is a pause.</summary>
    private void Changed()
    {
        _trouble = null;
        Preview(Editor.Document);
        var turn = ++_turn;
        Behind(async () =>
        {
            await Task.Delay(SaveAfter, Time);
            if (turn == _turn && !_gone) await SaveAsync();
        });
    }

    private void Preview(MatrixDocument? imagined) => Behind(() => AnalyseAsync(imagined ?? Editor.Document));

    /// <summary>Goes on beside whatever the reader does; what goes wrong reaches the page.</summary>
    private async void Behind(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (!_gone)
        {
            await DispatchExceptionAsync(e);
        }
        catch (Exception) { /* the page left meanwhile; nobody waits for this */ }
    }

    private async Task AnalyseAsync(MatrixDocument document)
    {
        var look = ++_look;
        await Task.Delay(AnalyseAfter, Time);
        if (look != _look || _gone || await Me.GetAsync() is not { } me) return;
        _analysing = true;
        StateHasChanged();
        try
        {
            var analysis = await Drafts.AnalyseAsync(me, Id, document);
            if (look != _look || _gone) return;
            _unanalysed = analysis.Fault?.Message;
            if (analysis.Ok) Show(analysis.Value);
        }
        catch (Exception e) when (e is DbException or SocketException or TimeoutException or IOException)
        {
            if (look == _look) _unanalysed = "The database cannot be reached at the moment.";
        }
        finally
        {
            if (look == _look) _analysing = false;
        }
        if (!_gone) StateHasChanged();
    }

    private void Show(AnalysisView analysis)
    {
        (_analysis, _unanalysed) = (analysis, null);
        _troubles = analysis.Errors.Select(f => (Finding: f, IsError: true)).Concat(analysis.Warnings.Select(f => (Finding: f, IsError: false)))
            .Select(f => (Row: f.Finding.Rule ?? (f.Finding.Field is { } at && at.StartsWith("boundaries[", StringComparison.Ordinal) ? at[..(at.IndexOf(']') + 1)] : null), f.Finding.Message, f.IsError)).Where(f => f.Row is not null)
            .GroupBy(f => f.Row!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => new RowTrouble(g.Any(f => f.IsError), string.Join("\n", g.Select(f => VisibleText.Flatten(f.Message)).Distinct().Take(5))), StringComparer.Ordinal);
    }

    private async Task SaveAsync()
    {
        if (_session is not { } session) return;
        var saving = session.SaveAsync();
        if (!_gone) StateHasChanged();
        await saving;
        if (_gone || session != _session) return;
        if (session.Fault is null) await LoadAsync();
        StateHasChanged();
    }

    private void Settle(MatrixDocument merged)
    {
        _session!.Settle(merged);
        Changed();
    }

    private void GoToRow(string id)
    {
        _sight = Sight.Grid;
        _row = id;   // the grid may have to be drawn first
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (_grid is null) return;
        if (_added is { } added) _grid.Focus(MatrixGrid.RuleKind, added, nameof(RuleColumn.Action), edit: true);
        if (_row is { } row) _grid.FocusRow(row);
        (_added, _row) = (null, null);
    }

    private void Try(JsonElement call) => (_call, _side) = (call, Side.Try);

    /// <summary>The examples changed: what they hold the draft to, too.</summary>
    private void LookAgain() => Preview(Editor.Document);

    private void Paste(PastedText pasted) => _pasted = pasted;

    private void TakePasted(SheetReading read)
    {
        Editor.Paste(read.Boundaries, read.Rules, _pasted?.After);
        _pasted = null;
        Changed();
    }

    private void Put(MatrixDocument document)
    {
        Editor.Put(document);
        Changed();
    }

    private void Append(MatrixDocument document)
    {
        Editor.Paste(document.Boundaries, document.Rules, null);
        Changed();
    }

    private async Task BeginAsync(WorkedStart worked)
    {
        var me = await Me.RequireAsync();
        var listed = me.Fault is { } gone ? gone : await Importer.StartWithAsync(me.Value, Id, worked, CancellationToken.None);
        if (listed.Fault is { } fault)
        {
            _trouble = "The rows were not taken over, because its actions or examples could not be: " + fault.Message;
            return;
        }
        Put(worked.Document);
    }

    private async Task WithdrawAsync()
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Versions.WithdrawAsync(me.Value, Id, new WithdrawRequest(null));
        _trouble = done.Fault?.Message;
        await LoadAsync();
    }

    private void OpenDetails(int key) => (_details, _detailsKey) = (Editor.Rule(key)?.Row, key);

    /// <summary>Only what was changed in the form: what somebody else changed in the row meanwhile stays.</summary>
    private void Replace(MatrixRule rule)
    {
        if (Editor.Rule(_detailsKey) is { } now) Editor.Replace(_detailsKey, RuleFields.Differing(_details!, rule).Aggregate(now.Row, (row, field) => RuleFields.Take(row, rule, field)));
        _details = null;
        Changed();
    }

    /// <summary>Arguments that the register describes for the actions of this row.</summary>
    private IReadOnlyList<string> ArgumentsOf(MatrixRule? rule) => rule is null || !ActionPattern.TryParse(rule.Action, out var pattern) ? []
        : [.. _catalogue.Actions.Where(a => pattern.Covers(a.Action.ToLowerInvariant())).SelectMany(a => a.ArgumentsSchema is { } schema && schema.TryGetProperty("properties", out var p) && p.ValueKind == JsonValueKind.Object ? p.EnumerateObject().Select(x => x.Name) : []).Distinct().Take(100)];

    private async Task AskToPublishAsync()
    {
        await SaveAsync();
        if (WhyNot is { } why)
        {
            Toasts.Done(why);
            return;
        }
        if (Dirty) return;
        (_changes, _asked) = ([], _session!.Base.Version);   // before the difference is read: what is saved between the two is refused, not published unseen
        if (await Me.GetAsync() is { } me && _view!.Versions.Count > 0 && await Versions.DiffAsync(me, Id, VersionDesk.InForce, VersionDesk.Draft, CancellationToken.None) is { Ok: true, Value: var diff }) _changes = diff.Changes;
        (_publishing, _refusal) = (true, null);
    }

    private async Task PublishAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        var published = me.Fault is { } gone ? gone : await Desk.PublishAsync(me.Value, Id, new PublishRequest(reason ?? ""), CancellationToken.None, _asked);   // what was shown when it was asked, not what somebody saved since
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
        await LeaveAsync();
    }

    /// <summary>Whoever leaves before the pause loses nothing, nor does whoever leaves before they have chosen.</summary>
    private async Task LeaveAsync()
    {
        _seat?.Dispose();
        _seat = null;
        if (_session is not { } session) return;
        if (session.Saving) await session.SaveAsync();
        session.SettleWithBoth();
        await session.SaveAsync();
    }
}
