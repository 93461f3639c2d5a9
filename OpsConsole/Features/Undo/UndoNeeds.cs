using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Undo;

/// <summary>A plan with steps that somebody has to look at.</summary>
/// <param name="Steps">How many, by whom they were handed to; the empty text: to nobody in particular.</param>
public sealed record PlanNeed(string Id, long Seq, string RolloutId, IReadOnlyDictionary<string, int> Steps)
{
    /// <summary>Those that this person may see to: not handed to somebody else who can.</summary>
    /// <param name="can">Whether a person may still say what became of a step here.</param>
    public int For(string personId, Func<string, bool> can) => Steps.Where(s => s.Key.Length == 0 || s.Key == personId || !can(s.Key)).Sum(s => s.Value);
}

/// <summary>
/// Which plans need somebody, kept in memory: read whole once, when somebody looks for the first time, and from then on what the log says of plans that moved, by the index of its events. A look costs the same however much was ever undone,
/// and instances need not tell each other.
/// </summary>
public sealed class UndoNeeds(DurableWriter writer, IDbContextFactory<OpsDbContext> factory) : IDisposable
{
    /// <summary>Signalled when a plan moved.</summary>
    public const string Topic = UndoNotes.Due;

    private const int AtOnce = 500;
    private static readonly string[] Moves = ["undo.planned", "undo.reported", "undo.retried", "undo.handed_over"];

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, PlanNeed> _plans = [];
    private long _at = -1;

    /// <summary>The plans that need somebody in what the reader sees, newest first.</summary>
    /// <param name="rolloutId">Only of this rollout; null: of all.</param>
    public async Task<IReadOnlyList<PlanNeed>> SeenAsync(PersonCaller me, string? rolloutId, CancellationToken ct)
    {
        var (state, all) = (writer.State, await AllAsync(ct));
        return [.. all.Where(n => (rolloutId is null || n.RolloutId == rolloutId) && Sight.Rollout(state, me, n.RolloutId).Ok).OrderByDescending(n => n.Seq)];
    }

    /// <summary>How many steps need the reader: they may say what became of them, and nobody else was given them.</summary>
    public async Task<int> MineAsync(PersonCaller me, string? rolloutId, CancellationToken ct)
    {
        var (state, all) = (writer.State, await AllAsync(ct));
        return all.Where(n => (rolloutId is null || n.RolloutId == rolloutId) && Sight.Rollout(state, me, n.RolloutId, Permissions.MayWrite, UndoPlanDesk.Starters).Ok).Sum(n => n.For(me.Id, id => MayDo(state, id, n.RolloutId)));
    }

    /// <summary>Whether a person who was given a step may still say what became of it.</summary>
    internal static bool MayDo(ConsoleState state, string personId, string rolloutId)
        => state.Directory.People.TryGetValue(personId, out var person) && person.Active && state.Rollouts.TryGetValue(rolloutId, out var rollout) && Permissions.MayWrite(person, rollout);

    /// <summary>As <see cref="UndoStep.NeedsSomebody"/> says it of one in memory.</summary>
    internal static IQueryable<UndoStep> Needing(OpsDbContext db)
        => db.UndoSteps.AsNoTracking().Where(s => s.State == UndoState.Partly || s.State == UndoState.Failed || s.State == UndoState.Conflict || (s.State == UndoState.Waiting && s.Runner == UndoRunner.Person));

    /// <summary>What the log says of plans behind a place in it.</summary>
    internal static IQueryable<AuditEntry> Moved(OpsDbContext db, long after)
        => db.Audit.AsNoTracking().Where(a => a.Event != "decision.asked" && Moves.Contains(a.Event) && a.Seq > after);

    /// <summary>The steps of some plans that need somebody.</summary>
    internal static IQueryable<UndoStep> NeedingOf(OpsDbContext db, IReadOnlyCollection<string> plans) => Needing(db).Where(s => plans.Contains(s.PlanId));

    private async Task<List<PlanNeed>> AllAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            await using var db = await factory.CreateDbContextAsync(ct);
            if (_at < 0)
            {
                var head = await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);   // before the steps, so that nothing is missed between
                Keep(await ReadAsync(Needing(db), ct));
                _at = head;
            }
            else if (await Moved(db, _at).Select(a => new { a.Seq, a.Object }).ToListAsync(ct) is { Count: > 0 } moved)
            {
                HashSet<string> plans = [.. moved.Select(m => m.Object).Where(o => o.StartsWith("udp_", StringComparison.Ordinal))];
                foreach (var steps in moved.Select(m => m.Object).Where(o => !o.StartsWith("udp_", StringComparison.Ordinal)).Distinct().Chunk(AtOnce))
                    plans.UnionWith(await db.UndoSteps.AsNoTracking().Where(s => steps.Contains(s.Id)).Select(s => s.PlanId).Distinct().ToListAsync(ct));
                List<PlanNeed> now = [];
                foreach (var some in plans.Chunk(AtOnce)) now.AddRange(await ReadAsync(NeedingOf(db, some), ct));
                // Only from here on memory is another: whoever gives up waiting before has changed nothing.
                foreach (var plan in plans) _plans.Remove(plan);
                Keep(now);
                _at = moved.Max(m => m.Seq);
            }
            return [.. _plans.Values];
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Keep(IEnumerable<PlanNeed> needs)
    {
        foreach (var need in needs) _plans[need.Id] = need;
    }

    private static async Task<List<PlanNeed>> ReadAsync(IQueryable<UndoStep> needing, CancellationToken ct)
        => [.. (await needing.GroupBy(s => new { s.PlanId, s.RolloutId, s.PersonId }).Select(g => new { g.Key.PlanId, g.Key.RolloutId, g.Key.PersonId, Count = g.Count() }).ToListAsync(ct)).GroupBy(n => n.PlanId)
            .Select(plan => new PlanNeed(plan.Key, Core.Shared.Ids.TrySeq(plan.Key, "udp", out var seq) ? seq : 0, plan.First().RolloutId, plan.ToDictionary(n => n.PersonId ?? "", n => n.Count)))];

    public void Dispose() => _gate.Dispose();
}
