using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents;

/// <summary>The tier templates themselves. Writing one changes no agent's grants: see <see cref="TemplateGrants"/>.</summary>
internal sealed class TemplateDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    /// <summary>The topic that is signalled when a template changes.</summary>
    public const string Topic = "templates";
    private const int Most = 200;
    private const string Editors = "Templates are written by facilitators and admins.";
    private static readonly Fault Archived = Fault.Conflict("template.archived", "This template is archived. Bring it back first.");

    public Fault? MayEdit(PersonCaller caller) => MayEdit(writer.State, caller);

    private static Fault? MayEdit(ConsoleState state, PersonCaller caller) => Sight.Me(state, caller) is { Ok: true, Value: var me } && Permissions.MayEditTemplates(me) ? null : Fault.Forbidden(Editors);

    /// <summary>In the order of their ids, archived ones included.</summary>
    public async Task<Wire.Page<TemplateView>> ListAsync(PageQuery page, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var templates = db.TierTemplates.AsNoTracking();
        if (page.After is { } after) templates = templates.Where(t => t.Id.CompareTo(after) > 0);
        return Wire.PageOf(await templates.OrderBy(t => t.Id).Take(page.Limit + 1).ToListAsync(ct), page.Limit, t => t.Id, t => View(t, writer.State.Directory));
    }

    public async Task<Result<TemplateView>> GetAsync(string id, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.TierTemplates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, ct) is { } template ? View(template, writer.State.Directory) : Fault.NotFound("template");
    }

    /// <summary>All of them by name, archived ones last, with the agents that hold grants from them.</summary>
    public async Task<TemplatesView> PageAsync(PersonCaller caller, CancellationToken ct)
    {
        var (state, now) = (writer.State, time.GetUtcNow());
        await using var db = await factory.CreateDbContextAsync(ct);
        var templates = await db.TierTemplates.AsNoTracking().ToListAsync(ct);
        var users = await db.Grants.AsNoTracking().Where(g => g.TemplateId != null && g.EndedAt == null).Select(g => g.AgentId).Distinct().ToListAsync(ct);
        var visible = users.Where(a => Sight.Agent(state, caller, a) is { Ok: true, Value.Retired: false }).ToList();
        var live = (await db.Grants.AsNoTracking().Where(g => visible.Contains(g.AgentId) && g.EndedAt == null).ToListAsync(ct)).Where(g => g.Live(now)).ToLookup(g => g.AgentId);
        var free = StarterTemplates.All.Where(s => !templates.Exists(t => string.Equals(t.Name, s.Name, StringComparison.OrdinalIgnoreCase)));
        return new TemplatesView([.. templates.OrderBy(t => t.Archived).ThenBy(t => t.Name, StringComparer.OrdinalIgnoreCase).Select(t => new TemplateRow(View(t, state.Directory), Uses(t)))], [.. free.Select(s => new StarterRow(s.Name, s.Description, s.Lines.Count))], MayEdit(state, caller) is null);

        List<TemplateUse> Uses(TierTemplate template)
        {
            var lines = Lines(template);
            return [.. live.Select(grants => new TemplateUse(grants.Key, state.Agents[grants.Key].Name, grants.Count(g => g.TemplateId == template.Id), TemplateOffer.Of(template, lines, [.. grants], now).Count))
                .Where(u => u.Grants > 0).OrderBy(u => u.AgentName, StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <summary>Faults: those of <see cref="TemplateLines.Parse"/>; <c>template.name</c> when there is one of that name, <c>templates.full</c>.</summary>
    public async Task<Result<TemplateView>> CreateAsync(PersonCaller caller, TemplateRequest request)
    {
        if (MayEdit(caller) is { } forbidden) return forbidden;
        if (request.Check() is { } wrong) return wrong;
        if (TemplateLines.Parse(request.Lines) is { Fault: { } bad }) return bad;
        return await writer.ChangeAsync<TemplateView>(async (scope, ct) =>
        {
            if (MayEdit(scope.State, caller) is { } refused) return refused;
            if (await TakenAsync(scope, request.Name, null, ct) is { } taken) return taken;
            if (await scope.Db.TierTemplates.CountAsync(ct) >= Most) return Fault.Refused("templates.full", $"There are {Most} templates, which is the most. Change one that nobody uses any more.");
            return View(Add(scope, caller, request.Name, request.Description, TemplateLines.Parse(request.Lines).Value), scope.State.Directory);
        });
    }

    /// <summary>Replaces name, description and lines. Faults: those of <see cref="CreateAsync"/>, <c>template.stale</c> when somebody saved since <paramref name="basedOn"/>, <c>template.archived</c>.</summary>
    public async Task<Result<TemplateView>> ChangeAsync(PersonCaller caller, string id, TemplateRequest request, long? basedOn)
    {
        if (MayEdit(caller) is { } forbidden) return forbidden;
        if (request.Check() is { } wrong) return wrong;
        if (TemplateLines.Parse(request.Lines) is { Fault: { } bad }) return bad;
        var lines = TemplateLines.ToJson(TemplateLines.Parse(request.Lines).Value);
        return await writer.ChangeAsync<TemplateView>(async (scope, ct) =>
        {
            if (MayEdit(scope.State, caller) is { } refused) return refused;
            if (await scope.Db.TierTemplates.SingleOrDefaultAsync(t => t.Id == id, ct) is not { } template) return Fault.NotFound("template");
            if (Stale(template, basedOn, "Read it again, then send yours.") is { } stale) return stale;
            if (template.Archived) return Archived;
            if (await TakenAsync(scope, request.Name, id, ct) is { } taken) return taken;
            var (name, description) = (request.Name.Trim(), request.Description?.Trim() ?? "");
            if ((name, description, lines) != (template.Name, template.Description, template.Lines))   // the same again is no change
            {
                template.Change(name, description, lines, caller.Id, scope.Now);
                scope.Audit(caller.Actor, "template.changed", id, new { version = template.Version }, Payload(template));
                scope.Signal(Topic);
            }
            return View(template, scope.State.Directory);
        });
    }

    /// <summary>Archives it, or brings it back. Grants made from it stay as they are. Twice is once. Fault: <c>template.stale</c> as for <see cref="ChangeAsync"/>.</summary>
    public Task<Result<TemplateView>> ArchiveAsync(PersonCaller caller, string id, bool archived, long? basedOn = null)
        => writer.ChangeAsync<TemplateView>(async (scope, ct) =>
        {
            if (MayEdit(scope.State, caller) is { } refused) return refused;
            if (await scope.Db.TierTemplates.SingleOrDefaultAsync(t => t.Id == id, ct) is not { } template) return Fault.NotFound("template");
            if (Stale(template, basedOn, "Look at what it says now before you archive it.") is { } stale) return stale;
            if (template.Archived != archived)
            {
                if (archived) template.Archive(caller.Id, scope.Now);
                else template.Restore(caller.Id, scope.Now);
                scope.Audit(caller.Actor, archived ? "template.archived" : "template.restored", id, new { version = template.Version });
                scope.Signal(Topic);
            }
            return View(template, scope.State.Directory);
        });

    /// <summary>Makes the templates to start from whose name is free: all of them, or the one called <paramref name="only"/>. Fault: <c>templates.started</c> when none is missing.</summary>
    public Task<Result<int>> StartAsync(PersonCaller caller, string? only = null)
        => writer.ChangeAsync<int>(async (scope, ct) =>
        {
            if (MayEdit(scope.State, caller) is { } refused) return refused;
            var made = 0;
            foreach (var (name, description, lines) in StarterTemplates.All)
            {
                if (only is not null && name != only) continue;
                if (await TakenAsync(scope, name, null, ct) is not null) continue;
                Add(scope, caller, name, description, lines);
                made++;
            }
            return made > 0 ? made : Fault.Conflict("templates.started", only is null ? "The templates to start from are here already." : $"There is a template called {only} already.");
        });

    private static TierTemplate Add(ChangeScope scope, PersonCaller caller, string name, string? description, IReadOnlyList<TemplateLine> lines)
    {
        var template = new TierTemplate(Secrets.NewId("tpl"), name.Trim(), description?.Trim() ?? "", TemplateLines.ToJson(lines), caller.Id, scope.Now);
        scope.Db.TierTemplates.Add(template);
        scope.Audit(caller.Actor, "template.created", template.Id, new { version = template.Version }, Payload(template));
        scope.Signal(Topic);
        return template;
    }

    private static Fault? Stale(TierTemplate template, long? basedOn, string what)
        => basedOn is null || basedOn == template.Version ? null : new Fault(FaultKind.Stale, "template.stale", $"Somebody saved this template in the meantime (it is version {template.Version} now). {what}", null, new Dictionary<string, object?> { ["etag"] = TemplateView.Tag(template.Version) });

    private static object Payload(TierTemplate template) => new { name = template.Name, description = template.Description, lines = JsonElement.Parse(template.Lines) };

    private static async Task<Fault?> TakenAsync(ChangeScope scope, string name, string? id, CancellationToken ct)
    {
        var wanted = name.Trim();
        var there = (await scope.Db.TierTemplates.AsNoTracking().Select(t => new { t.Id, t.Name, t.ArchivedAt }).ToListAsync(ct)).Find(t => t.Id != id && string.Equals(t.Name, wanted, StringComparison.OrdinalIgnoreCase));
        return there is null ? null : Fault.Conflict("template.name", there.ArchivedAt is null ? $"There is a template called {there.Name}. Change that one, or choose another name." : $"An archived template is called {there.Name}. Bring it back, or choose another name.");
    }

    // Written through the same reader, so they parse.
    internal static IReadOnlyList<TemplateLine> Lines(TierTemplate template) => TemplateLines.Parse(JsonElement.Parse(template.Lines)).Value;

    internal static TemplateView View(TierTemplate t, PeopleDirectory directory)
    {
        var lines = Lines(t);
        return new TemplateView(t.Id, t.Version, t.Name, t.Description, [.. lines.Select(TemplateLineView.Of)], [.. lines.Select(l => l.Advance?.Words)], t.ChangedBy, directory.NameOf(t.ChangedBy), t.ChangedAt, t.ArchivedAt);
    }
}
