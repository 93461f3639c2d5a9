using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Features.Access;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>A call of any action against the matrix as it stands on the screen: which row decides and why, what tier and gate do, and the examples that must keep their answer.</summary>
public sealed partial class TryIt
{
    private readonly CallForm _form = new();
    private PersonCaller? _me;
    private TryFrame? _frame;
    private CompiledPolicy? _policy;
    private IReadOnlyList<ExampleMark> _marks = [];
    private TryView? _view;
    private Fault? _fault, _gone;
    private MatrixExample? _opened, _removing;
    private ElementReference _actionField;
    private string? _loaded, _called, _refusal, _described;
    private string _name = "", _note = "", _who = "", _gate = "";
    private bool _sketched, _busy, _focus, _more;

    [Parameter, EditorRequired] public string RolloutId { get; set; } = "";
    /// <summary>The matrix to try, saved or not. Another instance is another matrix.</summary>
    [Parameter, EditorRequired] public MatrixDocument Document { get; set; } = MatrixDocument.Empty;
    /// <summary>A call to put into the form, such as the example of a finding; taken whenever it changes.</summary>
    [Parameter] public JsonElement? Call { get; set; }
    [Parameter] public bool MayEdit { get; set; }
    /// <summary>The examples were saved: the analysis may say something else now.</summary>
    [Parameter] public EventCallback OnExamplesChanged { get; set; }
    /// <summary>Shows a rule, by its id, in the grid.</summary>
    [Parameter] public EventCallback<string> OnShowRule { get; set; }
    [Inject] private TryDesk Desk { get; set; } = default!;
    [Inject] private ExampleDesk Examples { get; set; } = default!;
    [Inject] private CurrentPerson Me { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    private string[] Topics => ["state", "matrix:" + RolloutId];

    private IEnumerable<string> Known => _frame!.Catalogue.Actions.Select(a => a.Action).Concat(Document.Rules.Select(r => r.Action)).Where(a => !a.EndsWith('*')).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase);

    protected override async Task OnParametersSetAsync()
    {
        if (!ReferenceEquals(_policy?.Document, Document)) (_policy, _marks) = (Desk.Compile(RolloutId, Document), []);
        if (_loaded != RolloutId) await LoadAsync();
        else Refresh();
        var call = Call?.GetRawText();
        if (call is null || call == _called) _called = call;
        else Show(Call!.Value);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focus || _frame is null) return;
        _focus = false;
        await _actionField.TryFocusAsync();
    }

    /// <summary>Puts a call into the form, also one that was put there before, and the focus with it.</summary>
    public void Show(JsonElement call)
    {
        (_called, _opened, _name, _note, _focus) = (call.GetRawText(), null, "", "", true);
        Take(call);
        StateHasChanged();
    }

    private async Task LoadAsync()
    {
        _me = await Me.GetAsync();
        if (_me is not { } me) return;
        var frame = await Desk.FrameAsync(me, RolloutId, CancellationToken.None);
        _gone = frame.Fault;
        if (!frame.Ok) return;
        (_frame, _loaded, _marks) = (frame.Value, RolloutId, []);
        Refresh();
    }

    // What stands around the form moved: the matrix, the register, the examples.
    private void Refresh()
    {
        if (_frame is null || _policy is null) return;
        if (_marks.Count != _frame.Examples.Items.Count) _marks = [.. _frame.Examples.Items.Select(e => new ExampleMark(e, ExampleChecks.Answer(_policy, e)))];
        Describe();
    }

    private void Take(JsonElement call)
    {
        var action = SchemaFit.Member(call, "action") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : "";
        _form.Load(call, SchemaOf(action));
        _more |= _form.HasMore;   // opened for what stands there, never closed under somebody's hands
        Evaluate();
    }

    /// <summary>Finds the fields for the action; only another schema makes them anew.</summary>
    private void Describe()
    {
        var before = _described;
        var schema = SchemaOf(_form.Action.Trim());
        if (before != _described) _form.Describe(schema);
        Evaluate();
    }

    private JsonElement? SchemaOf(string action)
    {
        var listed = _frame?.Catalogue.Find(action)?.ArgumentsSchema;
        var schema = listed ?? (action.Length == 0 ? null : ArgumentSketch.Of(Document, action));
        (_sketched, _described) = (listed is null, schema?.GetRawText());
        return schema;
    }

    private void Switch()
    {
        _form.Switch();
        Evaluate();
    }

    private void Evaluate()
    {
        (_view, _fault) = (null, null);
        if (_frame is null || _policy is null || _me is not { } me || _form.Action.Trim().Length == 0) return;
        var tier = _who.StartsWith("tier:", StringComparison.Ordinal) ? Enum.Parse<Tier>(_who[5..]) : (Tier?)null;
        Gate? gate = _gate.Length == 0 ? null : Enum.Parse<Gate>(_gate);
        var tried = _form.Read().Then(call => Desk.Try(me, RolloutId, _policy, _frame.Catalogue, call, tier is null && _who.Length > 0 ? _who : null, tier, gate));
        _fault = tried.Fault;
        if (tried.Ok) _view = tried.Value;
    }

    private void Open(MatrixExample example)
    {
        Show(example.Call);
        (_opened, _name, _note) = (example, example.Name, example.Note ?? "");
    }

    /// <param name="was">The example to change; null: a new one.</param>
    private async Task SaveAsync(MatrixExample? was)
    {
        if (_view is not { } view || _busy) return;
        var now = new MatrixExample { Id = was?.Id ?? "", Name = _name.Trim(), Call = view.Call, Expect = view.Decides.Outcome, Note = string.IsNullOrWhiteSpace(_note) ? null : _note.Trim() };
        if (!await ChangeAsync(was, now)) return;
        Toasts.Done($"“{now.Name}”: {ExampleList.Must(now.Expect).ToLowerInvariant()}.");
        (_name, _note, _opened) = ("", "", null);
    }

    private async Task RemoveAsync()
    {
        if (_removing is not { } removing || !await ChangeAsync(removing, null)) return;
        Toasts.Done($"The example {removing.Id} is removed.");
        if (_opened?.Id == removing.Id) _opened = null;
        _removing = null;
    }

    private async Task<bool> ChangeAsync(MatrixExample? was, MatrixExample? now)
    {
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            _refusal = (me.Fault ?? (await Examples.ChangeAsync(me.Value, RolloutId, was, now, CancellationToken.None)).Fault)?.Message;
            await LoadAsync();
            if (_refusal is not null) return false;
            await OnExamplesChanged.InvokeAsync();
            return true;
        }
        finally { _busy = false; }
    }
}
