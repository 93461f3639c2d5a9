using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Data.Writer;

/// <summary>Writes down each action of a rollout when it is first asked for, in the transaction of that decision.</summary>
internal sealed class SeenActions
{
    private readonly Dictionary<string, HashSet<string>> _known = new(StringComparer.Ordinal);
    private readonly List<SeenAction> _noting = [];

    /// <summary>Called with the head locked, so that no other instance notes the same at the same time.</summary>
    public async Task NoteAsync(List<DecisionRecord> decisions, IWriterStore store, CancellationToken ct)
    {
        OpsDbContext? db = null;
        try
        {
            foreach (var d in decisions)
            {
                if (_known.TryGetValue(d.RolloutId, out var known) && (known.Contains(d.Action) || known.Count >= SeenAction.MostPerRollout)) continue;
                var action = d.Action.ToLowerInvariant();
                if (_noting.Exists(n => n.RolloutId == d.RolloutId && n.Action == action)) continue;
                db ??= store.Context();
                if (known is null) _known[d.RolloutId] = known = new(await db.SeenActions.AsNoTracking().Where(s => s.RolloutId == d.RolloutId).Select(s => s.Action).ToListAsync(ct), StringComparer.OrdinalIgnoreCase);
                else if (await db.SeenActions.AnyAsync(s => s.RolloutId == d.RolloutId && s.Action == action, ct)) known.Add(action);   // another instance met it first
                if (known.Contains(action) || known.Count + _noting.Count >= SeenAction.MostPerRollout) continue;
                var seen = new SeenAction(d.RolloutId, action, d.Seq, d.At);
                _noting.Add(seen);
                db.SeenActions.Add(seen);
            }
            if (db is not null) await db.SaveChangesAsync(ct);
        }
        finally
        {
            if (db is not null) await db.DisposeAsync();
        }
    }

    public void Committed()
    {
        foreach (var seen in _noting) _known[seen.RolloutId].Add(seen.Action);
        _noting.Clear();
    }

    /// <summary>The transaction did not happen, so nothing was noted.</summary>
    public void Clear() => _noting.Clear();
}
