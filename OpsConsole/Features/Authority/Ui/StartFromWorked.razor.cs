using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>Chooses a worked matrix and says who decides in place of its placeholders. Lists the actions it is about and takes its examples over; the draft goes to <see cref="OnUse"/> and is saved by nobody here.</summary>
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
    /// <summary>Called with the draft, when its actions and examples are taken over and before the dialog closes.</summary>
    [Parameter] public EventCallback<MatrixDocument> OnUse { get; set; }

    private WorkedMatrix Chosen => _chosen ??= WorkedMatrices.All[0];
    private int Missing => Chosen.Approvers.Count(a => Picked(a).Length == 0);
    /// <summary>Rules whose approvers are all chosen and too few: two approvals need two people.</summary>
    private IReadOnlyList<string> TooFew => _choices is null ? [] : Choices.TooFew(new MatrixDocument { Rules = [.. Chosen.With(Stands).Rules.Where(r => !r.Approvers.Any(StandsIn))] });

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
            var me = await Me.RequireAsync();
            var listed = used.Fault ?? me.Fault ?? (await Importer.StartWithAsync(me.Value, RolloutId, used.Value, CancellationToken.None)).Fault;
            _refusal = listed is null ? null : "Nothing was taken over: " + listed.Message;
            if (listed is not null) return;
            await OnUse.InvokeAsync(used.Value.Document);
            await OpenChanged.InvokeAsync(false);
        }
        finally { _busy = false; }
    }

    private string Stands(string placeholder) => Chosen.Approvers.FirstOrDefault(a => a.Placeholder == placeholder) is { } needed && Picked(needed) is { Length: > 0 } picked ? picked : placeholder;

    private bool StandsIn(string approver) => Chosen.Approvers.Any(a => a.Placeholder == approver && Picked(a) != approver);

    private static string Title(WorkedApprover needed) => Words(needed.Placeholder) is var words ? char.ToUpperInvariant(words[0]) + words[1..].Replace('-', ' ') : "";
    private static string Words(string approver) => ApproverEntry.Bare(approver);
    private static string Plain(string approver) => approver.Replace(' ', '-').Replace('_', '-').ToLowerInvariant();
}
