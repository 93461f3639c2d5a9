using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Approvals;

/// <summary>A view of the desk that its reader has named.</summary>
public sealed record DeskView(string Id, string Name, string Query, bool Default, DateTimeOffset At);

/// <summary>Saved views of the desk: each person's own, so nobody else reads them and the log does not mention them.</summary>
public sealed class ViewDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    /// <summary>In the order they were saved.</summary>
    public async Task<IReadOnlyList<DeskView>> ListAsync(PersonCaller me, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return [.. (await db.SavedViews.AsNoTracking().Where(v => v.PersonId == me.Id).OrderBy(v => v.At).ThenBy(v => v.Id).ToListAsync(ct)).Select(View)];
    }

    /// <summary>Saves what the desk shows under a name; one of that name shows it from now on. Faults: <c>field.invalid</c>, <c>views.too_many</c>.</summary>
    /// <param name="query">Of the desk's address; what makes no sense in it is left out.</param>
    public Task<Result<DeskView>> SaveAsync(PersonCaller me, string name, string query) => writer.ChangeAsync<DeskView>(async (scope, ct) =>
    {
        if (Named(name) is { } wrong) return wrong;
        var mine = await scope.Db.SavedViews.Where(v => v.PersonId == me.Id).ToListAsync(ct);
        var shown = DeskFilter.Parse(query).Query;
        var view = mine.FirstOrDefault(v => string.Equals(v.Name, name.Trim(), StringComparison.OrdinalIgnoreCase));
        if (view is not null) view.Show(shown);
        else if (mine.Count >= SavedView.Most) return Fault.Refused("views.too_many", $"You have {SavedView.Most} views; remove one first.");
        else scope.Db.SavedViews.Add(view = new SavedView(Secrets.NewId("viw"), me.Id, name.Trim(), shown, scope.Now));
        return View(view);
    });

    /// <summary>Faults: <c>field.invalid</c>, not found, <c>views.name_taken</c>.</summary>
    public Task<Result<DeskView>> RenameAsync(PersonCaller me, string id, string name) => writer.ChangeAsync<DeskView>(async (scope, ct) =>
    {
        if (Named(name) is { } wrong) return wrong;
        var mine = await scope.Db.SavedViews.Where(v => v.PersonId == me.Id).ToListAsync(ct);
        if (mine.Find(v => v.Id == id) is not { } view) return Fault.NotFound("view");
        if (mine.Exists(v => v.Id != id && string.Equals(v.Name, name.Trim(), StringComparison.OrdinalIgnoreCase))) return Fault.Conflict("views.name_taken", "Another of your views has this name.");
        view.Rename(name.Trim());
        return View(view);
    });

    /// <summary>Removes a view; returns it as it was, for <see cref="BringBackAsync"/>.</summary>
    public Task<Result<DeskView>> RemoveAsync(PersonCaller me, string id) => writer.ChangeAsync<DeskView>(async (scope, ct) =>
    {
        if (await scope.Db.SavedViews.SingleOrDefaultAsync(v => v.Id == id && v.PersonId == me.Id, ct) is not { } view) return Fault.NotFound("view");
        scope.Db.SavedViews.Remove(view);
        return View(view);
    });

    /// <summary>Undoes a removal: the view stands again where it stood. Nothing happens where it was never gone.</summary>
    public Task<Result<DeskView>> BringBackAsync(PersonCaller me, DeskView removed) => writer.ChangeAsync<DeskView>(async (scope, ct) =>
    {
        var mine = await scope.Db.SavedViews.Where(v => v.PersonId == me.Id).ToListAsync(ct);
        if (mine.Exists(v => v.Id == removed.Id)) return removed;
        if (mine.Count >= SavedView.Most) return Fault.Refused("views.too_many", $"You have {SavedView.Most} views; remove one first.");
        var view = new SavedView(removed.Id, me.Id, removed.Name, DeskFilter.Parse(removed.Query).Query, removed.At);
        view.Prefer(removed.Default && !mine.Exists(v => v.Default));
        scope.Db.SavedViews.Add(view);
        return View(view);
    });

    /// <summary>The desk begins with this view, or (null) with all that waits.</summary>
    public Task<Result<Done>> PreferAsync(PersonCaller me, string? id) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var mine = await scope.Db.SavedViews.Where(v => v.PersonId == me.Id).ToListAsync(ct);
        if (id is not null && !mine.Exists(v => v.Id == id)) return Fault.NotFound("view");
        foreach (var view in mine) view.Prefer(view.Id == id);
        return Done.Value;
    });

    private static Fault? Named(string name) => name.Trim() is { Length: > 0 and <= SavedView.LongestName } ? null : Fault.Invalid("field.invalid", $"A view needs a name of at most {SavedView.LongestName} characters.", "name");

    private static DeskView View(SavedView v) => new(v.Id, v.Name, v.Query, v.Default, v.At);
}
