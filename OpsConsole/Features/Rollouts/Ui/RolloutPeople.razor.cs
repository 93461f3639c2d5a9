using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Rollouts.Ui;

/// <summary>Who answers for what in a rollout: holders and deputies by role, and all members.</summary>
public sealed partial class RolloutPeople
{
    private readonly HashSet<string> _roles = ["member"];
    private bool _adding;
    private string? _person, _refusal;
    private MemberView? _leaving;

    [Parameter, EditorRequired] public RolloutView View { get; set; } = default!;
    [Parameter] public bool MayGovern { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private void Add() => (_adding, _person, _refusal) = (true, null, null);

    private void Pick(string role, bool on)
    {
        if (on) _roles.Add(role);
        else _roles.Remove(role);
    }

    private async Task SaveAsync()
    {
        var me = await Me.RequireAsync();
        var fault = me.Fault is { } gone ? gone : string.IsNullOrWhiteSpace(_person) || _roles.Count == 0 ? Fault.Invalid("field.required", "Choose a person and at least one role.")
            : (await Editor.AddMemberAsync(me.Value, View.Id, new AddMemberRequest(_person, [.. _roles]))).Fault;
        _refusal = fault?.Message;
        if (fault is not null) return;
        Toasts.Done("Added to the rollout.");
        _adding = false;
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

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    private static string Roles(MemberView m) => string.Join(", ", m.Roles.Select(r => r.Replace('_', ' ')).Concat(m.DeputyFor.Select(r => "deputy " + r.Replace('_', ' '))));
}
