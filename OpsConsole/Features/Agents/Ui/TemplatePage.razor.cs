using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Agents.Ui;

/// <summary>One template: read by everybody, written by facilitators and admins. What somebody types is never replaced by what others save.</summary>
public sealed partial class TemplatePage
{
    private static readonly string[] Topics = ["state", TemplateDesk.Topic];
    private const int Shown = 20;
    private static readonly PageKey[] Keys = [new("n", "Add a line")];
    private readonly Dictionary<TemplateLineForm, ElementReference> _capabilities = [];
    private ElementReference _add;
    private TemplateLineForm? _fresh;
    private string? _shown, _refusal, _started;
    private Fault? _fault, _wrong;
    private TemplateView? _view;
    private Wire.Page<TemplateChangeView>? _changes;
    private TemplateForm? _form;
    private int? _basedOn;
    private bool _mayEdit, _busy, _toAdd;

    /// <summary>The template, or <c>new</c>.</summary>
    [Parameter] public string Id { get; set; } = "";

    private bool Editable => _mayEdit && _view?.ArchivedAt is null;
    private bool Moved => _view is not null && _basedOn != _view.Version;

    protected override Task OnParametersSetAsync()
    {
        if (_shown != Id) (_form, _view, _changes, _basedOn, _refusal, _wrong, _shown) = (null, null, null, null, null, null, Id);
        return LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        var (fresh, toAdd) = (_fresh, _toAdd);
        (_fresh, _toAdd) = (null, false);
        if (fresh is not null && _capabilities.TryGetValue(fresh, out var field)) await field.TryFocusAsync();
        else if (toAdd) await _add.TryFocusAsync();
    }

    /// <summary>What is being saved here is not somebody else's.</summary>
    private Task RefreshAsync() => _busy ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var mayNot = Desk.MayEdit(me);
        _mayEdit = mayNot is null;
        if (Id == "new")
        {
            _fault = mayNot;
            if (_form is null) Start(null);
            return;
        }
        var view = await Desk.GetAsync(Id, CancellationToken.None);
        _fault = view.Fault;
        if (!view.Ok) return;
        _view = view.Value;
        _changes = await History.ListAsync(Id, new PageQuery(null, Shown), CancellationToken.None) is { Ok: true, Value: var changes } ? changes : null;
        if (_form is null || Typed == _started) Start(_view);
    }

    private string Typed => $"{_form!.Name}\n{_form.Description}\n{_form.Request().Lines.GetRawText()}";

    private void Start(TemplateView? view)
    {
        (_form, _basedOn, _refusal, _wrong) = (TemplateForm.Of(view), view?.Version, null, null);
        _started = Typed;
    }

    private void TakeTheirs() => Start(_view);

    private async Task OlderAsync(string after)
    {
        if (_changes is { } shown && await History.ListAsync(Id, new PageQuery(after, PageQuery.MaxLimit), CancellationToken.None) is { Ok: true, Value: var older }) _changes = new([.. shown.Items, .. older.Items], older.Next);
    }

    private static string Said(TemplateChangeView change) => change.Change switch { "created" => $"Version {change.Version}, written", "changed" => $"Version {change.Version}", "archived" => "Archived", _ => "Brought back" };

    private void Press(string key)
    {
        if (key == "n") Add();
    }

    private void Add()
    {
        if (_form is null || _form.Lines.Count >= TemplateLines.MaxLines) return;
        _form.Lines.Add(_fresh = new TemplateLineForm());
        _wrong = null;
    }

    private void Remove(TemplateLineForm line)
    {
        _form!.Lines.Remove(line);
        _capabilities.Remove(line);
        (_wrong, _toAdd) = (null, true);
    }

    private async Task SaveAsync()
    {
        if (_busy || _form is not { } form) return;
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var saved = me.Fault is { } gone ? gone : _view is null ? await Desk.CreateAsync(me.Value, form.Request()) : await Desk.ChangeAsync(me.Value, _view.Id, form.Request(), _basedOn);
            (_wrong, _refusal) = (saved.Fault, saved.Fault is { } fault ? TemplateForm.Say(fault) : null);
            if (!saved.Ok)
            {
                if (saved.Fault!.Code == "template.stale") await LoadAsync();
                return;
            }
            Toasts.Done($"{saved.Value.Name} is saved as version {saved.Value.Version}. No agent's tiers have changed.");
            Navigation.NavigateTo("/templates");
        }
        finally { _busy = false; }
    }

    private async Task RestoreAsync()
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.ArchiveAsync(me.Value, Id, archived: false);
        _fault = done.Fault;
        await LoadAsync();
    }

    private string? Wrong(string field) => _wrong?.Field == field ? "true" : null;
    private string? Wrong(int line, string field) => TemplateForm.LineOf(_wrong) is ({ } at, var name) && at == line && (name == field || name.StartsWith(field + "[", StringComparison.Ordinal)) ? "true" : null;

    private static IEnumerable<Tier> Above(Tier tier) => Enum.GetValues<Tier>().Where(t => t > tier);

    private static string Least(TemplateLineForm line)
        => double.TryParse(line.Target, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= AdvanceCriteria.MaxTarget * 100 ? AdvanceCriteria.LeastSample(percent / 100).ToString(CultureInfo.InvariantCulture) : "";
}
