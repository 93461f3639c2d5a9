using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>Who answers for what in a rollout: holder and deputy of each role. On the rollout's page and on its canvas.</summary>
public sealed partial class RolloutRoles
{
    private RolloutRole? _open;
    private string? _holder, _deputy, _refusal;

    [Parameter, EditorRequired] public RolloutView View { get; set; } = default!;
    [Parameter] public bool MayGovern { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    /// <summary>Whoever holds the role now would hold it no more.</summary>
    private bool Leaves => _open is { } role && View.Owners[role.Wire()] is { } now && now != _holder;

    private RenderFragment Person(string? email) => builder =>
    {
        if (email is null)
        {
            builder.OpenElement(0, "span");
            builder.AddAttribute(1, "class", "muted");
            builder.AddContent(2, "nobody");
            builder.CloseElement();
            return;
        }
        builder.OpenComponent<PersonName>(3);
        builder.AddAttribute(4, nameof(PersonName.Name), View.Members.FirstOrDefault(m => m.Email == email)?.Name ?? email);
        builder.CloseComponent();
    };

    private void Open(RolloutRole role) => (_open, _refusal, _holder, _deputy) = (role, null, View.Owners[role.Wire()], View.Deputies[role.Wire()]);

    private async Task SaveAsync()
    {
        if (_open is not { } role) return;
        var me = await Me.RequireAsync();
        var patch = new RolloutPatch(Owners: new Dictionary<RolloutRole, string?> { [role] = Blank(_holder) }, Deputies: new Dictionary<RolloutRole, string?> { [role] = Blank(_deputy) });
        var fault = me.Fault is { } gone ? gone : (await Editor.ChangeAsync(me.Value, View.Id, patch)).Fault;
        _refusal = fault?.Message;
        if (fault is not null) return;
        Toasts.Done(Blank(_holder) is null ? $"Nobody is {role.Words()} now." : $"The {role.Words()} is named.");
        _open = null;
        await OnChanged.InvokeAsync();
    }

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}
