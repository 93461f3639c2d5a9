using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary><c>POST rollouts/{id}/worksheets/comments</c>.</summary>
/// <param name="Text">A member's name after an <c>@</c> calls them.</param>
internal sealed record CommentRequest(string Field, string Text)
{
    internal static CommentRequest Read(Fields fields) => new(fields.Text("field", 130, required: true) ?? "", fields.Text("text", FieldComment.MaxLength, required: true) ?? "");
}

/// <summary>A remark on a field.</summary>
/// <param name="Mentions">Names of the members it calls.</param>
internal sealed record CommentView(string Id, string Field, string Text, string AuthorId, string Author, DateTimeOffset At, IReadOnlyList<string> Mentions, DateTimeOffset? SettledAt, string? SettledBy);

/// <summary>Remarks on fields of worksheets. They show to whoever sees the rollout and are written by its members. Topic <c>comments:&lt;rollout&gt;</c>.</summary>
internal sealed class CommentDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    /// <summary>Not settled, of one rollout.</summary>
    public const int MostOpen = 500;
    private const string Commenters = "Comments are written and settled by the members of the rollout, a facilitator or an admin.";

    public static string Topic(string rolloutId) => "comments:" + rolloutId;

    public Fault? MayComment(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayWrite, Commenters).Fault;

    /// <summary>Of a rollout or of one field of it, newest first; <c>after</c> is the id of a comment.</summary>
    public async Task<Result<Wire.Page<CommentView>>> ListAsync(PersonCaller caller, string id, string? field, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        var comments = db.Comments.AsNoTracking().Where(c => c.RolloutId == id);
        if (field is not null)
        {
            if (WorksheetDesk.Known(field) is not { } key) return Fault.NotFound("field of a worksheet");
            comments = comments.Where(c => c.Field == key);
        }
        if (page.After is { } after)
        {
            if (await comments.SingleOrDefaultAsync(c => c.Id == after, ct) is not { } last) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
            comments = comments.Where(c => c.At < last.At || (c.At == last.At && c.Id.CompareTo(last.Id) < 0));
        }
        var rows = await comments.OrderByDescending(c => c.At).ThenByDescending(c => c.Id).Take(page.Limit + 1).ToListAsync(ct);
        return Wire.PageOf(rows, page.Limit, c => c.Id, c => View(c, state));
    }

    /// <summary>How many are not settled, by field.</summary>
    public async Task<IReadOnlyDictionary<FieldKey, int>> OpenAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, caller, id).Fault is not null) return new Dictionary<FieldKey, int>();
        await using var db = await factory.CreateDbContextAsync(ct);
        return (await db.Comments.AsNoTracking().Where(c => c.RolloutId == id && c.SettledAt == null).Select(c => c.Field).ToListAsync(ct)).CountBy(f => f).ToDictionary();
    }

    /// <summary>Whom a comment can call: members who can sign in.</summary>
    public IReadOnlyList<string> Members(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id).Ok ? [.. People(writer.State, id).Select(p => p.Name).Order(StringComparer.OrdinalIgnoreCase)] : [];

    /// <summary>Faults: not found, forbidden, <c>field.unknown</c>, <c>field.invalid</c> (text), <c>comments.full</c>.</summary>
    public async Task<Result<CommentView>> AddAsync(PersonCaller caller, string id, CommentRequest request)
    {
        if (MayComment(caller, id) is { } forbidden) return forbidden;
        if (TextRules.Wrong("text", request.Text, FieldComment.MaxLength, required: true) is { } wrong) return wrong;
        if (WorksheetDesk.Known(request.Field) is not { } key || key.Name == FieldKey.Place) return Fault.Refused("field.unknown", $"There is no field '{request.Field}'. A field is called sheet/field, or sheet/row/field in a sheet of rows.", "field");
        return await writer.ChangeAsync<CommentView>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayWrite, Commenters).Fault is { } refused) return refused;
            if (await IsFullAsync(scope, id, ct)) return Full;
            var comment = new FieldComment(Secrets.NewId("com"), id, key, request.Text.Trim(), caller.Id, Mentions.In(request.Text, People(scope.State, id)), scope.Now);
            scope.Db.Comments.Add(comment);
            scope.Audit(caller.Actor, "comment.added", comment.Id, new { field = key.ToString(), mentions = comment.Mentions }, new { text = comment.Text }, id);
            Tell(scope, id);
            return View(comment, scope.State);
        });
    }

    /// <summary>Puts a comment away; it stays in the list of what was said. Again is no change.</summary>
    public async Task<Result<CommentView>> SettleAsync(PersonCaller caller, string id, string commentId)
    {
        if (MayComment(caller, id) is { } forbidden) return forbidden;
        return await writer.ChangeAsync<CommentView>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayWrite, Commenters).Fault is { } refused) return refused;
            if (await scope.Db.Comments.SingleOrDefaultAsync(c => c.Id == commentId && c.RolloutId == id, ct) is not { } comment) return Fault.NotFound("comment");
            if (comment.SettledAt is not null) return View(comment, scope.State);
            comment.Settle(caller.Id, scope.Now);
            scope.Audit(caller.Actor, "comment.settled", comment.Id, new { field = comment.Field.ToString() }, rolloutId: id);
            Tell(scope, id);
            return View(comment, scope.State);
        });
    }

    /// <summary>Opens a settled comment again. Again is no change. Faults: as <see cref="SettleAsync"/>, and <c>comments.full</c>.</summary>
    public async Task<Result<CommentView>> ReopenAsync(PersonCaller caller, string id, string commentId)
    {
        if (MayComment(caller, id) is { } forbidden) return forbidden;
        return await writer.ChangeAsync<CommentView>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayWrite, Commenters).Fault is { } refused) return refused;
            if (await scope.Db.Comments.SingleOrDefaultAsync(c => c.Id == commentId && c.RolloutId == id, ct) is not { } comment) return Fault.NotFound("comment");
            if (comment.SettledAt is null) return View(comment, scope.State);
            if (await IsFullAsync(scope, id, ct)) return Full;
            comment.Reopen();
            scope.Audit(caller.Actor, "comment.reopened", comment.Id, new { field = comment.Field.ToString() }, rolloutId: id);
            Tell(scope, id);
            return View(comment, scope.State);
        });
    }

    private static Fault Full => Fault.Refused("comments.full", $"At most {MostOpen} comments are open in a rollout. Settle some first.");

    private static async Task<bool> IsFullAsync(ChangeScope scope, string id, CancellationToken ct) => await scope.Db.Comments.CountAsync(c => c.RolloutId == id && c.SettledAt == null, ct) >= MostOpen;

    private static void Tell(ChangeScope scope, string id)
    {
        scope.Signal(Topic(id));
        scope.Signal(MentionInbox.Topic);
    }

    private static IEnumerable<(string Id, string Name)> People(ConsoleState state, string id)
        => state.Rollouts[id].Members.Select(m => m.PersonId).Distinct().Select(p => state.Directory.People.GetValueOrDefault(p)).OfType<PersonEntry>().Where(p => p.Active).Select(p => (p.Id, VisibleText.Flatten(p.Name)));

    private static CommentView View(FieldComment c, ConsoleState state)
        => new(c.Id, c.Field.ToString(), c.Text, c.Author, state.Directory.NameOf(c.Author), c.At, [.. c.Mentions.Select(state.Directory.NameOf)], c.SettledAt, c.SettledBy is { } by ? state.Directory.NameOf(by) : null);
}
