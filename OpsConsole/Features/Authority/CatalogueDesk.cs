using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>A rollout's register of actions: what is listed, and what its agents asked for that is not.</summary>
internal sealed class CatalogueDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    private const string Editors = "The catalogue is written by the rollout's owners, its engineering owner, its risk lead, a facilitator or an admin.";

    public Fault? MayEdit(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayEdit, Editors).Fault;

    /// <summary>By name; <c>after</c> is one.</summary>
    public async Task<Result<CataloguePage>> ListAsync(PersonCaller caller, string id, PageQuery page, CancellationToken ct)
    {
        var stored = await ReadAsync(caller, id, ct);
        if (stored.Fault is { } fault) return fault;
        var rows = stored.Value.Catalogue.Actions.Where(a => page.After is null || string.Compare(a.Action, page.After, StringComparison.OrdinalIgnoreCase) > 0).Take(page.Limit + 1).ToList();
        return new CataloguePage(stored.Value.Version, Wire.PageOf(rows, page.Limit, a => a.Action, CatalogueEntry.Of));
    }

    /// <summary>Replaces the whole list. Faults: those of <see cref="ActionCatalogue.Parse"/>; <c>catalogue.stale</c> when somebody saved since <paramref name="basedOn"/>; null means whatever stands there: it is in the log as it was saved.</summary>
    public async Task<Result<CatalogueSaved>> SaveAsync(PersonCaller caller, string id, JsonElement body, long? basedOn)
    {
        if (MayEdit(caller, id) is { } forbidden) return forbidden;
        var parsed = ActionCatalogue.Parse(body);
        return parsed.Fault is { } wrong ? wrong : await ReplaceAsync(caller, id, parsed.Value, basedOn);
    }

    /// <summary>Lists an action (<paramref name="was"/> null), changes it, or takes it off (<paramref name="now"/> null), whatever else changed in the meantime. Faults: those of <see cref="ActionCatalogue.With"/>.</summary>
    public async Task<Result<CatalogueSaved>> ChangeAsync(PersonCaller caller, string id, CatalogueAction? was, CatalogueAction? now, CancellationToken ct)
    {
        if (MayEdit(caller, id) is { } forbidden) return forbidden;
        while (true)
        {
            var stored = await ReadAsync(caller, id, ct);
            if (stored.Fault is { } hidden) return hidden;
            var changed = stored.Value.Catalogue.With(was, now);
            if (changed.Fault is { } wrong) return wrong;
            var saved = await ReplaceAsync(caller, id, changed.Value, stored.Value.Version);
            if (saved.Fault?.Code != "catalogue.stale") return saved;   // else somebody saved in between: once more, on top of theirs
        }
    }

    /// <summary>Stores a catalogue that was read. Faults: <c>catalogue.full</c>, <c>catalogue.stale</c> as for <see cref="SaveAsync"/>.</summary>
    internal async Task<Result<CatalogueSaved>> ReplaceAsync(PersonCaller caller, string id, ActionCatalogue catalogue, long? basedOn)
    {
        var json = catalogue.ToJson();
        if (json.Length > JsonBody.MaxBytes) return Fault.Refused("catalogue.full", $"A catalogue has at most {JsonBody.MaxBytes / 1024} KB; this one would have {json.Length / 1024}. Shorten descriptions and schemas.");
        var sha = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        return await writer.ChangeAsync<CatalogueSaved>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayEdit, Editors).Fault is { } refused) return refused;
            var rollout = await scope.Db.Rollouts.SingleAsync(r => r.Id == id, ct);
            if (basedOn is { } version && version != rollout.CatalogueVersion)
                return new Fault(FaultKind.Stale, "catalogue.stale", $"Somebody saved the catalogue in the meantime (it is c{rollout.CatalogueVersion} now). Read it again, then send yours.", null, new Dictionary<string, object?> { ["etag"] = CataloguePage.Tag(rollout.CatalogueVersion) });
            if (rollout.Catalogue == json) return new CatalogueSaved(rollout.CatalogueVersion, catalogue.Actions.Count, null);   // the same list again is no change
            rollout.SaveCatalogue(json);
            // With the list itself: whoever saves without If-Match puts theirs over another one, and that one stays in its own entry.
            var entry = scope.Audit(caller.Actor, "catalogue.saved", id, new { catalogue = rollout.CatalogueVersion, actions = catalogue.Actions.Count, sha256 = sha }, $$"""{"actions":{{json}}}""", id);
            scope.Signal("matrix:" + id);
            scope.Signal("catalogues");   // gates rest on it
            return new CatalogueSaved(rollout.CatalogueVersion, catalogue.Actions.Count, entry);
        });
    }

    /// <summary>What agents asked for that nobody listed, by name; <c>after</c> is one.</summary>
    public async Task<Result<Wire.Page<UnlistedAction>>> UnlistedAsync(PersonCaller caller, string id, PageQuery page, CancellationToken ct)
    {
        var stored = await ReadAsync(caller, id, ct);
        if (stored.Fault is { } fault) return fault;
        var rows = (await UnlistedAsync(id, stored.Value.Catalogue, ct)).Where(s => page.After is null || string.CompareOrdinal(s.Action, page.After) > 0).Take(page.Limit + 1).ToList();
        return Wire.PageOf(rows, page.Limit, s => s.Action, s => s);
    }

    /// <summary>Everything that the page shows.</summary>
    public async Task<Result<CatalogueView>> PageAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var stored = await ReadAsync(caller, id, ct);
        if (stored.Fault is { } fault) return fault;
        return new CatalogueView(writer.State.Rollouts[id].Name, stored.Value.Catalogue.Actions, await UnlistedAsync(id, stored.Value.Catalogue, ct), MayEdit(caller, id) is null);
    }

    private async Task<IReadOnlyList<UnlistedAction>> UnlistedAsync(string id, ActionCatalogue catalogue, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var seen = await db.SeenActions.AsNoTracking().Where(s => s.RolloutId == id).Join(db.Decisions, s => s.FirstSeq, d => d.Seq, (s, d) => new { s.Action, s.At, d.Id }).ToListAsync(ct);
        return [.. seen.Where(s => catalogue.Find(s.Action) is null).OrderBy(s => s.Action, StringComparer.Ordinal).Select(s => new UnlistedAction(s.Action, s.At, s.Id))];
    }

    /// <summary>What stands there, and the number its ETag shows.</summary>
    public async Task<Result<(long Version, ActionCatalogue Catalogue)>> ReadAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, caller, id).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        var stored = await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => new { r.Catalogue, r.CatalogueVersion }).SingleOrDefaultAsync(ct);
        if (stored is null) return Fault.NotFound("rollout");
        // Written through the same reader, so it parses.
        return (stored.CatalogueVersion, ActionCatalogue.Parse(JsonElement.Parse(stored.Catalogue)).Value);
    }
}
