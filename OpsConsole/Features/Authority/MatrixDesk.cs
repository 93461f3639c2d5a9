using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>A rollout's matrix: the draft, its analysis, publishing it, and the versions there were.</summary>
internal sealed class MatrixDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, CatalogueDesk catalogues, ExampleDesk examples, AnalysisTurns turns)
{
    private readonly DraftReadings _readings = new(turns);
    // Of every version that was listed: its document never changes, so it is read for its counts once.
    private readonly ConcurrentDictionary<(string Rollout, int Number), (int Rules, int Boundaries)> _counts = new();

    private const string Editors = "The draft is written by the rollout's owners, its engineering owner, its risk lead, a facilitator or an admin.";
    private const string Publishers = "A matrix is published by the rollout owner, the risk lead, their deputies, or an admin.";

    public Fault? MayEdit(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayEdit, Editors).Fault;
    public Fault? MayPublish(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayPublish, Publishers).Fault;

    public async Task<Result<MatrixDraft>> DraftAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, caller, id).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        var draft = await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => new MatrixDraft(r.Draft, r.DraftVersion, r.CatalogueVersion, r.ExamplesVersion)).SingleOrDefaultAsync(ct);
        return draft is null ? Fault.NotFound("rollout") : draft;
    }

    /// <summary>Stores the draft in its canonical form. Faults: <c>matrix.stale</c> when somebody saved since <paramref name="basedOn"/>, where null means whatever stands there; <c>matrix.too_large</c>.</summary>
    /// <param name="also">What belongs to the same change, such as an entry that says where a row comes from.</param>
    public async Task<Result<MatrixDraft>> SaveAsync(PersonCaller caller, string id, JsonElement body, long? basedOn, Action<ChangeScope, MatrixDraft>? also = null)
    {
        if (MayEdit(caller, id) is { } forbidden) return forbidden;
        var document = MatrixJson.Parse(body);
        if (document.Fault is { } fault) return fault;
        var json = MatrixJson.ToJson(document.Value);
        if (MatrixFormats.TooLarge(json) is { } tooLarge) return tooLarge;
        return await writer.ChangeAsync<MatrixDraft>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayEdit, Editors).Fault is { } refused) return refused;
            var rollout = await scope.Db.Rollouts.SingleAsync(r => r.Id == id, ct);
            if (basedOn is { } version && version != rollout.DraftVersion) return Stale(rollout.DraftVersion);
            if (rollout.Draft == json) return new MatrixDraft(json, rollout.DraftVersion, rollout.CatalogueVersion, rollout.ExamplesVersion);   // the same again is no change
            rollout.SaveDraft(json);
            scope.Audit(caller.Actor, "matrix.saved", id, new { draft = rollout.DraftVersion, rules = document.Value.Rules.Count, boundaries = document.Value.Boundaries.Count, sha256 = Convert.ToHexStringLower(Sha(json)) }, rolloutId: id);
            scope.Signal("matrix:" + id);
            var saved = new MatrixDraft(json, rollout.DraftVersion, rollout.CatalogueVersion, rollout.ExamplesVersion);
            also?.Invoke(scope, saved);
            return saved;
        });
    }

    /// <summary>The analysis of what is stored, for a caller who does not wait long for a turn. Fault: <c>analysis.busy</c>.</summary>
    public async Task<Result<AnalysisView>> AnalyseAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout } || await KnownDraftAsync(id, ct) is not { } draft) return Fault.NotFound("rollout");
        return (await _readings.OfAsync(draft, rollout, state, () => YardsticksAsync(caller, id, ct), turns.Patience, ct)).Then<AnalysisView>(r => r.Analysis);
    }

    /// <summary>The analysis of a text that is not stored (yet); waits for its turn as long as the caller does.</summary>
    public async Task<Result<AnalysisView>> AnalyseAsync(PersonCaller caller, string id, JsonElement body, CancellationToken ct)
    {
        var state = writer.State;
        var rollout = Sight.Rollout(state, caller, id);
        if (rollout.Fault is { } fault) return fault;
        var document = MatrixJson.Parse(body);
        if (document.Fault is { } bad) return bad;
        var yardsticks = await YardsticksAsync(caller, id, ct);
        return await turns.RunAsync(() => AnalysisView.Of(Analyse(document.Value, state, rollout.Value, yardsticks, ct)), null, ct);
    }

    /// <summary>Puts the draft in force for the very next decision; where the rollout asks for a second person, the first only proposes it. Faults: <c>matrix.errors</c> with the analysis; <c>matrix.stale</c> or <c>examples.stale</c> when the draft or its examples changed while it was analysed; <c>matrix.unchanged</c> when the version in force says the same; <c>analysis.busy</c>; those of <see cref="SecondPerson"/>.</summary>
    /// <param name="patience">How long to wait for the turn to analyse; null: as long as the caller does.</param>
    public async Task<Result<PublishedView>> PublishAsync(PersonCaller caller, string id, PublishRequest request, CancellationToken ct, long? basedOn = null, TimeSpan? patience = null)
    {
        if (MayPublish(caller, id) is { } forbidden) return forbidden;
        if (request.Check() is { } wrong) return wrong;
        var reason = request.Reason.Trim();
        var draft = await DraftAsync(caller, id, ct);
        if (draft.Fault is { } hidden) return hidden;
        if (basedOn is { } expected && expected != draft.Value.Version) return Stale(draft.Value.Version);
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var seen }) return Fault.NotFound("rollout");
        var document = MatrixJson.Parse(JsonElement.Parse(draft.Value.Json)).Value;
        var yardsticks = await YardsticksAsync(caller, id, ct);
        var analysed = await turns.RunAsync(() => Analyse(document, state, seen, yardsticks, ct), patience, ct);   // outside the writer: it may take a moment, and decisions must not wait for it
        if (analysed.Fault is { } busy) return busy;
        var analysis = analysed.Value;
        var view = AnalysisView.Of(analysis);
        if (!analysis.Ok)
        {
            var errors = analysis.Errors.Count == 1 ? analysis.Errors[0].Message : $"{analysis.Errors.Count} errors, the first: {analysis.Errors[0].Message}";
            return Fault.Refused("matrix.errors", "The draft is not published: " + errors, analysis.Errors[0].Field, new Dictionary<string, object?> { ["analysis"] = view });
        }
        var json = MatrixJson.ToJson(document);
        var sha = Sha(json);
        return await writer.ChangeAsync<PublishedView>(async (scope, inner) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayPublish, Publishers).Fault is { } refused) return refused;
            var rollout = await scope.Db.Rollouts.SingleAsync(r => r.Id == id, inner);
            if (rollout.DraftVersion != draft.Value.Version) return Stale(rollout.DraftVersion);
            if (rollout.ExamplesVersion != yardsticks.ExamplesVersion) return ExampleDesk.Stale(rollout.ExamplesVersion, "Publish again: they are checked first.");
            // A version is its document: register and examples decide nothing, so that neither makes a new one.
            if (rollout.PublishedVersion is > 0 and var current && (await scope.Db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == id && v.Number == current).Select(v => v.Sha256).SingleAsync(inner)).AsSpan().SequenceEqual(sha))
                return Fault.Conflict("matrix.unchanged", $"Nothing changed since version {current}, which is in force: the draft says the same. Save a change first, then publish.", new Dictionary<string, object?> { ["version"] = current });
            var proposes = SecondPerson.OnlyProposes(rollout, caller, scope.State, basedOn is not null);
            if (proposes.Fault is { } alone) return alone;
            if (proposes.Value) return new PublishedView(0, scope.Now, Convert.ToHexStringLower(sha), view.Warnings, "proposed", SecondPerson.Propose(scope, rollout, caller, reason, Convert.ToHexStringLower(sha), document.Rules.Count, document.Boundaries.Count, view.Warnings));
            var proposal = rollout.SecondPublisher ? SecondPerson.Standing(rollout, scope.State) : null;
            var number = rollout.Publish();
            scope.Db.MatrixVersions.Add(new MatrixVersion(id, number, json, sha, caller.Id, scope.Now, proposal is null ? reason : $"{proposal.Reason} – confirmed: {reason}", proposal?.By));
            scope.Audit(caller.Actor, "matrix.published", id, new { version = number, sha256 = Convert.ToHexStringLower(sha), rules = document.Rules.Count, boundaries = document.Boundaries.Count, warnings = analysis.Warnings.Count, draft = rollout.DraftVersion, catalogue = rollout.CatalogueVersion, examples = rollout.ExamplesVersion, proposed_by = proposal?.By }, new { reason }, id);
            scope.AuthorityChanged();
            scope.Signal("matrix:" + id);
            return new PublishedView(number, scope.Now, Convert.ToHexStringLower(sha), view.Warnings);
        });
    }

    /// <summary>Newest first; <c>after</c> is a version number.</summary>
    public async Task<Result<Wire.Page<VersionRow>>> VersionsAsync(PersonCaller caller, string id, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        await using var db = await factory.CreateDbContextAsync(ct);
        var versions = db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == id);
        if (page.After is { } after)
        {
            if (!int.TryParse(after, out var before)) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
            versions = versions.Where(v => v.Number < before);
        }
        var rows = await versions.OrderByDescending(v => v.Number).Take(page.Limit + 1).Select(v => new { v.Number, v.PublishedAt, v.PublishedBy, v.Reason, v.Sha256, v.ProposedBy }).ToListAsync(ct);
        var uncounted = rows.Select(v => v.Number).Where(n => !_counts.ContainsKey((id, n))).ToList();
        if (uncounted.Count > 0)
        {
            await foreach (var v in db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == id && uncounted.Contains(v.Number)).Select(v => new { v.Number, v.Document }).AsAsyncEnumerable().WithCancellation(ct))
            {
                using var document = JsonDocument.Parse(v.Document);
                _counts[(id, v.Number)] = (Count(document.RootElement, "rules"), Count(document.RootElement, "boundaries"));
            }
        }
        return Wire.PageOf(rows, page.Limit, v => v.Number.ToString(CultureInfo.InvariantCulture), v =>
        {
            var (rules, boundaries) = _counts[(id, v.Number)];
            return new VersionRow(v.Number, v.PublishedAt, v.PublishedBy, state.Directory.NameOf(v.PublishedBy), v.Reason, Convert.ToHexStringLower(v.Sha256), rules, boundaries, v.Number == rollout.Policy?.Version, v.ProposedBy, v.ProposedBy is null ? null : state.Directory.NameOf(v.ProposedBy));
        });
    }

    public async Task<Result<VersionView>> VersionAsync(PersonCaller caller, string id, int number, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        await using var db = await factory.CreateDbContextAsync(ct);
        var v = await db.MatrixVersions.AsNoTracking().SingleOrDefaultAsync(x => x.RolloutId == id && x.Number == number, ct);
        if (v is null) return Fault.NotFound("version of this matrix");
        return new VersionView(v.Number, v.PublishedAt, v.PublishedBy, state.Directory.NameOf(v.PublishedBy), v.Reason, Convert.ToHexStringLower(v.Sha256), v.Number == rollout.Policy?.Version, JsonElement.Parse(v.Document), v.ProposedBy, v.ProposedBy is null ? null : state.Directory.NameOf(v.ProposedBy));
    }

    /// <summary>Draft, reading, analysis and versions in one look.</summary>
    public async Task<Result<MatrixPageView>> PageAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        if (await KnownDraftAsync(id, ct) is not { } draft) return Fault.NotFound("rollout");
        var read = await _readings.OfAsync(draft, rollout, state, () => YardsticksAsync(caller, id, ct), null, ct);
        if (read.Fault is { } unreadable) return unreadable;
        var reading = read.Value;
        var versions = await VersionsAsync(caller, id, new PageQuery(null, 50), ct);
        if (versions.Fault is { } fault) return fault;
        var (second, proposal) = await ProposalAsync(caller, id, state, ct);
        return new MatrixPageView(rollout.Name, draft, reading.Document, reading.Analysis, versions.Value.Items,
            versions.Value.Items.FirstOrDefault(v => v.InForce && v.Sha256 == reading.Sha256)?.Version, MayEdit(caller, id) is null, MayPublish(caller, id) is null, proposal, second);
    }

    /// <summary>Whether publishing takes two, and who proposed the draft as it stands. For a rollout that the reader may see.</summary>
    internal async Task<(bool Second, ProposalView? Proposal)> ProposalAsync(PersonCaller caller, string id, ConsoleState state, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var now = await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => new { r.SecondPublisher, r.Proposal, r.DraftVersion }).SingleAsync(ct);
        return (now.SecondPublisher, now.Proposal is { } p && p.DraftVersion == now.DraftVersion ? new ProposalView(p.By, state.Directory.NameOf(p.By), p.At, p.Reason, p.DraftVersion, p.By == caller.Id) : null);
    }

    /// <summary>The draft of a rollout that may be seen; its text comes from the database only when it was saved since.</summary>
    private async Task<MatrixDraft?> KnownDraftAsync(string id, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var now = await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => new { r.DraftVersion, r.CatalogueVersion, r.ExamplesVersion }).SingleOrDefaultAsync(ct);
        if (now is not null && _readings.Known(id, now.DraftVersion, now.CatalogueVersion, now.ExamplesVersion) is { } known) return known;
        return await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => new MatrixDraft(r.Draft, r.DraftVersion, r.CatalogueVersion, r.ExamplesVersion)).SingleOrDefaultAsync(ct);
    }

    // A rollout that was hidden a moment ago has nothing to compare with.
    private async Task<Yardsticks> YardsticksAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var (catalogue, cases) = (await catalogues.ReadAsync(caller, id, ct), await examples.ReadAsync(caller, id, ct));
        return catalogue.Ok && cases.Ok ? new(catalogue.Value.Catalogue, cases.Value.Examples, cases.Value.Version) : new(ActionCatalogue.Empty, MatrixExamples.Empty, 0);
    }

    private static MatrixAnalysis Analyse(MatrixDocument document, ConsoleState state, RolloutAuthority rollout, Yardsticks yardsticks, CancellationToken ct) => yardsticks.Analyse(document, ApproverLookup.For(state.Directory, rollout), ct);

    private static int Count(JsonElement root, string name) => root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.GetArrayLength() : 0;

    private static byte[] Sha(string json) => SHA256.HashData(Encoding.UTF8.GetBytes(json));

    internal static Fault Stale(long now) => new(FaultKind.Stale, "matrix.stale", $"Somebody saved the draft in the meantime (it is v{now} now). Read it again, then send yours.", null, new Dictionary<string, object?> { ["etag"] = $"\"v{now}\"" });
}
