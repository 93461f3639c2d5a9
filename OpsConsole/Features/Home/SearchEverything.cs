using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Decisions;

namespace OpsConsole.Features.Home;

/// <summary>Something that was found, and where it is.</summary>
/// <param name="Href">Null for what has no page of its own.</param>
public sealed record Hit(string Kind, string Title, string? Detail, string? Href);

/// <summary>Finds decisions, approvals and runs by their id; agents, rollouts, people and the actions that published matrices name by a part of their name. Only what the person may see.</summary>
public sealed class SearchEverything(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, DecisionSearch search)
{
    private const int Most = 20;

    public async Task<IReadOnlyList<Hit>> FindAsync(PersonCaller me, string text, CancellationToken ct)
    {
        var state = writer.State;
        List<Hit> hits = [];
        text = text.Trim();
        if (text.Length == 0) return hits;
        var decision = text.StartsWith("apr_", StringComparison.Ordinal) ? Ids.Rename(text, "dec") : text;
        if (Ids.TrySeq(decision, "dec", out var seq))
        {
            await using var db = await factory.CreateDbContextAsync(ct);
            var found = await db.Decisions.AsNoTracking().Where(d => d.Seq == seq).Select(d => new { d.Id, d.Action, d.RolloutId }).SingleOrDefaultAsync(ct);
            if (found?.Id == decision && state.Rollouts.TryGetValue(found.RolloutId, out var home) && Permissions.MaySee(me.Person, home, state.Directory))
            {
                hits.Add(new Hit("Decision", found.Action, found.Id, "/decisions/" + found.Id));
                if (decision != text) hits.Add(new Hit("Approval", found.Action, text, "/approvals/" + text));
            }
        }
        var run = await search.SearchAsync(me, new DecisionFilter(Run: text), null, 1, "", ct);
        if (run is { Ok: true, Value.Items.Count: > 0 }) hits.Add(new Hit("Run", text, "the decisions of one run", "/runs/" + Uri.EscapeDataString(text)));
        var rollouts = state.Rollouts.Values.Where(r => Permissions.MaySee(me.Person, r, state.Directory)).ToList();
        var actions = rollouts.Where(r => !r.Archived).SelectMany(r => r.Policy?.Document is { } matrix ? matrix.Rules.Select(x => x.Action).Concat(matrix.Boundaries.Select(x => x.Action)) : [])
            .Select(a => a.ToLowerInvariant()).Where(a => Has(a) && !a.Contains('*', StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal).Take(Most).ToList();
        hits.AddRange(actions.Select(a => ActionHit(a)));
        // One that only decisions name, or a matrix of former days, is found by its whole name.
        var action = actions.Contains(text.ToLowerInvariant()) ? default : await search.SearchAsync(me, new DecisionFilter(Action: text), null, 1, "", ct);
        if (action is { Ok: true, Value.Items.Count: > 0 }) hits.Add(ActionHit(text));
        hits.AddRange(state.Agents.Values.Where(a => (Has(a.Name) || a.Id == text) && (Permissions.MaySee(me.Person, a.Rollout, state.Directory) || a.OwnerId == me.Id)).OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase).Take(Most)
            .Select(a => new Hit("Agent", a.Name, a.Retired ? $"{a.Rollout.Name}, retired" : a.Rollout.Name, "/agents/" + a.Id)));
        hits.AddRange(rollouts.Where(r => Has(r.Name) || r.Id == text).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).Take(Most)
            .Select(r => new Hit("Rollout", r.Name, r.Archived ? "archived" : null, "/rollouts/" + r.Id)));
        if (Permissions.SeesAll(me.Person))
            hits.AddRange(state.Directory.People.Values.Where(p => Has(p.Name) || Has(p.Email)).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Take(Most).Select(p => new Hit("Person", p.Name, p.Email, null)));
        return hits;

        static Hit ActionHit(string name) => new("Action", name, "decisions about this action", "/decisions?action=" + Uri.EscapeDataString(name));
        bool Has(string name) => name.Contains(text, StringComparison.OrdinalIgnoreCase);
    }
}
