using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;
using Verdict = OpsConsole.Core.Approvals.Verdict;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Other arguments, then yes: first the text, then what it changes field by field, then it is sent.</summary>
public sealed partial class EditDialog
{
    private readonly string _box = $"edit-{Guid.NewGuid():N}";
    private string _text = "", _why = "";
    private string? _wrong;
    private JsonElement? _edited;
    private IReadOnlyList<FieldChange> _changes = [];
    private ApprovalView? _of;
    private ElementReference _draft, _review;
    private bool _busy, _focus;

    [Parameter] public bool Open { get; set; }
    [Parameter] public EventCallback<bool> OpenChanged { get; set; }
    [Parameter, EditorRequired] public ApprovalView View { get; set; } = default!;
    [Parameter] public string? MeId { get; set; }
    /// <summary>Sends the verdict; a fault keeps the dialog open and is shown in it.</summary>
    [Parameter, EditorRequired] public Func<VerdictRequest, Task<Fault?>> Decide { get; set; } = default!;

    private bool Over => View.Status != "pending";
    private string What => ApprovalCard.What(_of ?? View);

    protected override void OnParametersSet()
    {
        if (!Open) _of = null;
        else if (_of is null)
        {
            // What is edited is what was on screen when the dialog opened; a newer version is refused as stale, not silently taken over.
            (_of, _text, _why, _wrong, _edited, _changes) = (View, ArgumentDraft.Spell(View.Arguments), "", null, null, []);
        }
    }

    private void Review()
    {
        var read = ArgumentDraft.Read(_text);
        _wrong = read.Fault?.Message;
        if (!read.Ok || _of is null) return;
        (_edited, _changes) = (read.Value, ArgumentDraft.Compare(_of.Arguments, read.Value));
        _focus = true;
        if (_changes.Count == 0) _wrong = "Nothing differs from what the agent asked. Go back and change it, or approve it as it is.";
    }

    private void Back() => (_edited, _wrong, _focus) = (null, null, true);

    // The button that was pressed is gone with its step: the keyboard goes on at the head of the one that came.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focus) return;
        _focus = false;
        await (_edited is null ? _draft : _review).TryFocusAsync();
    }

    private async Task SendAsync()
    {
        if (_busy || _edited is not { } arguments || _of is null) return;
        _busy = true;
        try
        {
            _wrong = (await Decide(new VerdictRequest(Verdict.Edit, string.IsNullOrWhiteSpace(_why) ? null : _why.Trim(), null, arguments, _of.Version)))?.Message;
        }
        finally
        {
            _busy = false;
        }
        if (_wrong is null) await OpenChanged.InvokeAsync(false);
    }
}
