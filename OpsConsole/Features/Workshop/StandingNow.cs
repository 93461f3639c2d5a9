using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;

namespace OpsConsole.Features.Workshop;

/// <summary>What stands in the fields that one change writes to and in the places of their rows: read once, then kept up as the change goes on.</summary>
internal sealed class StandingNow
{
    private readonly Dictionary<FieldKey, Dictionary<string, bool>> _texts = [];   // whether something is written there, by the id of the patch
    private Dictionary<string, HashSet<string>>? _rows;   // of each sheet, once a row came

    private StandingNow(bool fresh) => _rows = fresh ? [] : null;

    /// <summary>For a rollout in which nothing was written yet.</summary>
    public static StandingNow Nothing => new(true);

    public static async Task<StandingNow> ReadAsync(OpsDbContext db, string rolloutId, IReadOnlyList<FieldKey> written, CancellationToken ct)
    {
        FieldKey[] fields = [.. written.Concat(written.Where(f => f.Row is not null).Select(f => f with { Name = FieldKey.Place })).Distinct()];
        var now = new StandingNow(false);
        foreach (var p in await db.Patches.AsNoTracking().Where(p => p.RolloutId == rolloutId && fields.Contains(p.Field) && !p.Replaced).Select(p => new { p.Id, p.Field, Filled = p.Value != "" }).ToListAsync(ct)) now.Texts(p.Field)[p.Id] = p.Filled;
        return now;
    }

    public bool Has(FieldKey field) => Count(field) > 0;

    public int Count(FieldKey field) => _texts.TryGetValue(field, out var texts) ? texts.Count : 0;

    /// <summary>Whether the row of a place is in its sheet.</summary>
    public bool IsPlaced(FieldKey place) => _texts.TryGetValue(place, out var texts) && texts.ContainsValue(true);

    public void Remove(Patch replaced)
    {
        if (!_texts.TryGetValue(replaced.Field, out var texts)) return;
        texts.Remove(replaced.Id);
        Note(replaced.Field);
    }

    public void Add(Patch patch)
    {
        Texts(patch.Field)[patch.Id] = patch.Value.Length > 0;
        Note(patch.Field);
    }

    /// <summary>How many rows a sheet has, with those of this change.</summary>
    public async Task<int> RowsAsync(OpsDbContext db, string rolloutId, string sheet, CancellationToken ct)
    {
        if (_rows is null)
        {
            var standing = await db.Patches.AsNoTracking().Where(p => p.RolloutId == rolloutId && !p.Replaced && p.Value != "").Select(p => p.Field).ToListAsync(ct);
            _rows = standing.Where(f => f.Name == FieldKey.Place).GroupBy(f => f.Sheet).ToDictionary(g => g.Key, g => g.Select(f => f.Row!).ToHashSet());
            foreach (var field in _texts.Keys) Note(field);
        }
        return _rows.TryGetValue(sheet, out var rows) ? rows.Count : 0;
    }

    private void Note(FieldKey field)
    {
        if (_rows is null || field.Name != FieldKey.Place) return;
        if (!_rows.TryGetValue(field.Sheet, out var rows)) _rows[field.Sheet] = rows = new(StringComparer.Ordinal);
        if (IsPlaced(field)) rows.Add(field.Row!); else rows.Remove(field.Row!);
    }

    private Dictionary<string, bool> Texts(FieldKey field)
    {
        if (!_texts.TryGetValue(field, out var texts)) _texts[field] = texts = new(StringComparer.Ordinal);
        return texts;
    }
}
