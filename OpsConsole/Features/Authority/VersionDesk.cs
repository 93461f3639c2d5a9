using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>The versions of a matrix: comparing any two, putting one back into the draft, taking a proposal back. Who answered what under one: <see cref="VersionAnswers"/>.</summary>
internal sealed class VersionDesk(DurableWriter writer, MatrixDesk matrices)
{
    public const string Draft = "draft", InForce = "in-force", Nothing = "nothing";

    private const string Editors = "A version is put into the draft by the rollout's owners, its engineering owner, its risk lead, a facilitator or an admin.";
    private const string Withdrawers = "A proposal is taken back by whoever made it, or by somebody who may publish.";

    public async Task<Result<VersionsView>> PageAsync(PersonCaller caller, string id, PageQuery page, CancellationToken ct)
    {
        var draft = await matrices.DraftAsync(caller, id, ct);
        if (draft.Fault is { } hidden) return hidden;
        var versions = await matrices.VersionsAsync(caller, id, page, ct);
        if (versions.Fault is { } fault) return fault;
        var state = writer.State;
        var (_, proposal) = await matrices.ProposalAsync(caller, id, state, ct);
        return new VersionsView(state.Rollouts[id].Name, versions.Value, draft.Value.Version, matrices.MayEdit(caller, id) is null, matrices.MayPublish(caller, id) is null, proposal);
    }

    /// <param name="from"><c>draft</c>, <c>in-force</c> or the number of a version.</param>
    public async Task<Result<DiffView>> DiffAsync(PersonCaller caller, string id, string from, string to, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        var old = await FindAsync(caller, rollout, from, "from", ct);
        if (old.Fault is { } wrong) return wrong;
        var now = await FindAsync(caller, rollout, to, "to", ct);
        if (now.Fault is { } fault) return fault;
        var changes = MatrixChanges.Between(old.Value.Document, now.Value.Document, state.Directory.Called);
        return new DiffView(old.Value.Name, now.Value.Name, [.. changes.Select(ChangeView.Of)], MatrixChanges.Summary(changes));
    }

    /// <summary>Puts a version into the draft, in place of what stands there; what is in force stays. Faults: <c>matrix.stale</c> when somebody saved since <paramref name="basedOn"/>; null means whatever stands there.</summary>
    public async Task<Result<MatrixDraft>> RestoreAsync(PersonCaller caller, string id, int number, long? basedOn, CancellationToken ct)
    {
        if (matrices.MayEdit(caller, id) is { } forbidden) return forbidden;
        var version = await matrices.VersionAsync(caller, id, number, ct);
        if (version.Fault is { } unknown) return unknown;
        var document = MatrixJson.Parse(version.Value.Matrix);
        if (document.Fault is { } unreadable) return unreadable;
        var json = MatrixJson.ToJson(document.Value);
        return await writer.ChangeAsync<MatrixDraft>(async (scope, inner) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayEdit, Editors).Fault is { } refused) return refused;
            var rollout = await scope.Db.Rollouts.SingleAsync(r => r.Id == id, inner);
            if (basedOn is { } expected && expected != rollout.DraftVersion) return MatrixDesk.Stale(rollout.DraftVersion);
            if (rollout.Draft != json)   // the same again is no change
            {
                rollout.SaveDraft(json);
                scope.Audit(caller.Actor, "matrix.restored", id, new { version = number, draft = rollout.DraftVersion, rules = document.Value.Rules.Count, boundaries = document.Value.Boundaries.Count, sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json))) }, rolloutId: id);
                scope.Signal("matrix:" + id);
            }
            return new MatrixDraft(json, rollout.DraftVersion, rollout.CatalogueVersion);
        });
    }

    public Fault? MayWithdraw(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id).Fault;

    /// <summary>Takes back the proposal to publish; the draft stays. Faults: not found when nobody proposed anything.</summary>
    public Task<Result<Done>> WithdrawAsync(PersonCaller caller, string id, WithdrawRequest request)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id).Fault is { } hidden) return hidden;
            if (request.Check() is { } wrong) return wrong;
            var rollout = await scope.Db.Rollouts.SingleAsync(r => r.Id == id, ct);
            if (rollout.Proposal is not { } proposal) return Fault.NotFound("proposal");
            if (proposal.By != caller.Id && Sight.Rollout(scope.State, caller, id, Permissions.MayPublish, Withdrawers).Fault is { } refused) return refused;
            rollout.Propose(null);
            scope.Audit(caller.Actor, "matrix.withdrawn", id, new { draft = proposal.DraftVersion, proposed_by = proposal.By }, string.IsNullOrWhiteSpace(request.Reason) ? null : new { reason = request.Reason.Trim() }, id);
            scope.Signal("matrix:" + id);
            return Done.Value;
        });

    private async Task<Result<(string Name, MatrixDocument Document)>> FindAsync(PersonCaller caller, RolloutAuthority rollout, string which, string field, CancellationToken ct)
    {
        if (which == Draft) return (await matrices.DraftAsync(caller, rollout.Id, ct)).Then(d => Read(Draft, JsonElement.Parse(d.Json)));
        if (which == InForce && rollout.Policy is null) return (Nothing, MatrixDocument.Empty);
        var number = rollout.Policy?.Version ?? 0;
        if (which != InForce && !int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out number)) return Fault.Invalid("field.invalid", $"{field} must be {Draft}, {InForce} or the number of a version.", field);
        return (await matrices.VersionAsync(caller, rollout.Id, number, ct)).Then(v => Read(v.Version.ToString(CultureInfo.InvariantCulture), v.Matrix));
    }

    private static Result<(string Name, MatrixDocument Document)> Read(string name, JsonElement matrix) => MatrixJson.Parse(matrix).Then<(string, MatrixDocument)>(d => (name, d));
}
