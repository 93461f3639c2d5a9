using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Authority;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Authority;

/// <summary>What the analysis says today about the matrix in force, or about the draft while there is none. Made anew only when the matrix, the register or an approver that it names changed.</summary>
public sealed class MatrixStandings
{
    private readonly ConcurrentDictionary<string, MatrixStanding> _last = new(StringComparer.Ordinal);
    private readonly DurableWriter _writer;
    private readonly IDbContextFactory<OpsDbContext> _factory;
    private readonly AnalysisTurns _turns;

    internal MatrixStandings(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, AnalysisTurns turns) => (_writer, _factory, _turns) = (writer, factory, turns);

    /// <summary>Null for a rollout that there is not. Waits for its turn to analyse.</summary>
    public async Task<MatrixStanding?> OfAsync(string rolloutId, CancellationToken ct)
    {
        var state = _writer.State;
        if (!state.Rollouts.TryGetValue(rolloutId, out var rollout)) return null;
        var approver = ApproverLookup.For(state.Directory, rollout);
        await using var db = await _factory.CreateDbContextAsync(ct);
        var now = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => new { r.DraftVersion, r.CatalogueVersion }).SingleAsync(ct);
        var key = MatrixKey.Of(rollout, now.DraftVersion, now.CatalogueVersion);
        if (_last.TryGetValue(rolloutId, out var known) && known.IsOf(key, approver)) return known;
        var text = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => new { r.Draft, r.DraftVersion, r.Catalogue, r.CatalogueVersion }).SingleAsync(ct);
        key = MatrixKey.Of(rollout, text.DraftVersion, text.CatalogueVersion);
        // Both were written through the same readers; a draft from before a field was refused counts as empty, and the matrix page says what is wrong with it.
        var document = rollout.Policy?.Document ?? (MatrixJson.Parse(JsonElement.Parse(text.Draft)) is { Ok: true, Value: var draft } ? draft : MatrixDocument.Empty);
        var catalogue = ActionCatalogue.Parse(JsonElement.Parse(text.Catalogue)).Value;
        var standing = await _turns.RunAsync(() => _last.TryGetValue(rolloutId, out var meanwhile) && meanwhile.IsOf(key, approver) ? meanwhile : MatrixStanding.Of(key, document, catalogue, approver, ct), null, ct);
        return _last[rolloutId] = standing.Value;
    }
}
