using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts;

/// <summary><c>PUT rollouts/{id}/confirmations/{subject}</c>.</summary>
/// <param name="Words">In one's own words.</param>
/// <param name="Ground">The criterion's <c>ground</c> as it was shown; absent: whatever stands there now.</param>
public sealed record ConfirmRequest(string Words, string? Link, string? Ground = null)
{
    internal static ConfirmRequest Read(Fields fields) => new(fields.Text("words", required: true) ?? "", fields.Text("link"), fields.Text("ground", 64));
}

/// <summary>What people stand for by name: only the named person, in their own words, and they may take it back. Signals <c>gates</c>.</summary>
internal sealed class ConfirmationDesk(DurableWriter writer, EvidenceReader reader)
{
    public const string Topic = "gates";

    public Fault? MayConfirm(PersonCaller caller, string id, string subject) => May(writer.State, caller, id, subject).Fault;

    /// <summary>Confirms, in place of what the same person said before. Faults: not found, forbidden, those of <see cref="ConfirmationRules.Check"/>, <c>confirmation.nothing</c>, <c>confirmation.moved</c> when it is about something else by now.</summary>
    public async Task<Result<ConfirmationView>> ConfirmAsync(PersonCaller caller, string id, string subject, ConfirmRequest request)
    {
        if (MayConfirm(caller, id, subject) is { } forbidden) return forbidden;
        return await reader.ChangeAsync<ConfirmationView>(id, async (scope, evidence, ct) =>
        {
            if (May(scope.State, caller, id, subject) is not { Ok: true, Value: var rule }) return May(scope.State, caller, id, subject).Fault!;
            if (ConfirmationRules.Check(rule, request.Words, request.Link) is { } wrong) return wrong;
            if (rule == ConfirmationRules.Boundary && !evidence.Sheet("canvas").Has("out_of_bounds")) return Fault.Refused("confirmation.nothing", "Nothing is written under “Out of bounds” on the canvas yet. Write that down first.");
            if (request.Ground is { } seen && seen != ConfirmationRules.Stamp(subject, evidence)) return Fault.Conflict("confirmation.moved", "What it is about has just been changed by somebody. Read it again, then confirm.");
            var given = await scope.Db.Confirmations.SingleOrDefaultAsync(c => c.RolloutId == id && c.Subject == subject && c.PersonId == caller.Id, ct);
            if (given is null) scope.Db.Confirmations.Add(given = new Confirmation(id, subject, caller.Id));
            given.Say(request.Words.Trim(), string.IsNullOrWhiteSpace(request.Link) ? null : request.Link.Trim(), ConfirmationRules.Ground(subject, evidence), scope.Now);
            scope.Audit(caller.Actor, "confirmation.given", $"{id}/{subject}", new { subject, ground = given.Ground }, new { words = given.Words, link = given.Link }, id);
            scope.Signal(Topic);
            return new ConfirmationView(subject, caller.Id, scope.State.Directory.NameOf(caller.Id), given.Words, given.Link, given.At, true);
        });
    }

    /// <summary>Takes back what one confirmed oneself, also when one has the role no more.</summary>
    public Task<Result<Done>> TakeBackAsync(PersonCaller caller, string id, string subject)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id).Fault is { } hidden) return hidden;
            var given = await scope.Db.Confirmations.SingleOrDefaultAsync(c => c.RolloutId == id && c.Subject == subject && c.PersonId == caller.Id, ct);
            if (given is null) return Fault.NotFound("confirmation of yours");
            scope.Db.Confirmations.Remove(given);
            scope.Audit(caller.Actor, "confirmation.taken_back", $"{id}/{subject}", new { subject }, rolloutId: id);
            scope.Signal(Topic);
            return Done.Value;
        });

    private static Result<ConfirmationRule> May(Core.Decisions.ConsoleState state, PersonCaller caller, string id, string subject)
    {
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        if (ConfirmationRules.Find(subject) is not { } rule) return Fault.NotFound("subject to confirm");
        var may = Sight.Rollout(state, caller, id, (me, rollout) => me.Active && rule.May(me.Id, rollout),
            $"This is confirmed by name by the {string.Join(", the ", rule.Who.Select(r => r.Words()))}{(rule.HoldersOnly ? ", not by a deputy" : " or a deputy")}; nobody can do it for them.");
        return may.Fault is { } fault ? fault : rule;
    }
}
