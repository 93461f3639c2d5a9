using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Workshop;

/// <summary>What an undo took back, or would.</summary>
/// <param name="Fields">The fields that say again what they said before.</param>
/// <param name="Words">Where that is, for people.</param>
internal sealed record UndoView(IReadOnlyList<string> Fields, string Words);

/// <summary>Takes back a person's own last edits of the worksheets, one after the other, where nobody else wrote since. Each is a patch like any other: the history keeps both.</summary>
internal sealed class UndoDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    // A worked example is one edit of three hundred texts and more.
    private const int Looked = 1_000, Edits = 20, Tries = 3;
    private const string Moved = "undo.moved";
    private static readonly TimeSpan Back = TimeSpan.FromDays(1);

    public Fault? MayUndo(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayWrite, WorksheetDesk.Writers).Fault;

    /// <summary>What <see cref="UndoAsync"/> would take back; null: nothing.</summary>
    public async Task<UndoView?> NextAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        if (MayUndo(caller, id) is not null) return null;
        await using var db = await factory.CreateDbContextAsync(ct);
        return await FindAsync(db, caller, id, ct) is { } found ? View(found.Texts, found.Now) : null;
    }

    /// <summary>Faults: not found, forbidden, <c>undo.nothing</c>, <c>undo.other</c>, <c>undo.shared_row</c>, <c>undo.moved</c> when the fields would not stand still.</summary>
    /// <param name="meant">The fields of the edit that the person saw offered: no other is taken back in its stead. Null: whichever is the last.</param>
    public async Task<Result<UndoView>> UndoAsync(PersonCaller caller, string id, IReadOnlyList<string>? meant = null)
    {
        if (MayUndo(caller, id) is { } forbidden) return forbidden;
        for (var tries = 1; ; tries++)
        {
            // Looked for beside the writer, which then only sees to it that nothing came since.
            Found? found;
            await using (var db = await factory.CreateDbContextAsync()) found = await FindAsync(db, caller, id, CancellationToken.None);
            if (found is null) return Fault.Refused("undo.nothing", "There is nothing of yours to take back: either nothing was written lately, or somebody else wrote there since. The history of a field has every text.");
            if (meant is not null && !found.Texts.Select(t => t.Field.ToString()).ToHashSet(StringComparer.Ordinal).SetEquals(meant)) return Fault.Conflict("undo.other", "Your last edit is another one meanwhile, so nothing was taken back. Look again.");
            var undone = await writer.ChangeAsync<UndoView>((scope, ct) => TakeBackAsync(scope, caller, id, found, ct));
            if (undone.Fault?.Code != Moved || tries == Tries) return undone;
        }
    }

    private static async Task<Result<UndoView>> TakeBackAsync(ChangeScope scope, PersonCaller caller, string id, Found found, CancellationToken ct)
    {
        if (Sight.Rollout(scope.State, caller, id, Permissions.MayWrite, WorksheetDesk.Writers).Fault is { } refused) return refused;
        var patches = scope.Db.Patches.AsNoTracking().Where(p => p.RolloutId == id);
        FieldKey[] fields = [.. found.Texts.Select(t => t.Field)];
        if (await patches.AnyAsync(p => fields.Contains(p.Field) && p.Seq > found.UpTo, ct)) return Fault.Conflict(Moved, "Something was written there in the same moment. Try again.");
        // A row that goes takes along whatever stands in it.
        FieldKey[] along = [.. found.Texts.Where(t => t.Field.Name == FieldKey.Place && t.Text.Length == 0).SelectMany(t => WorksheetSpecs.Find(t.Field.Sheet)!.Fields.Select(f => t.Field with { Name = f.Name }))];
        if (along.Length > 0 && await patches.AnyAsync(p => along.Contains(p.Field) && !p.Replaced && p.Value != "" && p.Author != caller.Id, ct))
            return Fault.Refused("undo.shared_row", "Somebody else has written into a row that this would take away. Take the row out by hand if you mean to; it can be brought back.");
        // Only what this person wrote is gone over: a text that somebody wrote at the same time stays and is shown beside it.
        var over = found.Now.Where(p => p.Author == caller.Id).ToLookup(p => p.Field, p => p.Id);
        var put = await PatchWriter.PutAsync(scope, caller, id, [.. found.Texts.Select(t => new PatchRequest(OwnEdits.Undo + Guid.NewGuid().ToString("N"), t.Field.ToString(), [.. over[t.Field]], t.Text))], ct);
        return put.Fault is { } fault ? fault : View(found.Texts, found.Now);
    }

    /// <param name="Texts">What the fields of the edit said before it.</param>
    /// <param name="Now">What stands in them.</param>
    /// <param name="UpTo">The last patch of them that was looked at.</param>
    private sealed record Found(IReadOnlyList<(FieldKey Field, string Text)> Texts, IReadOnlyList<Patch> Now, long UpTo);

    private async Task<Found?> FindAsync(OpsDbContext db, PersonCaller caller, string id, CancellationToken ct)
    {
        var patches = db.Patches.AsNoTracking().Where(p => p.RolloutId == id);
        var from = time.GetUtcNow() - Back;
        var mine = await patches.Where(p => p.Author == caller.Id && p.At >= from).OrderByDescending(p => p.Seq).Take(Looked).ToListAsync(ct);
        mine.Reverse();
        if (mine.Count == Looked && mine[0].At is var cut) mine.RemoveAll(p => p.At == cut);   // what was sent at once is taken back whole or not at all
        foreach (var edit in OwnEdits.Of(mine).Take(Edits))
        {
            var first = edit.Patches[0].Seq;
            FieldKey[] fields = [.. edit.Fields];
            string[] ids = [.. edit.Patches.SelectMany(p => p.Over)];
            var (since, before) = (await patches.Where(p => fields.Contains(p.Field) && p.Seq >= first).ToListAsync(ct), await patches.Where(p => ids.Contains(p.Id)).ToListAsync(ct));
            if (OwnEdits.Before(edit, since, before) is not { } texts) continue;
            Patch[] standing = [.. since.Where(p => !p.Replaced)];
            if (OwnEdits.Shows(texts, standing)) return new(texts, standing, since.Max(p => p.Seq));
        }
        return null;
    }

    /// <summary>What is taken back after these fields were written to.</summary>
    public static UndoView Of(IReadOnlyList<FieldKey> fields) => View([.. fields.Select(f => (f, ""))], []);

    private static UndoView View(IReadOnlyList<(FieldKey Field, string Text)> texts, IReadOnlyList<Patch> now)
    {
        var (first, sheets) = (texts[0].Field, texts.Select(t => t.Field.Sheet).Distinct().Count());
        var sheet = WorksheetSpecs.Find(first.Sheet)!;
        var words = texts.Count > 1 ? $"{Counted.Of(texts.Count, "field")} of {(sheets == 1 ? $"“{sheet.Title}”" : Counted.Of(sheets, "worksheet"))}"
            : first.Name == FieldKey.Place ? now.Any(p => p.Field == first && p.Value.Length > 0) ? $"where {sheet.OneRow} stands" : $"{sheet.OneRow} that was taken out" : $"“{sheet.Field(first.Name)!.Title}”";
        return new([.. texts.Select(t => t.Field.ToString())], words);
    }
}
