using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>The cases that a rollout's matrix must answer as written.</summary>
internal sealed class ExampleDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    private const string Editors = "Examples are written by the rollout's owners, its engineering owner, its risk lead, a facilitator or an admin.";

    public Fault? MayEdit(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayEdit, Editors).Fault;

    /// <summary>In their order; <c>after</c> is the id of one.</summary>
    public async Task<Result<ExamplesPage>> ListAsync(PersonCaller caller, string id, PageQuery page, CancellationToken ct)
    {
        var stored = await ReadAsync(caller, id, ct);
        if (stored.Fault is { } fault) return fault;
        var items = stored.Value.Examples.Items;
        var rest = page.After is null ? items : items.SkipWhile(e => e.Id != page.After).Skip(1);
        return new ExamplesPage(stored.Value.Version, Wire.PageOf([.. rest.Take(page.Limit + 1)], page.Limit, e => e.Id, ExampleEntry.Of));
    }

    /// <summary>Replaces the whole list. Faults: those of <see cref="MatrixExamples.Parse"/>; <c>examples.stale</c> when somebody saved since <paramref name="basedOn"/>; null means whatever stands there.</summary>
    public async Task<Result<ExamplesSaved>> SaveAsync(PersonCaller caller, string id, JsonElement body, long? basedOn)
    {
        if (MayEdit(caller, id) is { } forbidden) return forbidden;
        var parsed = MatrixExamples.Parse(body);
        return parsed.Fault is { } wrong ? wrong : await ReplaceAsync(caller, id, parsed.Value, basedOn);
    }

    /// <summary>Adds an example (<paramref name="was"/> null), changes it, or removes it (<paramref name="now"/> null), whatever else changed in the meantime. Faults: those of <see cref="MatrixExamples.With"/>.</summary>
    public async Task<Result<ExamplesSaved>> ChangeAsync(PersonCaller caller, string id, MatrixExample? was, MatrixExample? now, CancellationToken ct)
    {
        if (MayEdit(caller, id) is { } forbidden) return forbidden;
        while (true)
        {
            var stored = await ReadAsync(caller, id, ct);
            if (stored.Fault is { } hidden) return hidden;
            var changed = stored.Value.Examples.With(was, now);
            if (changed.Fault is { } wrong) return wrong;
            // What a page made is checked like what a program sends.
            var checkedAgain = MatrixExamples.Parse(JsonElement.Parse(changed.Value.ToJson()));
            if (checkedAgain.Fault is { } refused) return refused;
            var saved = await ReplaceAsync(caller, id, checkedAgain.Value, stored.Value.Version);
            if (saved.Fault?.Code != "examples.stale") return saved;   // else somebody saved in between: once more, on top of theirs
        }
    }

    /// <summary>Adds the cases of a worked matrix. Those of a worked matrix that nobody changed make room for them: whoever tries one after the other is not left with cases of a matrix that is gone. Faults: <c>examples.full</c>.</summary>
    internal async Task<Result<ExamplesSaved>> StartWithAsync(PersonCaller caller, string id, MatrixExamples worked, CancellationToken ct)
    {
        if (MayEdit(caller, id) is { } forbidden) return forbidden;
        while (true)
        {
            var stored = await ReadAsync(caller, id, ct);
            if (stored.Fault is { } hidden) return hidden;
            Result<MatrixExamples> begun = stored.Value.Examples;
            foreach (var old in stored.Value.Examples.Items.Where(WorkedMatrices.Brought)) begun = begun.Then(e => e.With(old, null));
            foreach (var added in worked.Items) begun = begun.Then(e => e.With(null, added));
            if (begun.Fault is { } full) return full;
            var saved = await ReplaceAsync(caller, id, begun.Value, stored.Value.Version);
            if (saved.Fault?.Code != "examples.stale") return saved;   // else somebody saved in between: once more, on top of theirs
        }
    }

    private async Task<Result<ExamplesSaved>> ReplaceAsync(PersonCaller caller, string id, MatrixExamples examples, long? basedOn)
    {
        var json = examples.ToJson();
        var sha = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        return await writer.ChangeAsync<ExamplesSaved>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayEdit, Editors).Fault is { } refused) return refused;
            var rollout = await scope.Db.Rollouts.SingleAsync(r => r.Id == id, ct);
            if (basedOn is { } version && version != rollout.ExamplesVersion) return Stale(rollout.ExamplesVersion, "Read them again, then send yours.");
            if (rollout.Examples == json) return new ExamplesSaved(rollout.ExamplesVersion, examples.Items.Count, null);   // the same list again is no change
            rollout.SaveExamples(json);
            var entry = scope.Audit(caller.Actor, "examples.saved", id, new { version = rollout.ExamplesVersion, examples = examples.Items.Count, sha256 = sha }, $$"""{"examples":{{json}}}""", id);
            scope.Signal("matrix:" + id);
            return new ExamplesSaved(rollout.ExamplesVersion, examples.Items.Count, entry);
        });
    }

    /// <summary>What stands there, and the number its ETag shows.</summary>
    public async Task<Result<(long Version, MatrixExamples Examples)>> ReadAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, caller, id).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        var stored = await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => new { r.Examples, r.ExamplesVersion }).SingleOrDefaultAsync(ct);
        if (stored is null) return Fault.NotFound("rollout");
        // Written through the same reader, so it parses.
        return (stored.ExamplesVersion, MatrixExamples.Parse(JsonElement.Parse(stored.Examples)).Value);
    }

    internal static Fault Stale(long now, string what)
        => new(FaultKind.Stale, "examples.stale", $"Somebody saved the examples in the meantime (they are e{now} now). {what}", null, new Dictionary<string, object?> { ["etag"] = ExamplesPage.Tag(now) });
}
