using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents;

/// <summary>Agents, their keys, grants and caps as a person may see them.</summary>
internal sealed class AgentReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    /// <summary>In the order of their ids, for paging; of one rollout where it is named.</summary>
    public async Task<Wire.Page<AgentView>> ListAsync(PersonCaller caller, string? rolloutId, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Me(state, caller) is not { Ok: true, Value: var me }) return new([], null);
        var visible = Permissions.VisibleRollouts(me, state);
        await using var db = await factory.CreateDbContextAsync(ct);
        var agents = db.Agents.AsNoTracking();
        if (visible is not null) agents = agents.Where(a => visible.Contains(a.RolloutId) || a.OwnerId == me.Id);
        if (rolloutId is not null) agents = agents.Where(a => a.RolloutId == rolloutId);
        if (page.After is { } after) agents = agents.Where(a => a.Id.CompareTo(after) > 0);
        var rows = await agents.OrderBy(a => a.Id).Take(page.Limit + 1).ToListAsync(ct);
        return Wire.PageOf(rows, page.Limit, a => a.Id, a => View(a, state));
    }

    /// <summary>Everything the person may see, by name: what the pages show.</summary>
    public async Task<IReadOnlyList<AgentView>> AllAsync(PersonCaller caller, string? rolloutId, CancellationToken ct)
    {
        List<AgentView> rows = [];
        string? after = null;
        do
        {
            var page = await ListAsync(caller, rolloutId, new PageQuery(after, PageQuery.MaxLimit), ct);
            rows.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null && rows.Count < 2_000);
        return [.. rows.OrderBy(a => a.Status == "retired").ThenBy(a => a.Name, StringComparer.OrdinalIgnoreCase)];
    }

    public async Task<Result<AgentView>> GetAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Agent(state, caller, id).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.Agents.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, ct) is { } agent ? View(agent, state) : Fault.NotFound("agent");
    }

    public AgentRights Rights(PersonCaller caller, string id)
    {
        var state = writer.State;
        if (Sight.Me(state, caller) is not { Ok: true, Value: var me } || !state.Agents.TryGetValue(id, out var agent)) return new(false, false, false, false, false);
        return new(Permissions.MayManage(me, agent), Permissions.MayGrant(me), Permissions.MayEndGrant(me, agent), Permissions.MayPause(me, agent), Permissions.MayResume(me, agent), Permissions.MayConfirmPromotion(me, agent));
    }

    /// <summary>The gate in force of the agent's rollout.</summary>
    public Gate GateOf(string id) => writer.State.Agents.TryGetValue(id, out var agent) ? agent.Rollout.Gate : Gate.None;

    /// <summary>The rollouts in which this person may register agents, by name.</summary>
    public IReadOnlyList<(string Id, string Name)> Homes(PersonCaller caller)
    {
        var state = writer.State;
        return Sight.Me(state, caller) is { Ok: true, Value: var me }
            ? [.. state.Rollouts.Values.Where(r => Permissions.MayManageAgents(me, r)).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).Select(r => (r.Id, r.Name))] : [];
    }

    /// <summary>Who can own an agent: everybody who is not disabled, by name.</summary>
    public IReadOnlyList<(string Email, string Name)> People()
        => [.. writer.State.Directory.People.Values.Where(p => !p.Disabled && p.Email.Length > 0).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => (p.Email, p.Name))];

    /// <summary>The keys, newest first, revoked ones included.</summary>
    public async Task<Result<KeyView[]>> KeysAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        if (Sight.Agent(writer.State, caller, id).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        var keys = await db.AgentKeys.AsNoTracking().Where(k => k.AgentId == id).ToListAsync(ct);
        var now = time.GetUtcNow();
        return keys.OrderByDescending(k => k.CreatedAt).Select(k => new KeyView(k.Id, k.CreatedAt, k.ExpiresAt, k.LastUsedAt, k.RevokedAt, k.Live(now))).ToArray();
    }

    /// <summary>The grants, live ones first, then what was.</summary>
    public async Task<Result<GrantView[]>> GrantsAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Agent(state, caller, id).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        var grants = await db.Grants.AsNoTracking().Where(g => g.AgentId == id).ToListAsync(ct);
        var names = grants.Any(g => g.TemplateId is not null) ? await db.TierTemplates.AsNoTracking().ToDictionaryAsync(t => t.Id, t => t.Name, ct) : [];
        var now = time.GetUtcNow();
        return grants.OrderByDescending(g => g.Live(now)).ThenByDescending(g => g.CreatedAt).Select(g => View(g, state.Directory, now, g.TemplateId is { } from ? names.GetValueOrDefault(from) : null)).ToArray();
    }

    /// <summary>The caps and how full the present windows are.</summary>
    public async Task<Result<CapsView>> CapsAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        if (Sight.Agent(writer.State, caller, id) is not { Ok: true, Value: var agent }) return Fault.NotFound("agent");
        await using var db = await factory.CreateDbContextAsync(ct);
        var stored = await db.Agents.AsNoTracking().Where(a => a.Id == id).Select(a => new { a.Caps, a.CapsSince }).SingleAsync(ct);
        var spec = agent.Caps;
        return new CapsView(JsonElement.Parse(stored.Caps ?? "{}"), stored.CapsSince, [.. (await StoredCaps.OfAsync(db, agent, time.GetUtcNow(), ct)).Select(c => Fill(c.Limit, c.Used))], spec.SameCall, IsoDuration.Write(spec.SameCallWindow));
    }

    private static CapFill Fill(CapLimit limit, long? used)
    {
        var unit = limit.Unit.ToString().ToLowerInvariant();
        return new CapFill(unit, limit.Span.ToString().ToLowerInvariant(), limit.Limit, used, limit.Words, used is { } n ? limit.Unit == CapUnit.Usd ? Money.ToWire(n) + " USD" : $"{n} {unit}" : null, limit.Pause);
    }

    internal static AgentView View(Agent a, ConsoleState state)
    {
        var owner = state.Directory.People.GetValueOrDefault(a.OwnerId);
        return new AgentView(a.Id, a.Name, a.RolloutId, state.Rollouts.TryGetValue(a.RolloutId, out var rollout) ? rollout.Name : a.RolloutId, a.Kind, owner?.Email, a.OwnerId, owner?.Name ?? a.OwnerId, a.Model, a.AgentVersion, a.Purpose,
            a.Retired ? "retired" : a.Paused ? "paused" : "active",
            a.PausedAt is { } at ? new StandstillView(at, a.PausedBy ?? "console", state.Directory.NameOf(a.PausedBy ?? "console"), a.PausedReason ?? "") : null, a.CreatedAt, a.RetiredAt, a.Simulated);
    }

    /// <param name="template">The name of the template it came from.</param>
    internal static GrantView View(CapabilityGrant g, PeopleDirectory directory, DateTimeOffset now, string? template = null)
        => new(g.Id, g.Capability, g.Tier, g.Reason, g.GrantedBy, directory.NameOf(g.GrantedBy), g.Override, g.CreatedAt, g.ExpiresAt, g.ReviewBy, g.EndedAt, g.EndReason, g.Live(now),
            g is { TemplateId: { } from, TemplateVersion: { } version } ? new TemplateMark(from, template ?? from, version) : null, g.TierAt(now), TierReview.Overdue(g.ReviewBy, now), g.PromotionId);
}
