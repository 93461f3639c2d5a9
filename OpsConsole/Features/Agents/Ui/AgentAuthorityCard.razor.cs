using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;
using OpsConsole.Features.Promotions;

namespace OpsConsole.Features.Agents.Ui;

/// <summary>Capabilities and tiers of an agent, and what the rollout's gate leaves of them.</summary>
public sealed partial class AgentAuthorityCard
{
    private GrantView? _ending, _lowering, _reviewing;
    private bool _open;
    private string? _capability, _why, _refusal;
    private Tier _tier = Tier.Observer;
    private DateOnly? _expires, _review, _until;

    [Parameter, EditorRequired] public AgentView Agent { get; set; } = default!;
    [Parameter, EditorRequired] public Gate Gate { get; set; }
    [Parameter, EditorRequired] public IReadOnlyList<GrantView> Grants { get; set; } = [];
    [Parameter, EditorRequired] public AgentRights Rights { get; set; } = default!;
    /// <summary>Its open promotions.</summary>
    [Parameter] public IReadOnlyList<PromotionView> Proofs { get; set; } = [];
    [Parameter] public EventCallback OnChanged { get; set; }

    private List<GrantView> Live => [.. Grants.Where(g => g.Live).OrderBy(g => g.Capability, StringComparer.Ordinal)];

    private void Open() => (_capability, _why, _refusal, _tier, _expires, _review, _open) = (null, null, null, Tier.Observer, null, null, true);

    private async Task GrantAsync()
    {
        var me = await Me.RequireAsync();
        var granted = me.Fault is { } gone ? gone : await Credentials.GrantAsync(me.Value, Agent.Id, new GrantRequest(_capability!, _tier, _why!, Midnight(_expires), Midnight(_review)));
        _refusal = granted.Fault?.Message;
        if (!granted.Ok) return;
        _open = false;
        Toasts.Done($"{granted.Value.Tier} for {granted.Value.Capability} is granted.");
        await OnChanged.InvokeAsync();
    }

    private async Task EndAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Credentials.EndGrantAsync(me.Value, Agent.Id, _ending!.Id, new EndRequest(reason));
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _ending = null;
        await OnChanged.InvokeAsync();
    }

    private async Task LowerAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Credentials.DemoteAsync(me.Value, Agent.Id, new DemoteRequest(_lowering!.Capability, reason ?? "", _lowering.InForce));
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _lowering = null;
        Toasts.Done($"{done.Value.Capability} is {Word(done.Value.Tier)} now.");
        await OnChanged.InvokeAsync();
    }

    private void Review(GrantView grant) => (_reviewing, _until, _why, _refusal) = (grant, null, null, null);

    private async Task RenewAsync()
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Credentials.RenewAsync(me.Value, Agent.Id, _reviewing!.Id, new RenewRequest(Midnight(_until)!.Value, _why!));
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _reviewing = null;
        Toasts.Done($"{done.Value.Capability} was reviewed and stays {Word(done.Value.Tier)}.");
        await OnChanged.InvokeAsync();
    }

    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();

    private static DateTimeOffset? Midnight(DateOnly? day) => day is { } d ? new DateTimeOffset(d.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null;
}
