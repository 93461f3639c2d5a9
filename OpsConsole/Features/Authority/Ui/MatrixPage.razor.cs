using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The matrix of a rollout to read, and its draft as text. What somebody typed is only ever replaced when they ask for it.</summary>
public sealed partial class MatrixPage
{
    private static readonly AnalysisView Nothing = new([], []);
    private MatrixPageView? _view;
    private Fault? _fault, _editFault;
    private AnalysisView? _checked;
    private string? _text, _began, _refusal;
    private long _basedOn;
    private bool _publishing;

    [Parameter] public string Id { get; set; } = "";

    private string[] Topics => ["state", "matrix:" + Id];
    private AnalysisView _shown => _checked ?? _view?.Analysis ?? Nothing;
    private int Next => (_view?.Versions.Select(v => v.Version).DefaultIfEmpty(0).Max() ?? 0) + 1;
    private bool Stale => _text is not null && _view is not null && _view.Draft.Version != _basedOn;
    private IReadOnlySet<string> Troubled => _shown.Errors.Select(e => e.Rule).OfType<string>().ToHashSet();

    /// <summary>Why the draft cannot be published now; null when it can.</summary>
    private string? WhyNot => _view switch
    {
        null => "Loading",
        { MayPublish: false } => "The rollout owner, the risk lead, their deputies or an admin publish.",
        { Analysis.Errors.Count: > 0 } v => v.Analysis.Errors.Count == 1 ? "The analysis found an error." : $"The analysis found {v.Analysis.Errors.Count} errors.",
        { InForce: not null } => "The draft is in force already.",
        _ when _text is not null && _text != _began => "Save or discard what you typed first.",
        _ => null,
    };

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = await Desk.PageAsync(me, Id, CancellationToken.None);
        _fault = view.Fault;
        if (view.Ok) _view = view.Value;
    }

    private void Edit() => TakeTheirs();

    private void TakeTheirs()
    {
        (_text, _began, _basedOn, _editFault, _checked) = (_view!.Pretty, _view.Pretty, _view.Draft.Version, null, null);
    }

    private void Close() => (_text, _began, _editFault, _checked) = (null, null, null, null);

    private async Task CheckAsync()
    {
        var me = await Me.RequireAsync();
        var parsed = StrictJson.Parse(_text);
        var analysis = (me.Fault ?? parsed.Fault) is { } fault ? fault : await Desk.AnalyseAsync(me.Value, Id, parsed.Value, CancellationToken.None);
        _editFault = analysis.Fault;
        _checked = analysis.Ok ? analysis.Value : null;
    }

    /// <param name="over">Save over what somebody else saved in the meantime; the reader has been told.</param>
    private async Task SaveAsync(bool over)
    {
        var me = await Me.RequireAsync();
        var parsed = StrictJson.Parse(_text);
        if ((me.Fault ?? parsed.Fault) is { } bad)
        {
            _editFault = bad;
            return;
        }
        var saved = await Desk.SaveAsync(me.Value, Id, parsed.Value, over ? _view!.Draft.Version : _basedOn);
        _editFault = saved.Fault;
        await LoadAsync();
        if (!saved.Ok) return;
        TakeTheirs();
        Toasts.Done($"The draft is saved as v{saved.Value.Version}.");
    }

    private async Task PublishAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        var published = me.Fault is { } gone ? gone : await Desk.PublishAsync(me.Value, Id, new PublishRequest(reason ?? ""), CancellationToken.None, _view!.Draft.Version);
        _refusal = published.Fault?.Message;
        await LoadAsync();
        if (!published.Ok) return;
        _publishing = false;
        Toasts.Done($"Version {published.Value.Version} is in force.");
    }
}
