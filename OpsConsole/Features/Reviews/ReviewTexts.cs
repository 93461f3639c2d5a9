using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Workshop;

namespace OpsConsole.Features.Reviews;

/// <summary>The texts of a review's sections: patches of the review's own, of the kind that worksheets have. What stands first is copied into the review.</summary>
internal static class ReviewTexts
{
    private const string Written = "review.written";

    /// <summary>What stands in every section, by its key.</summary>
    public static async Task<IReadOnlyDictionary<string, Register>> AllAsync(OpsDbContext db, WeeklyReview review, CancellationToken ct)
    {
        var patches = (await db.Patches.AsNoTracking().Where(p => p.RolloutId == review.Id && !p.Replaced).ToListAsync(ct)).ToLookup(p => p.Field.Name);
        Dictionary<string, Register> all = [];
        foreach (var section in WeeklyReview.Sections.Select(s => s.Key)) all[section] = patches.Contains(section) ? Register.Of(patches[section]) : await KeptAsync(db, review, section, ct) is { } kept ? Register.Of([kept]) : Register.Empty;
        return all;
    }

    /// <summary>As part of a change that has seen to the right. Faults: <c>field.unknown</c> and those of <see cref="PatchWriter"/>.</summary>
    public static async Task<Result<Done>> PutAsync(ChangeScope scope, PersonCaller me, WeeklyReview review, IReadOnlyList<PatchRequest> requests, CancellationToken ct)
    {
        var sections = WeeklyReview.Sections.Select(s => s.Key).ToDictionary(k => WeeklyReview.Field(k).ToString());
        foreach (var (i, request) in requests.Index()) if (!sections.ContainsKey(request.Field)) return Fault.Refused("field.unknown", $"A review has no such section. Its sections are: {string.Join(", ", sections.Keys)}.", $"patches[{i}].field");
        var written = requests.Select(r => sections[r.Field]).Distinct().ToList();
        var before = await AllAsync(scope.Db, review, ct);
        foreach (var section in written)
            if (before[section].Standing is [{ Seq: 0 } kept]) scope.Db.Patches.Add(kept);   // from before sections were fields
        await scope.Db.SaveChangesAsync(ct);
        if ((await PatchWriter.PutAsync(scope, me, review.Id, requests, ct, audited: Written, rollout: review.RolloutId)).Fault is { } fault) return fault;
        var now = await AllAsync(scope.Db, review, ct);
        foreach (var section in written)
            if (!now[section].Standing.Select(p => p.Id).SequenceEqual(before[section].Standing.Select(p => p.Id))) review.Write(section, now[section].Value.Trim());
        return Done.Value;
    }

    /// <summary>Whether all of them are on record as they are, written by this person.</summary>
    public static async Task<bool> HasAsync(OpsDbContext db, WeeklyReview review, string person, IReadOnlyList<PatchRequest> requests, CancellationToken ct)
    {
        var ids = requests.Select(r => r.Id).ToList();
        var known = await db.Patches.AsNoTracking().Where(p => p.RolloutId == review.Id && p.Author == person && ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, StringComparer.Ordinal, ct);
        return requests.All(r => known.TryGetValue(r.Id, out var p) && p.Field.ToString() == r.Field && p.Value == r.Value);
    }

    /// <summary>The text of a section that was written before sections were fields, by whoever wrote it last; null where there is none, or it is a patch by now.</summary>
    private static async Task<Patch?> KeptAsync(OpsDbContext db, WeeklyReview review, string section, CancellationToken ct)
    {
        var field = WeeklyReview.Field(section);
        if (review.Texts.GetValueOrDefault(section) is not { Length: > 0 } text || await db.Patches.AsNoTracking().AnyAsync(p => p.RolloutId == review.Id && p.Field == field, ct)) return null;
        var entries = await db.Audit.AsNoTracking().Where(a => a.Event != RowRules.AskedEvent && a.Object == review.Id && a.Event == Written).OrderByDescending(a => a.Seq).Select(a => new { a.Seq, a.Leaf }).ToListAsync(ct);
        var (by, at) = entries.Select(e => LogEvent.Of(e.Seq, e.Leaf, null)).FirstOrDefault(e => e?.Word("section") == section) is { } wrote ? (wrote.Actor[(wrote.Actor.IndexOf(':', StringComparison.Ordinal) + 1)..], wrote.At) : (review.OpenedBy, review.OpenedAt);
        return new Patch(review.Id, string.Create(CultureInfo.InvariantCulture, $"kept-{review.Week:yyyyMMdd}-{section}"), field, [], text, by, at);
    }
}
