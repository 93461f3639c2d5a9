using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Ui.Shared;
using Verdict = OpsConsole.Core.Approvals.Verdict;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Other arguments, then yes: first the form or the text, then what it changes field by field and what the rules would say, then it is sent.</summary>
public sealed partial class EditDialog
{
    private readonly string _box = $"edit-{Guid.NewGuid():N}";
    private ArgumentForm? _form;
    private string _why = "";
    private string? _wrong;
    private JsonElement? _edited;
    private EditPreview? _preview;
    private IReadOnlyList<FieldChange> _changes = [];
    private IReadOnlyList<string> _hints = [];
    private ApprovalView? _of;
    private ElementReference _draft, _review;
    private bool _busy, _focus;

    [Parameter] public bool Open { get; set; }
    [Parameter] public EventCallback<bool> OpenChanged { get; set; }
    [Parameter, EditorRequired] public ApprovalView View { get; set; } = default!;
    [Parameter] public string? MeId { get; set; }
    /// <summary>What the register says the arguments look like; null where it says nothing.</summary>
    [Parameter] public JsonElement? Schema { get; set; }
    /// <summary>Sends the verdict; a fault keeps the dialog open and is shown in it.</summary>
    [Parameter, EditorRequired] public Func<VerdictRequest, Task<Fault?>> Decide { get; set; } = default!;
    [Inject] private EditPreviewer Previewer { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;

    private bool Over => View.Status != "pending";
    private string What => ApprovalCard.What(_of ?? View);

    protected override void OnParametersSet()
    {
        if (!Open) _of = null;
        else if (_of is null)
        {
            // What is edited is what was on screen when the dialog opened; a newer version is refused as stale, not silently taken over.
            (_of, _form, _why, _wrong, _edited, _changes) = (View, new ArgumentForm(View.Arguments, Schema), "", null, null, []);
        }
    }

    private void Switch()
    {
        _wrong = _form!.Switch()?.Message;
        _focus = true;
    }

    private async Task ReviewAsync()
    {
        if (_busy || _of is not { } of || _form is not { } form) return;
        var read = form.Read();
        _wrong = read.Fault?.Message;
        if (!read.Ok) return;
        _busy = true;
        try
        {
            var me = await Person.RequireAsync();
            var preview = me.Fault is { } gone ? gone : await Previewer.OfAsync(me.Value, of, read.Value, CancellationToken.None);
            (_edited, _changes, _hints, _preview, _focus) = (read.Value, ArgumentDraft.Compare(of.Arguments, read.Value), form.Hints(read.Value), preview.Ok ? preview.Value : null, true);
            _wrong = _changes.Count == 0 ? "Nothing differs from what the agent asked. Go back and change it, or approve it as it is." : preview.Fault?.Message;
        }
        finally
        {
            _busy = false;
        }
    }

    private void Back() => (_edited, _preview, _wrong, _focus) = (null, null, null, true);

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
