using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Features.Decisions;

namespace OpsConsole.Features.Approvals;

/// <summary>One person's word, with their name. Votes of earlier proposals are shown and do not count.</summary>
/// <param name="Capacity"><c>named</c>, <c>deputy</c>, <c>stands_in</c> or <c>handed_on</c>; but for the first, <paramref name="PlaceOf"/> says in whose place.</param>
public sealed record VoteView(string PersonId, string Name, string Email, string Verdict, string? Reason, string? ReasonCode, DateTimeOffset At, int Round, bool Counts, bool BreakGlass, DateTimeOffset? WithdrawnAt = null, string Capacity = "named", string? PlaceOf = null);

/// <summary>Who said that they are looking at it, until when.</summary>
public sealed record ClaimView(string PersonId, string Name, DateTimeOffset At, DateTimeOffset Until);

/// <summary>A question asked back, with its answer once there is one.</summary>
/// <param name="To"><c>agent</c> or <c>owner</c>.</param>
/// <param name="Answer">Where the agent gave it, as untrusted as everything it says.</param>
public sealed record QuestionView(string Id, string To, string Text, string AskedBy, DateTimeOffset AskedAt, string? Answer, string? AnsweredBy, DateTimeOffset? AnsweredAt);

/// <summary>A request as the API and the desk show it (protocols.md, section N, with more fields).</summary>
/// <param name="ApproverNames">The approver entries in words, in the order they are asked; the rollout's owners where the rule names nobody.</param>
/// <param name="ResourceAttributes">What the agent says about the thing it acts on: rules look at it, and the digest covers it.</param>
/// <param name="UndoWindow">How long it can be undone once released, as an ISO 8601 duration; null when it cannot.</param>
/// <param name="ReasonCodes">The rollout's own kinds of reasons for a rejection.</param>
/// <param name="EvidenceComplete">False when what was asked is no longer stored (erased): nobody can judge it then.</param>
public sealed record ApprovalView(string Id, long Version, string Status, string DecisionId, string RolloutId, string? Rule, int MatrixVersion, string Consequence, IReadOnlyList<string> Approvers, int Quorum, bool Sequence, JsonElement Arguments,
    string Digest, DateTimeOffset RequestedAt, DateTimeOffset ExpiresAt, IReadOnlyList<VoteView> Votes, string AgentId, string AgentName, bool Simulated, string RolloutName, string Action, string? ResourceType, string? ResourceId, JsonElement ResourceAttributes, string? RunId,
    double? Confidence, string? OnBehalfOf, string Reasoning, IReadOnlyList<string> Alternatives, JsonElement Context, JsonElement Undo, JsonElement Preconditions, JsonElement ExpectedCost, IReadOnlyList<Reason> Reasons, DateTimeOffset? DecidedAt,
    DateTimeOffset? ReleaseAfter, DateTimeOffset? ReleasedAt, bool Escalated, bool Edited, JsonElement? AskedArguments, string Outcome, bool SeparationOfDuties, Standing? MyStanding, string? MyStandingWhy,
    string OwnerName, IReadOnlyList<string> ApproverNames, bool Reversible, string? UndoWindow, bool EvidenceComplete, IReadOnlyList<string> ReasonCodes)
{
    /// <summary>Why an approval is not let go at the moment, or null; for the desk.</summary>
    [JsonIgnore] public string? Paused { get; init; }
    /// <summary>Who is asked for the next yes, and why each; at most <see cref="AskedView.Most"/>. Empty once it is decided.</summary>
    public IReadOnlyList<AskedView> Asked { get; init; } = [];
    /// <summary>Who is asked and away.</summary>
    public IReadOnlyList<AwayView> Away { get; init; } = [];
    /// <summary>What people handed on or escalated, oldest first.</summary>
    public IReadOnlyList<MoveView> Moves { get; init; } = [];
    /// <summary>Whom the clock waits for while it is pending: <c>approvers</c>, <c>agent</c> or <c>owner</c>; null afterwards.</summary>
    public string? Turn { get; init; }
    public DateTimeOffset? TurnSince { get; init; }
    /// <summary>Who said that they are looking at it; null: nobody.</summary>
    public ClaimView? Claim { get; init; }
    /// <summary>What was asked back, oldest first.</summary>
    public IReadOnlyList<QuestionView> Questions { get; init; } = [];
    public DateTimeOffset? RemindedAt { get; init; }
    /// <summary>How long a yes can be taken back before the agent is let go, as an ISO 8601 duration; null: not at all.</summary>
    public string? Hold { get; init; }
    /// <summary>Who owns the agent; for the desk.</summary>
    [JsonIgnore] public string OwnerId { get; init; } = "";

    /// <summary>The question that waits for its answer.</summary>
    [JsonIgnore] public QuestionView? Unanswered => Turn is "agent" or "owner" ? Questions.LastOrDefault(q => q.AnsweredAt is null) : null;

    /// <summary>The request as it stands after a change of it.</summary>
    internal static async Task<Result<ApprovalView>> AfterAsync(Result<long> changed, IDbContextFactory<OpsDbContext> factory, ConsoleState state, PersonCaller me, DateTimeOffset now, CancellationToken ct)
    {
        if (changed.Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        return await LoadAsync(db, await db.Approvals.AsNoTracking().SingleAsync(a => a.Seq == changed.Value, ct), state, me, now, ct);
    }

    internal static async Task<ApprovalView> LoadAsync(OpsDbContext db, ApprovalRequest a, ConsoleState state, PersonCaller? me, DateTimeOffset now, CancellationToken ct)
        => (await LoadAsync(db, [a], state, me, now, ct))[0];

    /// <summary>Views of several requests with four queries in all, five where a rollout wants other approvers each time. One whose agent this instance has not heard of yet is left out.</summary>
    internal static async Task<IReadOnlyList<ApprovalView>> LoadAsync(OpsDbContext db, IReadOnlyList<ApprovalRequest> requests, ConsoleState state, PersonCaller? me, DateTimeOffset now, CancellationToken ct)
    {
        var seqs = requests.Select(a => a.Seq).ToList();
        var payloadSeqs = seqs.Concat(requests.Select(a => a.ArgumentsSeq)).Distinct().ToList();
        var decisions = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).ToDictionaryAsync(d => d.Seq, ct);
        var payloads = await db.Payloads.AsNoTracking().Where(p => payloadSeqs.Contains(p.Seq)).ToDictionaryAsync(p => p.Seq, p => p.Body, ct);
        var questions = (await db.ApprovalQuestions.AsNoTracking().Where(q => seqs.Contains(q.ApprovalSeq)).OrderBy(q => q.ApprovalSeq).ThenBy(q => q.AskedAt).ToListAsync(ct)).ToLookup(q => q.ApprovalSeq);
        var last = await LastOnes.ReadAsync(db, requests, state, ct);
        return [.. requests.Where(a => state.Agents.ContainsKey(a.AgentId)).Select(a => Of(a, state.Agents[a.AgentId], decisions[a.Seq], payloads, state, me, now) with
        {
            Turn = a.Open ? a.Turn.ToString().ToLowerInvariant() : null, TurnSince = a.Open ? a.TurnSince ?? a.RequestedAt : null, RemindedAt = a.RemindedAt, Hold = a.Terms.Hold is { } hold ? IsoDuration.Write(hold) : null, OwnerId = state.Agents[a.AgentId].OwnerId,
            Claim = a.ClaimedBy is null ? null : new ClaimView(a.ClaimedBy, state.Directory.NameOf(a.ClaimedBy), a.ClaimedAt!.Value, a.ClaimedUntil!.Value),
            Asked = AskedView.Of(a, decisions[a.Seq].OnBehalfOf, state, now, last.Of(a)), Away = AwayView.Of(a, state, now), Moves = MoveView.Of(a, state),
            Questions = [.. questions[a.Seq].Select(q => Question(q, state))],
        })];
    }

    private static QuestionView Question(ApprovalQuestion q, ConsoleState state)
        => new(q.Id, q.To.ToString().ToLowerInvariant(), q.Text, state.Directory.NameOf(q.AskedBy), q.AskedAt, q.Answer,
            q.AnsweredBy is null ? null : q.To == Core.Approvals.Turn.Agent ? state.Agents.TryGetValue(q.AnsweredBy, out var agent) ? agent.Name : q.AnsweredBy : state.Directory.NameOf(q.AnsweredBy), q.AnsweredAt);

    private static ApprovalView Of(ApprovalRequest a, AgentAuthority agent, DecisionRecord d, Dictionary<long, string> payloads, ConsoleState state, PersonCaller? me, DateTimeOffset now)
    {
        var body = Body(a.Seq);
        var edited = a.ArgumentsSeq != a.Seq;
        var arguments = AskReader.Child(edited ? Body(a.ArgumentsSeq) : body, "arguments");
        Eligibility? standing = me is null ? null : Deciders.Of(me.Person, a, d.OnBehalfOf, agent, state.Directory, now);
        var alternatives = AskReader.Child(body, "alternatives");
        return new ApprovalView(a.Id, a.Version, a.Status.ToString().ToLowerInvariant(), a.DecisionId, a.RolloutId, a.Terms.RuleId, a.Terms.MatrixVersion, a.HighConsequence ? "high" : "low", a.Terms.Approvers, a.Terms.Quorum, a.Terms.Sequence,
            Object(arguments), CallDigest.ToWire(a.Digest), a.RequestedAt, a.ExpiresAt, [.. a.Votes.Select(v => Vote(v, a, state))], agent.Id, agent.Name, agent.Simulated, agent.Rollout.Name, a.Action, d.ResourceType, d.ResourceId, Object(AskReader.Child(AskReader.Child(body, "resource"), "attributes")), d.RunId, d.Confidence,
            d.OnBehalfOf, AskReader.Member(body, "reasoning") ?? "", alternatives.ValueKind == JsonValueKind.Array ? [.. alternatives.EnumerateArray().Select(x => x.GetString()!)] : [], List(AskReader.Child(body, "context")), Object(AskReader.Child(body, "undo")),
            Object(AskReader.Child(body, "preconditions")), Object(AskReader.Child(body, "expected_cost")), d.Reasons, a.DecidedAt, a.ReleaseAfter, a.ReleasedAt, a.Level > 0, edited, edited ? Object(AskReader.Child(body, "arguments")) : null,
            DecisionWire.Word(d.Outcome), a.Terms.Separated || agent.Rollout.SeparationOfDuties, standing?.Standing, standing?.Why,
            state.Directory.NameOf(agent.OwnerId), [.. Names(a.Terms, agent, state.Directory)], a.Terms.Provisional, a.Terms.Provisional ? IsoDuration.Write(a.Terms.Window) : null, payloads.ContainsKey(a.Seq) && payloads.ContainsKey(a.ArgumentsSeq), agent.Rollout.ReasonCodes ?? []) { Paused = a.Open || a.AwaitsRelease ? DecisionRules.PauseReason(agent, state)?.Message : null };

        JsonElement Body(long seq) => payloads.TryGetValue(seq, out var text) ? JsonDocument.Parse(text).RootElement : default;
    }

    private static IEnumerable<string> Names(ApprovalTerms terms, AgentAuthority agent, PeopleDirectory directory)
        => terms.Approvers.Count > 0 ? terms.Approvers.Select(a => Deciders.Words(a, directory)) : agent.Rollout.Owners.Select(directory.NameOf);

    private static VoteView Vote(Vote v, ApprovalRequest a, ConsoleState state)
        => new(v.PersonId, state.Directory.NameOf(v.PersonId), state.Directory.People.TryGetValue(v.PersonId, out var person) ? person.Email : "", v.Verdict.ToString().ToLowerInvariant(), v.Reason, v.ReasonCode, v.At, v.Round, v.Round == a.Round && v.WithdrawnAt is null, v.BreakGlass, v.WithdrawnAt, Handing.Word(v.As), v.For is null ? null : state.Directory.NameOf(v.For));

    private static readonly JsonElement EmptyObject = JsonDocument.Parse("{}").RootElement;
    private static readonly JsonElement EmptyList = JsonDocument.Parse("[]").RootElement;
    private static JsonElement Object(JsonElement element) => element.ValueKind == JsonValueKind.Object ? element : EmptyObject;
    private static JsonElement List(JsonElement element) => element.ValueKind == JsonValueKind.Array ? element : EmptyList;
}
