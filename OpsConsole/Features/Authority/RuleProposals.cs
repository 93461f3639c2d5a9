using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Authority;

/// <summary>A row that somebody makes from one request or decision.</summary>
/// <param name="BasedOn">The rule that governed the request: what it says about consequence, people and times is taken over, and the new row comes before it.</param>
/// <param name="From">The request, <c>apr_…</c>, or the decision, <c>dec_…</c>; stands in the row's note.</param>
/// <param name="Why">In the proposer's words; may be empty.</param>
public sealed record RuleProposal(string Action, ResourcePattern? Resource, IReadOnlyList<Condition> When, RuleOutcome Outcome, string? BasedOn, string From, string Why);

/// <summary>Where a proposed row stands.</summary>
public sealed record ProposedRow(string Row, long Draft);

/// <summary>
/// Puts a row that was made from a request into the draft, on the way that every edit of the draft takes: it is seen by whoever works on it, undone like any other row, and decides nothing
/// before somebody publishes the draft.
/// </summary>
public sealed class RuleProposals
{
    /// <summary>Stands in the log under the id of the request or the decision.</summary>
    public const string Event = "approval.rule_proposed";
    private const int MostTries = 5, MostWhy = 2_000;

    private readonly DurableWriter _writer;
    private readonly MatrixDesk _matrices;

    internal RuleProposals(DurableWriter writer, MatrixDesk matrices) => (_writer, _matrices) = (writer, matrices);

    /// <summary>Whoever may edit the draft.</summary>
    public bool MayPropose(PersonCaller caller, string rolloutId) => _matrices.MayEdit(caller, rolloutId) is null;

    /// <summary>The row in plain language, as it would be added.</summary>
    public string Say(string rolloutId, RuleProposal proposal)
        => RuleSentence.Of(Row(proposal, InForce(rolloutId), "new"), _writer.State.Directory.Called);

    /// <summary>Faults: not found, forbidden, <c>field.invalid</c>, those of saving a draft.</summary>
    /// <param name="also">What belongs into the same change, given the row.</param>
    public async Task<Result<ProposedRow>> ProposeAsync(PersonCaller caller, string rolloutId, RuleProposal proposal, long decisionSeq, CancellationToken ct, Action<ChangeScope, ProposedRow>? also = null)
    {
        if (_matrices.MayEdit(caller, rolloutId) is { } forbidden) return forbidden;
        if (proposal.Why.Length > MostWhy) return Fault.Invalid("field.invalid", $"The note may have {MostWhy} characters.", "why");
        for (var tries = 1; ; tries++)
        {
            var draft = await _matrices.DraftAsync(caller, rolloutId, ct);
            if (draft.Fault is { } hidden) return hidden;
            var parsed = MatrixJson.Parse(JsonElement.Parse(draft.Value.Json));
            if (parsed.Fault is { } unreadable) return unreadable;
            var document = parsed.Value;
            var row = Row(proposal, document.Rules.FirstOrDefault(r => r.Id == proposal.BasedOn) is { } here ? [here] : InForce(rolloutId), RowIds.NextRule(document.Rules));
            var rules = document.Rules.ToList();
            rules.Insert(Place(rules, proposal), row);
            var saved = await _matrices.SaveAsync(caller, rolloutId, JsonElement.Parse(MatrixJson.ToJson(document with { Rules = rules })), draft.Value.Version,
                (scope, now) =>
                {
                    scope.Audit(caller.Actor, Event, proposal.From, new { row = row.Id, draft = now.Version }, rolloutId: rolloutId, decisionSeq: decisionSeq);
                    also?.Invoke(scope, new ProposedRow(row.Id, now.Version));
                });
            if (saved.Ok) return new ProposedRow(row.Id, saved.Value.Version);
            if (saved.Fault!.Kind != FaultKind.Stale || tries == MostTries) return saved.Fault;   // else somebody saved in between: once more, into theirs
        }
    }

    private IReadOnlyList<MatrixRule> InForce(string rolloutId) => _writer.State.Rollouts.TryGetValue(rolloutId, out var rollout) ? rollout.Policy?.Document.Rules ?? [] : [];

    private static MatrixRule Row(RuleProposal proposal, IReadOnlyList<MatrixRule> rules, string id)
    {
        var like = rules.FirstOrDefault(r => r.Id == proposal.BasedOn) ?? new MatrixRule { Id = id, Action = proposal.Action, Outcome = proposal.Outcome };
        return like with { Id = id, Action = proposal.Action, Resource = proposal.Resource, When = proposal.When, Outcome = proposal.Outcome, Note = $"proposed from {proposal.From}" + (proposal.Why.Trim() is { Length: > 0 } why ? ": " + why : "") };
    }

    // Before the rule it makes an exception of; where the draft no longer has that, before the first one about the action.
    private static int Place(List<MatrixRule> rules, RuleProposal proposal)
    {
        var at = rules.FindIndex(r => r.Id == proposal.BasedOn);
        if (at < 0) at = rules.FindIndex(r => ActionPattern.TryParse(r.Action, out var pattern) && pattern.Covers(proposal.Action));
        return at < 0 ? rules.Count : at;
    }
}
