using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>Chooses a worked matrix and says who decides in place of its placeholders. Saves nothing: the result goes to <see cref="OnUse"/>.</summary>
public sealed partial class StartFromWorked
{
    private readonly Dictionary<string, string> _picked = new(StringComparer.Ordinal);
    private IReadOnlyList<ApproverChoice>? _choices;
    private WorkedMatrix? _chosen;
    private string? _fault, _refusal;
    private bool _busy, _wasOpen;

    [Parameter, EditorRequired] public string RolloutId { get; set; } = "";
    [Parameter] public bool Open { get; set; }
    [Parameter] public EventCallback<bool> OpenChanged { get; set; }
    /// <summary>Called with what to begin with, before the dialog closes.</summary>
    [Parameter] public EventCallback<WorkedStart> OnUse { get; set; }

    private WorkedMatrix Chosen => _chosen ??= WorkedMatrices.All[0];
    private int Missing => Chosen.Approvers.Count(a => Picked(a).Length == 0);

    protected override async Task OnParametersSetAsync()
    {
        if (Open && !_wasOpen)
        {
            _wasOpen = true;
            _picked.Clear();
            await LoadAsync();
        }
        _wasOpen = Open;
    }

    private async Task LoadAsync()
    {
        _refusal = null;
        var me = await Me.RequireAsync();
        var choices = me.Fault is { } nobody ? nobody : Choices.List(me.Value, RolloutId);
        _choices = choices.Ok ? choices.Value : null;
        _fault = choices.Fault?.Message;
    }

    private void Choose(WorkedMatrix worked) => (_chosen, _refusal) = (worked, null);

    // A group of the placeholder's name is the likely one, until something else is chosen.
    private string Picked(WorkedApprover needed) => _picked.TryGetValue(needed.Placeholder, out var picked) ? picked : _choices?.FirstOrDefault(c => Plain(c.Approver) == Plain(needed.Placeholder))?.Approver ?? "";

    private async Task UseAsync()
    {
        if (_busy) return;
        _busy = true;
        try
        {
            var used = WorkedMatrices.Use(Chosen.Name, Chosen.Approvers.ToDictionary(a => a.Placeholder, Picked));
            _refusal = used.Fault?.Message;
            if (!used.Ok) return;
            await OnUse.InvokeAsync(used.Value);
            await OpenChanged.InvokeAsync(false);
        }
        finally { _busy = false; }
    }

    private string Stands(string placeholder) => Chosen.Approvers.FirstOrDefault(a => a.Placeholder == placeholder) is { } needed && Picked(needed) is { Length: > 0 } picked ? picked : placeholder;

    private static string Title(WorkedApprover needed) => Words(needed.Placeholder) is var words ? char.ToUpperInvariant(words[0]) + words[1..].Replace('-', ' ') : "";
    private static string Words(string approver) => ApproverEntry.Bare(approver);
    private static string Plain(string approver) => approver.Replace(' ', '-').Replace('_', '-').ToLowerInvariant();
}
