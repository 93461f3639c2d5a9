using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Evals;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Authority;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Evals;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Shadow;

/// <summary>What people do with shadow samples: say what they did instead, and learn from where that was something else. Signals <c>shadow:&lt;rollout&gt;</c>.</summary>
public sealed class ShadowDesk(DurableWriter writer, RuleProposals proposals)
{
    public const string Event = "shadow.recorded";
    private const int LongestReason = 2_000;
    private const string Recorders = "What people did is recorded by the members of the rollout, those whom its matrix names as approvers, a facilitator or an admin. The rollout owner can add you as a member.";
    private static readonly Fault Owns = Fault.Forbidden("You own this agent, and in this rollout duties are separated: somebody else says whether people did what it proposed. The rollout owner sets that.", "shadow.own_agent");

    public static string Topic(string rolloutId) => "shadow:" + rolloutId;

    /// <summary>Whether the person may record anything in this rollout; null: yes.</summary>
    public Fault? MayRecord(PersonCaller me, string rolloutId) => Sight.Rollout(writer.State, me, rolloutId, (person, rollout) => Permissions.MayRecordShadow(person, rollout, writer.State.Directory), Recorders).Fault;

    public bool MayProposeRule(PersonCaller me, string rolloutId) => proposals.MayPropose(me, rolloutId);

    /// <summary>A person says what people did. The same again changes nothing; something else takes its place. Faults: not found, forbidden, <c>shadow.own_agent</c>, <c>shadow.no_sample</c>, <c>field.…</c>.</summary>
    public Task<Result<ShadowRecordView>> RecordAsync(PersonCaller me, string decisionId, HumanRequest said) => writer.ChangeAsync<ShadowRecordView>(async (scope, ct) =>
    {
        if (await FindAsync(scope, decisionId, ct) is not { } d || Sight.Rollout(scope.State, me, d.RolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("decision");
        if (!Permissions.MayRecordShadow(scope.State.Directory.People[me.Id], rollout, scope.State.Directory)) return Fault.Forbidden(Recorders);
        if (rollout.SeparationOfDuties && scope.State.Agents.TryGetValue(d.AgentId, out var agent) && agent.OwnerId == me.Id) return Owns;
        return await SayAsync(scope, me.Actor, d, said, byPerson: true, ct);
    });

    /// <summary>An agent says what people did, where it saw that. It never goes over what a person said, and gate C counts only what people said. Faults as for people, <c>shadow.said_by_person</c>, and <c>outcome.already_reported</c> for something else than it said before.</summary>
    public Task<Result<ShadowRecordView>> RecordAsync(AgentCaller me, string decisionId, HumanRequest said) => writer.ChangeAsync<ShadowRecordView>(async (scope, ct)
        => await FindAsync(scope, decisionId, ct) is { } d && d.AgentId == me.AgentId ? await SayAsync(scope, me.Actor, d, said, byPerson: false, ct) : Fault.NotFound("decision"));

    /// <summary>Keeps a sample in which people did something else as an eval case. Faults: not found, forbidden, <c>shadow.no_sample</c>, <c>decision.erased</c>, <c>field.invalid</c>.</summary>
    public Task<Result<Done>> KeepCaseAsync(PersonCaller me, string decisionId, EvalExpected expected, EvalCategory category, string reason) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (await FindAsync(scope, decisionId, ct) is not { } d || Sight.Rollout(scope.State, me, d.RolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("decision");
        if (!Permissions.MayRecordShadow(scope.State.Directory.People[me.Id], rollout, scope.State.Directory)) return Fault.Forbidden(Recorders);
        if (!ShadowAgreement.IsSample(d)) return NoSample(d);
        if (TextRules.Wrong("reason", reason, LongestReason, required: true) is { } wrong) return wrong;
        if (await scope.PayloadAsync(d.Seq, ct) is not { } body) return Fault.Refused("decision.erased", "What the agent sent with this decision was erased, so no case can be made of it.", "decision");
        var asked = JsonElement.Parse(body);
        await EvalCaseDesk.KeepAsync(scope, me.Actor, d, asked, AskReader.Child(asked, "arguments"), null, expected, category, reason.Trim(), ct);
        return Done.Value;
    });

    /// <summary>Puts a row made from a sample into the matrix's draft. Faults: not found, <c>shadow.no_sample</c>, those of a proposal.</summary>
    public Task<Result<ProposedRow>> ProposeRuleAsync(PersonCaller me, ShadowSampleView sample, RuleProposal proposal, CancellationToken ct)
        => Ids.TrySeq(sample.DecisionId, "dec", out var seq) ? proposals.ProposeAsync(me, sample.RolloutId, proposal, seq, ct) : Task.FromResult<Result<ProposedRow>>(Fault.NotFound("decision"));

    private static async Task<DecisionRecord?> FindAsync(ChangeScope scope, string id, CancellationToken ct)
        => Ids.TrySeq(id, "dec", out var seq) && await scope.Db.Decisions.AsNoTracking().SingleOrDefaultAsync(d => d.Seq == seq, ct) is { } d && d.Id == id ? d : null;

    private static Fault NoSample(DecisionRecord d) => Fault.Conflict("shadow.no_sample", d.Mode == AskMode.Simulation
        ? "This was asked as a simulation, which counts nowhere: there is nothing to compare. Samples are asked in mode shadow, or for real and held back only by tier or gate."
        : "This decision is no shadow sample: it was answered for real, by more than tier or gate. Report what became of it with status, if it was allowed.");

    private static async Task<Result<ShadowRecordView>> SayAsync(ChangeScope scope, Actor by, DecisionRecord d, HumanRequest request, bool byPerson, CancellationToken ct)
    {
        if (!ShadowAgreement.IsSample(d)) return NoSample(d);
        if (request.Read() is not { Ok: true, Value: var said }) return request.Read().Fault!;
        var asked = await scope.PayloadAsync(d.Seq, ct) is { } body ? AskReader.Child(JsonElement.Parse(body), "arguments") : default;
        if (said.Check(d.Action, asked.ValueKind == JsonValueKind.Object ? Jcs.Text(asked) : "{}") is { } wrong) return wrong;
        var record = await scope.Db.ShadowRecords.SingleOrDefaultAsync(s => s.DecisionSeq == d.Seq, ct);
        if (record is { ByPerson: true } && !byPerson) return Fault.Conflict("shadow.said_by_person", "A person has said already what people did here; only a person corrects that.");
        if (record?.Says(said, by.Id) == true) return ShadowRecordView.Of(record, scope.State);
        if (record is not null && !byPerson) return Fault.Conflict("outcome.already_reported", "This agent has said already what people did here. A person corrects it, where it was wrong.");   // as with any other report
        var corrects = record is not null;
        if (record is null) scope.Db.ShadowRecords.Add(record = new ShadowRecord(d));
        record.Say(said, by.Id, byPerson, scope.Now);
        scope.Audit(by, Event, d.Id, new { did = Word(record.Did), agrees = record.Agrees, action = record.HumanAction, would_be = DecisionWire.Word(record.WouldBe), corrects },
            said.Arguments is null && said.Note is null ? null : new { arguments = said.Arguments is { } arguments ? JsonElement.Parse(arguments) : (JsonElement?)null, note = said.Note }, d.RolloutId, d.Seq);
        scope.Signal(Topic(d.RolloutId));
        scope.Signal("decision:" + d.Id);
        return ShadowRecordView.Of(record, scope.State);
    }

    internal static string Word(HumanDid did) => did.ToString().ToLowerInvariant();
}
