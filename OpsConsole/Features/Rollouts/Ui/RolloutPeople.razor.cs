using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>Who answers for what in a rollout: holders and deputies by role, and everybody else.</summary>
public sealed partial class RolloutPeople
{
    private enum Kind { Role, Member }

    private readonly HashSet<string> _roles = ["member"];
    private Kind? _open;
    private RolloutRole _role;
    private string? _holder, _deputy, _refusal;
    private MemberView? _leaving;

    [Parameter, EditorRequired] public RolloutView View { get; set; } = default!;
    [Parameter] public bool MayGovern { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

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

    private void Open(Kind kind, RolloutRole role = default)
    {
        (_open, _role, _refusal) = (kind, role, null);
        (_holder, _deputy) = kind == Kind.Role ? (View.Owners[role.Wire()], View.Deputies[role.Wire()]) : (null, null);
    }

    private void Pick(string role, bool on)
    {
        if (on) _roles.Add(role);
        else _roles.Remove(role);
    }

    private async Task SaveAsync()
    {
        var me = await Me.RequireAsync();
        Fault? fault;
        if (me.Fault is { } gone) fault = gone;
        else if (_open == Kind.Role)
        {
            var patch = new RolloutPatch(Owners: new Dictionary<RolloutRole, string?> { [_role] = Blank(_holder) }, Deputies: new Dictionary<RolloutRole, string?> { [_role] = Blank(_deputy) });
            fault = (await Editor.ChangeAsync(me.Value, View.Id, patch)).Fault;
        }
        else if (Blank(_holder) is not { } email || _roles.Count == 0) fault = Fault.Invalid("field.required", "Choose a person and at least one role.");
        else fault = (await Editor.AddMemberAsync(me.Value, View.Id, new AddMemberRequest(email, [.. _roles]))).Fault;
        _refusal = fault?.Message;
        if (fault is not null) return;
        Toasts.Done(_open == Kind.Role ? $"The {_role.Words()} is named." : "Added to the rollout.");
        _open = null;
        await OnChanged.InvokeAsync();
    }

    private async Task RemoveAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Editor.RemoveMemberAsync(me.Value, View.Id, _leaving!.PersonId);
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _leaving = null;
        await OnChanged.InvokeAsync();
    }

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    private static string Roles(MemberView m) => string.Join(", ", m.Roles.Select(r => r.Replace('_', ' ')).Concat(m.DeputyFor.Select(r => "deputy " + r.Replace('_', ' '))));
}
