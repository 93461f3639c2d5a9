using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Workshop;

/// <summary>A comment that calls the reader.</summary>
/// <param name="Where">Worksheet and field, for people.</param>
/// <param name="Href">Opens the worksheet at the field.</param>
public sealed record MentionLine(string Id, string RolloutName, string Author, string Where, string Text, string Href, DateTimeOffset At);

/// <summary>Comments that call somebody and are not settled. Topic <see cref="Topic"/>.</summary>
public sealed class MentionInbox(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    public const string Topic = "comments";
    private const int Most = 20, Looked = 500;

    /// <summary>Newest first, of the rollouts that the person sees.</summary>
    /// <param name="rolloutId">Only this one; null: all.</param>
    public async Task<IReadOnlyList<MentionLine>> OfAsync(PersonCaller caller, string? rolloutId, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Me(state, caller) is not { Ok: true, Value: var me }) return [];
        // Only members are called, so only their rollouts are looked through.
        string[] ids = [.. state.Rollouts.Values.Where(r => !r.Archived && (rolloutId is null || r.Id == rolloutId) && r.Members.Any(m => m.PersonId == me.Id)).Select(r => r.Id)];
        if (ids.Length == 0) return [];
        await using var db = await factory.CreateDbContextAsync(ct);
        List<FieldComment> open = [];
        foreach (var id in ids) open.AddRange(await db.Comments.AsNoTracking().Where(c => c.RolloutId == id && c.SettledAt == null).OrderByDescending(c => c.At).Take(Looked).ToListAsync(ct));
        return [.. open.Where(c => c.Mentions.Contains(me.Id)).OrderByDescending(c => c.At).Take(Most)
            .Select(c => new MentionLine(c.Id, state.Rollouts[c.RolloutId].Name, state.Directory.NameOf(c.Author), Where(c.Field), c.Text, $"/rollouts/{c.RolloutId}/worksheets/{c.Field.Sheet}?thread={Uri.EscapeDataString(c.Field.ToString())}", c.At))];
    }

    internal static string Where(FieldKey field) => WorksheetSpecs.Find(field.Sheet) is { } spec ? $"{spec.Title} › {spec.Field(field.Name)?.Title ?? field.Name}" : field.ToString();
}
