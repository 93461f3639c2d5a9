using System.Buffers;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Data.Writer;

/// <summary>Decides asks inside the writer's transaction: idempotency, rules, caps and loops, then the rows. Nothing here waits.</summary>
/// <param name="reminders">After how many percent of their time requests remind the people asked.</param>
internal sealed class AskProcessor(CapLedger caps, LoopDetector loops, Alarms alarms, IReadOnlyList<int> reminders)
{
    /// <summary>How long an <c>Idempotency-Key</c> is kept.</summary>
    public static readonly TimeSpan KeyLife = TimeSpan.FromHours(24);

    private readonly ArrayBufferWriter<byte> _details = new(512);

    public Result<Reply> Decide(AskItem item, Batch batch, ConsoleState state, Dictionary<(string, string), IdempotencyKey> keys, DateTimeOffset now)
    {
        if (!state.Agents.TryGetValue(item.AgentId, out var agent)) return new Fault(FaultKind.Unauthenticated, "unauthenticated", "This key belongs to no agent any more.");
        if (item.Idempotency is { } claim && keys.TryGetValue((item.AgentId, claim.Key), out var known) && now - known.At < KeyLife)
        {
            return known.BodySha256.AsSpan().SequenceEqual(claim.BodySha256)
                ? new Replayed(known.Response)
                : Fault.Conflict("idempotency.mismatch", "This Idempotency-Key was used with another body. Use a new key for a new question.");
        }

        var ask = item.Ask;
        var ruling = DecisionRules.Decide(ask, agent, state, now);
        var digest = ask.Digest.Under(ruling.MatrixVersion);
        var (usd, tokens) = (0L, 0L);
        CapLimit? reached = null;
        if (ask.Mode == AskMode.Live)
        {
            var loop = loops.Seen(agent.Id, ask.RunId, digest, now, agent.Caps.SameCall, agent.Caps.SameCallWindow);
            if (ruling.Outcome != Outcome.Deny)
            {
                (usd, tokens) = (ask.CostUsd ?? agent.Caps.ReserveUsd, ask.CostTokens ?? agent.Caps.ReserveTokens);
                if (caps.TryReserve(agent.Id, agent.Caps, ask.RunId, now, agent.Rollout.Zone, usd, tokens) is { } full)
                {
                    reached = full;
                    ruling = ruling.Refuse(new Reason(full.Code, $"The cap of {full.Words} is used up. The agent's owner or an admin can change it."));
                    (usd, tokens) = (0, 0);
                }
                else if (loop)
                {
                    caps.Add(agent.Id, agent.Caps, ask.RunId, now, agent.Rollout.Zone, -usd, -tokens, -1);
                    ruling = ruling.Refuse(new Reason("loop", $"This exact call was made more than {agent.Caps.SameCall} times within {DurationWords.Of(agent.Caps.SameCallWindow)}{(ask.RunId is null ? "" : " in this run")}: it looks like a loop."));
                    (usd, tokens) = (0, 0);
                }
            }
        }

        var seq = batch.Head.Seq + 1;
        var id = Ids.Make("dec", seq, batch.Random(8));
        var pending = ruling.Outcome == Outcome.Pending;
        ApprovalRequest? approval = null;
        IReadOnlyList<string>? escalated = null;
        IReadOnlyList<PersonEntry>? deputies = null;
        if (pending)
        {
            approval = new ApprovalRequest(seq, Ids.Rename(id, "apr"), id, agent.Rollout.Id, agent.Id, ask.Action, ask.ResourceId, ask.RunId, ruling.Rule!.Consequence == Consequence.High, ApprovalTerms.Of(ruling, agent) with { Reminders = reminders }, digest, now, RequestAmount.Of(ruling.Rule, ask.Call.Arguments));
            escalated = Circle.EscalateIfStuck(approval, said: false, ask.OnBehalfOf, agent, state.Directory, now);
            if (escalated is not null) ruling = ruling with { Reasons = [.. ruling.Reasons, Circle.NobodyEligible(approval.Terms)] };
            deputies = Asked.AskDeputies(approval, ask.OnBehalfOf, agent, state.Directory, now);
            if (deputies is not null) ruling = ruling with { Reasons = [.. ruling.Reasons, Asked.OutOfHours(approval.Terms)] };
            batch.Approvals.Add(approval);
        }
        var rule = ruling.Rule;
        var decision = new DecisionRecord
        {
            Seq = seq, Id = id, At = now, AgentId = agent.Id, RolloutId = agent.Rollout.Id, Mode = ask.Mode, Action = ask.Action, ResourceType = ask.ResourceType, ResourceId = ask.ResourceId, RunId = ask.RunId,
            OnBehalfOf = ask.OnBehalfOf, Confidence = ask.Confidence, Outcome = ruling.Outcome, WouldBe = ruling.WouldBe, LimitedBy = ruling.LimitedBy, Reasons = ruling.Reasons, Tier = ruling.Tier, Gate = ruling.Gate,
            RuleId = rule?.Id, MatrixVersion = ruling.MatrixVersion, Write = rule is null || rule.Effect == Effect.Write, HighConsequence = rule is null || rule.Consequence == Consequence.High,
            ClaimRequired = rule?.Claim ?? false, Digest = digest, ArgumentsSeq = seq, ReservedUsd = usd, ReservedTokens = tokens,
            ResolvedAt = pending ? null : now,
            ValidUntil = ruling.Outcome == Outcome.Allow ? now + rule!.ValidFor : null,
            ReversibleUntil = ruling.Outcome == Outcome.Allow && ruling.Provisional ? now + rule!.Window : null,
            ConfirmBy = ruling.Outcome == Outcome.Allow && rule!.MustBeConfirmed ? now + rule.Window : null,
        };
        Append(batch, item, decision, now);
        if (escalated is not null) Escalated(batch, approval!, "nobody_eligible", escalated, now);
        if (deputies is not null) Escalated(batch, approval!, "out_of_hours", [.. deputies.Select(p => ApproverEntry.User + p.Email)], now);
        batch.Decisions.Add(decision);
        if (reached is not null || ruling.Reasons[0].Code == "loop") alarms.Add(agent.Id, agent.Rollout.Id, ruling.Reasons[0].Code, id, $"{agent.Name}: {ruling.Reasons[0].Message}", pause: reached?.Pause ?? false);

        var answer = new Answer(decision, approval, ask.Arguments);
        if (item.Idempotency is { } fresh)
        {
            var key = new IdempotencyKey { AgentId = item.AgentId, Key = fresh.Key, BodySha256 = fresh.BodySha256, DecisionSeq = seq, Response = item.Render!(answer), At = now };
            keys[(item.AgentId, fresh.Key)] = key;
            batch.Keys.Add(key);
        }
        return answer;
    }

