using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Agents;

/// <summary>
/// Templates on an agent: applying one makes single grants, each with its own reason, end and entry; a template that changes offers the change, line by line.
/// Both are granting, by whoever may grant, and recorded like a grant by hand.
/// </summary>
internal sealed class TemplateGrants(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    /// <summary>The templates that the agent's live grants came from, by name, with what they offer now.</summary>
    public async Task<Result<IReadOnlyList<AppliedTemplate>>> AppliedAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var page = await PageAsync(caller, id, ct);
        return page.Fault is { } fault ? fault : (AppliedTemplate[])[.. page.Value.Applied];
    }

    /// <summary>Everything that the agent's page shows of templates.</summary>
    public async Task<Result<AgentTemplatesView>> PageAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var (state, now) = (writer.State, time.GetUtcNow());
        if (Sight.Agent(state, caller, id) is not { Ok: true, Value: var agent }) return Fault.NotFound("agent");
        await using var db = await factory.CreateDbContextAsync(ct);
        var live = await LiveAsync(db, id, now, ct);
        var templates = (await db.TierTemplates.AsNoTracking().ToListAsync(ct)).OrderBy(t => t.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var applied = from template in templates
                      let grants = live.Where(g => g.TemplateId == template.Id).ToList()
                      where grants.Count > 0
                      select new AppliedTemplate(template.Id, template.Name, template.Version, grants.Min(g => g.TemplateVersion ?? 1), template.ArchivedAt, [.. grants.Select(g => g.Id)],
                          agent.Retired ? [] : [.. TemplateOffer.Of(template, TemplateDesk.Lines(template), live, now).Select(OfferView.Of)]);
        return new AgentTemplatesView([.. applied], [.. templates.Where(t => !t.Archived).Select(t => TemplateDesk.View(t, state.Directory))], !agent.Retired && Permissions.MayGrant(state.Directory.People[caller.Id]));
    }

    /// <summary>What applying the template now would make of the agent.</summary>
    public async Task<Result<TemplatePreview>> PreviewAsync(PersonCaller caller, string id, string templateId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (Sight.Agent(writer.State, caller, id).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        if (await db.TierTemplates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == templateId, ct) is not { Archived: false } template) return Fault.NotFound("template");
        return new TemplatePreview(template.Id, template.Name, template.Version, [.. TemplateOffer.IfApplied(TemplateDesk.Lines(template), await LiveAsync(db, id, now, ct), now).Select(o =>
            new PreviewLine(o.Capability, o.Line!.Tier, o.Line.Reason, o.Line.ExpiresAt(now), o.Line.ReviewBy(now), o.Widens, o.Words, o.Line.Advance?.Words))]);
    }

    /// <summary>
    /// Makes a grant of each chosen line, in place of what its capability had. Faults: forbidden, <c>agent.retired</c>, <c>field.invalid</c>, <c>template.unknown</c>,
    /// <c>template.archived</c>, <c>template.changed</c> (another version than was looked at), <c>template.no_line</c>.
    /// </summary>
    public Task<Result<TemplateGranted>> ApplyAsync(PersonCaller caller, string id, ApplyTemplateRequest request)
        => writer.ChangeAsync<TemplateGranted>(async (scope, ct) =>
        {
            if (Agent(scope.State, caller, id) is not { Ok: true, Value: var agent }) return Agent(scope.State, caller, id).Fault!;
            if (request.Check() is { } wrong) return wrong;
            if (agent.Retired) return AgentRegistry.Retired;
            if (await scope.Db.TierTemplates.SingleOrDefaultAsync(t => t.Id == request.Template, ct) is not { } template) return Fault.Refused("template.unknown", "There is no such template. GET templates lists them.", "template");
            if (template.Archived) return Fault.Conflict("template.archived", $"{template.Name} is archived and is not applied any more. Bring it back first, or choose another one.");
            if (Moved(template, request.Version) is { } moved) return moved;
            var lines = TemplateDesk.Lines(template);
            var named = (request.Lines ?? []).Concat((request.Terms ?? []).Select(t => t.Capability)).Select(Plain).ToList();
            if (named.Find(c => lines.All(l => l.Capability != c)) is { } unknown) return Fault.Refused("template.no_line", $"{template.Name} has no line for {unknown}. It has: {string.Join(", ", lines.Select(l => l.Capability))}.", "lines");
            var chosen = request.Lines?.Select(Plain).ToHashSet(StringComparer.Ordinal);
            var terms = (request.Terms ?? []).ToLookup(t => Plain(t.Capability));
            if (terms.FirstOrDefault(t => t.Count() > 1) is { } twice) return Fault.Invalid("field.invalid", $"terms names {twice.Key} twice.", "terms");
            List<CapabilityGrant> grants = [];
            foreach (var line in lines.Where(l => chosen is null || chosen.Contains(l.Capability)))
            {
                var own = terms[line.Capability].FirstOrDefault();
                if (own?.ExpiresAt <= scope.Now) return AgentCredentials.InThePast("expires_at");
                if (own?.ReviewBy <= scope.Now) return AgentCredentials.InThePast("review_by");
                var expires = own is { NoExpiry: true } ? null : own?.ExpiresAt ?? line.ExpiresAt(scope.Now);
                grants.Add(await GiveAsync(scope, caller, agent, template, line, Said(own?.Reason) ?? line.Reason, request.Reason, expires, own?.ReviewBy ?? line.ReviewBy(scope.Now), ct));
            }
            scope.Audit(caller.Actor, "template.applied", id, new { template = template.Id, version = template.Version, grants = grants.Count }, new { reason = request.Reason.Trim() }, agent.Rollout.Id);
            return new TemplateGranted(template.Id, template.Version, [.. grants.Select(g => AgentReader.View(g, scope.State.Directory, scope.Now, template.Name))], []);
        });

    /// <summary>
    /// Does some of what the template offers this agent, and nothing else. Faults: forbidden, not found (also where the agent has no grant from it), <c>agent.retired</c>,
    /// <c>template.changed</c>, <c>offer.gone</c> when a named capability has no offered change (any more).
    /// </summary>
    public Task<Result<TemplateGranted>> AcceptAsync(PersonCaller caller, string id, string templateId, AcceptOfferRequest request)
        => writer.ChangeAsync<TemplateGranted>(async (scope, ct) =>
        {
            if (Agent(scope.State, caller, id) is not { Ok: true, Value: var agent }) return Agent(scope.State, caller, id).Fault!;
            if (request.Check() is { } wrong) return wrong;
            if (agent.Retired) return AgentRegistry.Retired;
            var live = (await scope.Db.Grants.Where(g => g.AgentId == id && g.EndedAt == null).ToListAsync(ct)).FindAll(g => g.Live(scope.Now));
            if (await scope.Db.TierTemplates.SingleOrDefaultAsync(t => t.Id == templateId, ct) is not { } template || live.All(g => g.TemplateId != templateId)) return Fault.NotFound("template on this agent");
            if (Moved(template, request.Version) is { } moved) return moved;
            var offer = TemplateOffer.Of(template, TemplateDesk.Lines(template), live, scope.Now).ToDictionary(o => o.Capability, StringComparer.Ordinal);
            List<CapabilityGrant> grants = [];
            List<string> ended = [];
            foreach (var capability in request.Lines.Select(Plain).Distinct(StringComparer.Ordinal))
            {
                if (!offer.TryGetValue(capability, out var change)) return Fault.Refused("offer.gone", $"{template.Name} offers no change of {capability}{(offer.Count == 0 ? "" : $". It offers: {string.Join(", ", offer.Keys)}")}. Look at the agent again.", "lines");
                if (change.Line is { } line) grants.Add(await GiveAsync(scope, caller, agent, template, line, line.Reason, request.Reason, line.ExpiresAt(scope.Now), line.ReviewBy(scope.Now), ct));
                else
                {
                    await GrantLedger.EndAsync(scope, caller.Actor, agent, change.Now!, "template", Said(request.Reason) ?? $"No longer in {template.Name}, version {template.Version}", ct);
                    ended.Add(change.Now!.Id);
                }
            }
            scope.Audit(caller.Actor, "template.accepted", id, new { template = template.Id, version = template.Version, grants = grants.Count, ended = ended.Count }, Said(request.Reason) is { } reason ? new { reason } : null, agent.Rollout.Id);
            return new TemplateGranted(template.Id, template.Version, [.. grants.Select(g => AgentReader.View(g, scope.State.Directory, scope.Now, template.Name))], ended);
        });

    private static async Task<CapabilityGrant> GiveAsync(ChangeScope scope, PersonCaller caller, AgentAuthority agent, TierTemplate template, TemplateLine line, string why, string? occasion, DateTimeOffset? expires, DateTimeOffset review, CancellationToken ct)
    {
        var grant = new CapabilityGrant(Secrets.NewId("grt"), agent.Id, line.Capability, line.Tier, Said(occasion) is { } also ? $"{why} · {also}" : why, caller.Id, isOverride: true, scope.Now, expires, review, template.Id, template.Version);
        await GrantLedger.GiveAsync(scope, caller.Actor, agent, grant, ct);
        return grant;
    }

    private static Result<AgentAuthority> Agent(ConsoleState state, PersonCaller caller, string id) => Sight.Agent(state, caller, id, (me, _) => Permissions.MayGrant(me), AgentCredentials.Granters);

    private static Fault? Moved(TierTemplate template, int? seen)
        => seen is { } version && version != template.Version ? Fault.Conflict("template.changed", $"{template.Name} is version {template.Version} now, and you looked at version {version}. Look at it again, then decide.", new Dictionary<string, object?> { ["version"] = template.Version }) : null;

    private static async Task<IReadOnlyList<CapabilityGrant>> LiveAsync(OpsDbContext db, string id, DateTimeOffset now, CancellationToken ct)
        => (await db.Grants.AsNoTracking().Where(g => g.AgentId == id && g.EndedAt == null).ToListAsync(ct)).FindAll(g => g.Live(now));

    private static string Plain(string capability) => capability.Trim().ToLowerInvariant();
    private static string? Said(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
