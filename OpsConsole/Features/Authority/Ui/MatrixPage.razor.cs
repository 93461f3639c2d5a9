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
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(1);
    private const string Folded = "opsconsole-matrix-folded";

    private MatrixGrid? _grid;
    private PublishDraft? _publish;
    private MatrixPageView? _view;
    private DraftSession? _session;
    private DraftAnalysis? _analysis;
    private DraftFrame? _frame;
    private DraftSheet? _putOff;
    private AnalysisView? _stored;
    private Fault? _fault;
    private MatrixRule? _details;
    private OpsConsole.Platform.Realtime.Presence.Seat? _seat;
    private PastedText? _pasted;
    private JsonElement? _call;
    private Sight _sight;
    private Side _side;
    private int? _added;
    private string? _row, _begun, _trouble, _shown, _reader;
    private string _others = "";
    private int _selected, _detailsKey;
    private long _turn;
    private bool _beginning, _wall, _folded, _gone;

    [Parameter] public string Id { get; set; } = "";
    /// <summary>The row to begin at.</summary>
    [SupplyParameterFromQuery] private string? Row { get; set; }
    /// <summary>The week whose review asked for a change.</summary>
    [SupplyParameterFromQuery] private string? Review { get; set; }

    private DraftEditor Editor => _session!.Editor;
    private bool Dirty => _session is { Dirty: true };
    /// <summary>Asked about what somebody else saved; 'not now' holds as long as the work here is based on the same.</summary>
    private bool Merging => !ReferenceEquals(_putOff, _session!.Base);
    private string By => _frame!.Origin.ById is { } by ? by == _reader ? " by you" : " by " + VisibleText.Flatten(Drafts.PersonName(by)) : "";
    private DraftStanding Standing => new(_view!, _session!, _analysis!);

    protected override async Task OnParametersSetAsync()
    {
        if (_shown != Id)   // another rollout in the same page: what is here is brought to its end first
        {
            await LeaveAsync();
            _analysis?.Dispose();
            var id = _shown = Id;
            (_view, _session, _frame, _stored, _putOff, _trouble) = (null, null, null, null, null, null);
            _analysis = new DraftAnalysis(async (document, ct) => await Me.GetAsync() is { } me ? await Drafts.AnalyseAsync(me, id, document, ct) : SignedOut, Time, () => { if (!_gone) StateHasChanged(); });
        }
        await LoadAsync();
        if (_view is not null && Row is { Length: > 0 } row && _begun != row) GoToRow(_begun = row);
    }

    /// <summary>Reads what stands in the database. Saves of this page come back as signals, like everybody else's, so that each version is read once.</summary>
    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var id = Id;
        var view = await Desk.PageAsync(me, id, CancellationToken.None);
        var frame = view.Fault is { } hidden ? hidden : await Drafts.FrameAsync(me, id, view.Value.Draft.Version, CancellationToken.None);
        _fault = frame.Fault;
        if (!frame.Ok || id != Id) return;
        if (_view is { Proposal: not null } before && view.Value.Proposal is null && view.Value.Versions.Count == before.Versions.Count) Toasts.Done("The proposal is gone: the draft was changed, or it was taken back.");
        (_view, _frame, _reader) = (view.Value, frame.Value, me.Id);
        var sheet = new DraftSheet(_view.Document, _view.Draft.Version, _frame.By);
        _session ??= new DraftSession(sheet, (document, basedOn) => SaveAsAsync(id, document, basedOn), () => OpenAsAsync(id), Drafts.Knows);
        _session.See(sheet);
        if (Dirty)
        {
            if (_session is { Fault: not null, Saving: false }) Behind(SaveAsync);   // what could not be saved may be possible again
        }
        else if (!_analysis!.Looking && !ReferenceEquals(_stored, _view.Analysis)) _analysis.Show(_stored = _view.Analysis);
        if (_view.MayEdit && !_gone) _seat ??= Presence.Enter(DraftDesk.EditorsTopic(id), me.Id);
        SeeOthers();
    }

    private void SeeOthers()
    {
        var others = Presence.In(DraftDesk.EditorsTopic(Id)).Select(p => p.PersonId).Distinct().Where(p => p != _reader).Select(Drafts.PersonName).ToList();
        _others = others.Count switch { 0 => "", 1 => others[0] + " is editing too", _ => $"{string.Join(", ", others)} are editing too" };
    }

    private async Task<Result<MatrixDraft>> SaveAsAsync(string id, MatrixDocument document, long basedOn) =>
        await Me.RequireAsync() is { Ok: true, Value: var me } ? await Drafts.SaveAsync(me, id, document, basedOn) : SignedOut;

    private static Fault SignedOut => new(FaultKind.Unauthenticated, "session.ended", "you are no longer signed in. What you typed is kept here; sign in again in another tab.");

    private async Task<Result<DraftSheet>> OpenAsAsync(string id) => await Me.GetAsync() is { } me ? await Drafts.OpenAsync(me, id, CancellationToken.None) : Fault.NotFound("rollout");

    private async Task PressAsync(string key)
    {
        switch (key)
        {
            case "n": Add(); break;
            case "p": await AskToPublishAsync(); break;
            case "r": _sight = _sight == Sight.Grid ? Sight.Words : Sight.Grid; break;
            case "c": _sight = _sight == Sight.Coverage ? Sight.Grid : Sight.Coverage; break;
            case "t": await BesideAsync(Side.Try); break;
            case "a": await BesideAsync(Side.Analysis); break;
            case "s": await FoldAsync(!_folded); break;
        }
    }

    private Task BesideAsync(Side side)
    {
        _side = side;
        return _folded ? FoldAsync(false) : Task.CompletedTask;
    }

    /// <summary>The grid takes the room of the side panel; this browser remembers it.</summary>
    private async Task FoldAsync(bool folded)
    {
        _folded = folded;
        await Js.RememberAsync(Folded, folded ? "yes" : "no");
    }

    private void Add()
    {
        _sight = Sight.Grid;
        Edit(e => _added = e.AddRule(null));   // the grid may have to be drawn first
    }

    private void Edit(Action<DraftEditor> change)
    {
        change(Editor);
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

    private void Preview(MatrixDocument? imagined) => Behind(() => _analysis!.LookAsync(imagined ?? Editor.Document));

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

    private async Task SaveAsync()
    {
        if (_session is not { } session) return;
        var saving = session.SaveAsync();
        if (!_gone) StateHasChanged();
        await saving;
        if (_gone || session != _session) return;
        if (session.Fault is null && _view!.Draft.Version > session.Base.Version) await LoadAsync();   // somebody saved in the same moment, and it was read while ours ran
        StateHasChanged();
    }

    private void GoToRow(string id)
    {
        _sight = Sight.Grid;
        _row = id;   // the grid may have to be drawn first
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_grid is not null)
        {
            if (_added is { } added) _grid.Focus(MatrixGrid.RuleKind, added, nameof(RuleColumn.Action), edit: true);
            if (_row is { } row) _grid.FocusRow(row);
            (_added, _row) = (null, null);
        }
        if (!firstRender) return;
        _folded = await Js.RecallAsync(Folded) == "yes";
        if (_folded) StateHasChanged();
    }

    private async Task TryAsync(JsonElement call)
    {
        _call = call;
        await BesideAsync(Side.Try);
    }

    /// <summary>The examples changed: what they hold the draft to, too.</summary>
    private void LookAgain() => Preview(Editor.Document);

    private void TakePasted(SheetReading read)
    {
        Edit(e => e.Paste(read.Boundaries, read.Rules, _pasted?.After));
        _pasted = null;
    }

    private async Task WithdrawAsync()
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Versions.WithdrawAsync(me.Value, Id, new WithdrawRequest(null));
        _trouble = done.Fault?.Message;
        await LoadAsync();
    }

    private void OpenDetails(int key) => (_details, _detailsKey) = (Editor.Rule(key)?.Row, key);

    /// <summary>Only what was changed in the form: what somebody else changed in the row meanwhile stays. A row that somebody removed meanwhile comes back as it was filled in, because that was asked for.</summary>
    private void Replace(MatrixRule rule)
    {
        if (Editor.Rule(_detailsKey) is { } now) Edit(e => e.Replace(_detailsKey, RuleFields.Differing(_details!, rule).Aggregate(now.Row, (row, field) => RuleFields.Take(row, rule, field))));
        else
        {
            Edit(e => e.Paste([], [rule], null));
            Toasts.Done("Somebody removed this row meanwhile. Yours stands at the end of the draft.");
        }
        _details = null;
    }

    private async Task AskToPublishAsync()
    {
        await SaveAsync();
        if (!Standing.Current) await LoadAsync();
        if (Standing.WhyNot is { } why)
        {
            Toasts.Done(why);
            return;
        }
        if (!Dirty) await _publish!.AskAsync(_session!.Base.Version);
    }

    public async ValueTask DisposeAsync()
    {
        _gone = true;
        _analysis?.Dispose();
        await LeaveAsync();
    }

    /// <summary>Whoever leaves before the pause loses nothing, nor does whoever leaves before they have chosen.</summary>
    private async Task LeaveAsync()
    {
        _seat?.Dispose();
        _seat = null;
        if (_session is { } session) await session.LeaveAsync();
    }
}