    private static void Escalated(Batch batch, ApprovalRequest approval, string cause, IReadOnlyList<string> asked, DateTimeOffset now)
    {
        var details = new SortedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["cause"] = cause, ["decision_seq"] = approval.Seq, ["level"] = approval.Level, ["rollout"] = approval.RolloutId,
            ["payload_sha256"] = batch.Commit(Jcs.Bytes(JsonSerializer.SerializeToElement(new { approvers = asked }))),
        };
        batch.Append(now, Actor.System, "approval.escalated", approval.Id, Jcs.Bytes(JsonSerializer.SerializeToElement(details)), approval.RolloutId, approval.Seq);
    }

    // The leaf says everything that matters without the payload; keys in the order of RFC 8785.
    private void Append(Batch batch, AskItem item, DecisionRecord d, DateTimeOffset now)
    {
        var commitment = batch.Commit(item.Ask.Payload);
        _details.ResetWrittenCount();
        _details.Write("{\"action\":"u8);
        Jcs.WriteString(d.Action, _details);
        _details.Write(",\"digest\":\""u8);
        Ascii(CallDigest.ToWire(d.Digest));
        _details.Write("\",\"gate\":\""u8);
        Ascii(d.Gate.ToString());
        _details.Write("\",\"matrix_version\":"u8);
        Jcs.WriteNumber(d.MatrixVersion, _details);
        _details.Write(",\"mode\":\""u8);
        Ascii(d.Mode.ToString().ToLowerInvariant());
        _details.Write("\",\"outcome\":\""u8);
        Ascii(d.Outcome.ToString().ToLowerInvariant());
        _details.Write("\",\"payload_sha256\":\""u8);
        Ascii(commitment);
        _details.Write("\",\"reason\":"u8);
        Jcs.WriteString(d.Reasons[0].Code, _details);
        _details.Write(",\"rollout\":"u8);
        Jcs.WriteString(d.RolloutId, _details);
        if (d.RuleId is not null)
        {
            _details.Write(",\"rule\":"u8);
            Jcs.WriteString(d.RuleId, _details);
        }
        if (d.Tier is { } tier)
        {
            _details.Write(",\"tier\":\""u8);
            Ascii(tier.ToString().ToLowerInvariant());
            _details.Write("\""u8);
        }
        _details.Write("}"u8);
        batch.Append(now, Actor.Agent(d.AgentId, item.KeyId), "decision.asked", d.Id, _details.WrittenSpan, d.RolloutId);

        void Ascii(string ascii)
        {
            var span = _details.GetSpan(ascii.Length);
            _details.Advance(System.Text.Encoding.ASCII.GetBytes(ascii, span));
        }
    }
}
