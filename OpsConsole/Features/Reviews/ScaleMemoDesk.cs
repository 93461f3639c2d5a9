using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Rollouts;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Reviews;

/// <summary>
/// Drafts, writes, submits and decides scale memos. Whoever may write in the rollout writes; its owner (a facilitator, an admin) submits and withdraws; the sponsor or a deputy decides, who neither drafted nor submitted it while duties are
/// separated. Each step is on the log and signals <see cref="Topic"/>.
/// </summary>
internal sealed class ScaleMemoDesk(DurableWriter writer, MemoGatherer gatherer, EvidenceReader evidence, FreshSignIn fresh)
{
    public const string Topic = ScaleMemoReader.Topic;
    public const string Deciders = "A scale memo is decided by the rollout's executive sponsor or a deputy.";
    private const string Writers = "People of the rollout and facilitators write its scale memos.", Managers = "A scale memo is submitted and withdrawn by the rollout's owner, a deputy, a facilitator or an admin.";
    private static readonly Fault NotDraft = Fault.Conflict("memo.submitted", "This memo is submitted, so it stays as it is. Withdraw it and write another, if something else has to be said.");
    private static readonly Fault NotSubmitted = Fault.Conflict("memo.not_submitted", "This memo does not wait for a decision.");
    internal static readonly Fault Own = Fault.Forbidden("Duties are separated in this rollout: whoever drafted or submitted a memo does not decide on it. Another sponsor or the sponsor's deputy can; the rollout's owner names them.", "memo.own");

    /// <summary>Begins a memo; after one that was held or withdrawn, with its texts. The result is its id. Faults: not found, forbidden, <c>memo.open</c>.</summary>
    public Task<Result<string>> DraftAsync(PersonCaller me, string rolloutId) => writer.ChangeAsync<string>(async (scope, ct) =>
    {
        if (Sight.Rollout(scope.State, me, rolloutId, Permissions.MayWrite, Writers).Fault is { } fault) return fault;
        var last = await scope.Db.ScaleMemos.AsNoTracking().Where(m => m.RolloutId == rolloutId).OrderByDescending(m => m.DraftedAt).ThenByDescending(m => m.Id).FirstOrDefaultAsync(ct);
        if (last is { Open: true }) return Fault.Conflict("memo.open", last.State == MemoState.Draft ? "A memo is being written already. Go on with that one." : "A memo is before the sponsor already. Wait for the decision, or withdraw it.", new { last.Id });
        var follows = last is { State: MemoState.Held or MemoState.Withdrawn } ? last : null;
        var memo = new ScaleMemo(Secrets.NewId("mem"), rolloutId, scope.Now, me.Id, follows?.Texts ?? new Dictionary<string, string>());
        scope.Db.ScaleMemos.Add(memo);
        scope.Audit(me.Actor, "memo.drafted", memo.Id, new { follows = follows?.Id }, rolloutId: rolloutId);
        Tell(scope);
        return memo.Id;
    });

    /// <summary>Writes one section. Faults: not found, forbidden, <c>field.invalid</c>, <c>memo.stale</c> (somebody wrote meanwhile), <c>memo.submitted</c>.</summary>
    /// <param name="was">What the section said when the writer began; null: not said.</param>
    public Task<Result<Done>> WriteAsync(PersonCaller me, string id, string section, string text, long? version, string? was = null) => ChangeAsync(me, id, (scope, memo, person, rollout) =>
    {
        if (!Permissions.MayWrite(person, rollout)) return Fault.Forbidden(Writers);
        if (memo.State != MemoState.Draft) return NotDraft;
        if (ScaleMemo.Sections.All(s => s.Key != section)) return Fault.Invalid("field.invalid", $"section must be one of: {string.Join(", ", ScaleMemo.Sections.Select(s => s.Key))}.", "section");
        if (TextRules.Wrong("text", text, ScaleMemo.LongestSection) is { } wrong) return wrong;
        if (version is { } seen && seen != memo.Version) return new Fault(FaultKind.Stale, "memo.stale", "Somebody wrote in this memo meanwhile. Look at it again; what you wrote is still in the field.");
        var stands = memo.Texts.GetValueOrDefault(section, "");
        if (stands == text.Trim()) return null;
        if (was is not null && was != stands) return new Fault(FaultKind.Stale, "memo.stale", "Somebody wrote this section meanwhile. Look at what it says now; what you wrote is still in the field.");
        memo.Write(section, text.Trim());
        scope.Audit(me.Actor, "memo.written", id, new { section }, new { text = text.Trim() }, memo.RolloutId);
        return null;
    });

    /// <summary>Freezes the evidence as it is and puts the memo before the sponsor. Faults: not found, forbidden, <c>memo.incomplete</c>, <c>memo.no_review</c>, <c>memo.stale</c>, <c>memo.submitted</c>, <c>evidence.moved</c>.</summary>
    public async Task<Result<Done>> SubmitAsync(PersonCaller me, string rolloutId, string id, long? version, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, me, rolloutId, Permissions.MayGovern, Managers).Fault is { } forbidden) return forbidden;
        var gathered = await gatherer.OfAsync(rolloutId, ct);
        if (gathered.Fault is { } fault) return fault;
        var e = gathered.Value;
        var json = JsonSerializer.Serialize(e, Wire.Json);
        var sha256 = SHA256.HashData(Encoding.UTF8.GetBytes(json));
        return await ChangeAsync(me, id, (scope, memo, person, rollout) =>
        {
            if (memo.RolloutId != rolloutId) return Fault.NotFound("memo");
            if (!Permissions.MayGovern(person, rollout)) return Fault.Forbidden(Managers);
            if (memo.State != MemoState.Draft) return NotDraft;
            if (version is { } seen && seen != memo.Version) return new Fault(FaultKind.Stale, "memo.stale", "Somebody wrote in this memo meanwhile. Read what is new, then submit it.");
            var open = ScaleMemo.Sections.Where(s => s.Needed && memo.Texts.GetValueOrDefault(s.Key, "").Length < ScaleMemo.LeastWords).ToList();
            if (open.Count > 0) return Fault.Refused("memo.incomplete", $"Write first, in at least {ScaleMemo.LeastWords} characters each: {string.Join(", ", open.Select(s => s.Title))}.", open[0].Key);
            if (e.Weeks.All(w => w.Verdict is null)) return Fault.Refused("memo.no_review", "No weekly review of this cycle is signed, so there is nothing to decide on. The rollout's owner or the workflow's signs them.");
            _ = ReviewSchedule.TryWeek(e.FirstWeek, out var first) & ReviewSchedule.TryWeek(e.LastWeek, out var last);
            memo.Submit(json, sha256, first, last, e.Lacks, [.. e.Moved.Select(t => t.Name)], me.Id, scope.Now);
            scope.Audit(me.Actor, "memo.submitted", id, new { first_week = e.FirstWeek, last_week = e.LastWeek, sha256 = Convert.ToHexStringLower(sha256), texts = TextsHash(memo), changed_thresholds = memo.Late, holds = e.Holds.Count, lacks = e.Lacks }, rolloutId: rolloutId);
            return null;
        });
    }

    /// <summary>
    /// The sponsor's decision, by name and with a fresh sign-in. What keeps a memo from being approved is looked at again in this moment. Faults: not found, forbidden, <c>memo.own</c>, <c>memo.words</c>, <c>memo.not_submitted</c>, <c>memo.stale</c>,
    /// <c>sign_in.stale</c>; of approving also those of <see cref="MemoRules"/> and <c>memo.threshold_changed</c>.
    /// </summary>
    /// <param name="version">Of the memo as it was read; what is signed is what was seen.</param>
    public Task<Result<Done>> DecideAsync(PersonCaller me, string rolloutId, string id, MemoDecision request, long? version) => evidence.ChangeAsync<Done>(rolloutId, async (scope, now, ct) =>
    {
        var found = await FindAsync(scope, me, id, ct);
        if (found.Fault is { } fault) return fault;
        var (memo, rollout) = found.Value;
        if (memo.RolloutId != rolloutId) return Fault.NotFound("memo");
        if (!scope.State.Directory.People.TryGetValue(me.Id, out var person) || !person.Active || !ConfirmationRules.Memo.May(me.Id, rollout)) return Fault.Forbidden(Deciders);
        if (memo.State != MemoState.Submitted) return NotSubmitted;
        if (IsOwn(memo.DraftedBy, memo.SubmittedBy, me.Id, rollout)) return Own;
        if (version is { } seen && seen != memo.Version) return new Fault(FaultKind.Stale, "memo.stale", "Something about this memo changed meanwhile. Look at it again, then sign.");
        if (Words(request.Words) is { } wrong) return wrong;
        List<string> acknowledged = [];
        if (request.Verdict == MemoVerdict.Approve)
        {
            var bars = MemoRules.Bars(memo.LastWeek, memo.Lacks, now.Reviews, now.ScalingHeldBy);
            if (bars.Count > 0) return Fault.Refused(bars[0].Code, $"This memo cannot be approved. {bars[0].Why} {bars[0].Who}", "verdict", new Dictionary<string, object?> { ["bars"] = bars });
            var frozen = JsonSerializer.Deserialize<MemoEvidence>(memo.Evidence!, Wire.Json)!;
            var changed = await ChangedAsync(scope, memo, frozen, rollout, ct);
            var left = changed.Where(c => !request.Acknowledge.Contains(c.Key, StringComparer.Ordinal)).ToList();
            if (left.Count > 0)
            {
                return Fault.Refused("memo.threshold_changed", $"{string.Join(". ", left.Select(l => l.Value))}. Thresholds are agreed beforehand; nobody can undo that they were changed. The sponsor says explicitly to have seen each (acknowledge: {string.Join(", ", left.Select(l => l.Key))}), or holds the memo.", "acknowledge",
                    new Dictionary<string, object?> { ["changed"] = changed.Keys.ToArray() });
            }
            acknowledged = [.. changed.Values];   // as they are now, in words: they are part of what is signed
        }
        if (await fresh.AskAsync(scope, me, "Deciding on scale is of high consequence", ct) is { } stale) return stale;
        var proven = await FreshSignIn.ProvenAtAsync(scope, me, ct);
        memo.Sign(new SignedMemo(request.Verdict, request.Words.Trim(), acknowledged, me.Id, scope.Now));
        scope.Audit(me.Actor, "memo.signed", id, new { verdict = Word(request.Verdict), last_week = ReviewSchedule.Name(memo.LastWeek!.Value), sha256 = Convert.ToHexStringLower(memo.Sha256!), texts = TextsHash(memo), acknowledged = acknowledged.Count > 0 ? request.Acknowledge : null, proven_seconds_ago = (long?)(scope.Now - proven)?.TotalSeconds },
            new { words = request.Words.Trim(), acknowledged }, rolloutId);
        Tell(scope);
        return Done.Value;
    });

    /// <summary>Takes a draft, a submitted or a held memo away, with a word why. Faults: not found, forbidden, <c>memo.words</c>, <c>memo.decided</c>.</summary>
    public Task<Result<Done>> WithdrawAsync(PersonCaller me, string id, string words) => ChangeAsync(me, id, (scope, memo, person, rollout) =>
    {
        if (!Permissions.MayGovern(person, rollout)) return Fault.Forbidden(Managers);
        if (!memo.Open && memo.State != MemoState.Held) return Fault.Conflict("memo.decided", "This memo is decided, so it is not withdrawn any more. Its approval can be taken back by the sponsor.");
        if (Words(words) is { } wrong) return wrong;
        memo.Withdraw(new MemoEnding(words.Trim(), me.Id, scope.Now));
        scope.Audit(me.Actor, "memo.withdrawn", id, null, new { words = words.Trim() }, memo.RolloutId);
        return null;
    });

    /// <summary>The sponsor takes the approval back: gate D falls, if it rests on it. Faults: not found, forbidden, <c>memo.words</c>, <c>memo.not_approved</c>.</summary>
    public Task<Result<Done>> TakeBackAsync(PersonCaller me, string id, string words) => ChangeAsync(me, id, (scope, memo, person, rollout) =>
    {
        if (!ConfirmationRules.Memo.May(person.Id, rollout)) return Fault.Forbidden(Deciders);
        if (!memo.Counts) return Fault.Conflict("memo.not_approved", "This memo is not approved, or its approval was taken back already.");
        if (Words(words) is { } wrong) return wrong;
        memo.TakeBack(new MemoEnding(words.Trim(), me.Id, scope.Now));
        scope.Audit(me.Actor, "memo.taken_back", id, null, new { words = words.Trim() }, memo.RolloutId);
        return null;
    });

    /// <summary>Whether separation of duties keeps somebody from deciding it.</summary>
    internal static bool IsOwn(string draftedBy, string? submittedBy, string personId, RolloutAuthority rollout) => rollout.SeparationOfDuties && (draftedBy == personId || submittedBy == personId);

    internal static string Word(MemoVerdict verdict) => verdict.ToString().ToLowerInvariant();

    private static async Task<Dictionary<string, string>> ChangedAsync(ChangeScope scope, ScaleMemo memo, MemoEvidence frozen, RolloutAuthority rollout, CancellationToken ct)
    {
        var own = await scope.Db.Rollouts.AsNoTracking().Where(r => r.Id == memo.RolloutId).Select(r => new { r.Thresholds, r.CycleWeeks }).SingleAsync(ct);
        return Changed(own.Thresholds, own.CycleWeeks, await MemoGatherer.LogAsync(scope.Db, memo.RolloutId, ct), frozen, scope.State).ToDictionary(MemoWords.Stamp, t => MemoWords.Said(t, rollout.Zone));
    }

    internal static IReadOnlyList<MemoThreshold> Changed(string? own, int cycleWeeks, IReadOnlyList<ThresholdEntry> log, MemoEvidence frozen, ConsoleState state)
    {
        var now = ThresholdHistory.Of(own, cycleWeeks, log, frozen.Start, [.. frozen.Weeks.Where(w => w.FrozenAt is not null).Select(w => new FrozenThresholds(w.FrozenAt!.Value, w.Thresholds.ToDictionary(t => t.Name, t => t.AtMost)))]);
        return [.. now.Where(t => t.Late.Count > 0).Select(t => MemoGatherer.Named(t, state)).OrderBy(t => t.Name, StringComparer.Ordinal)];
    }

    private static Fault? Words(string words) => words.Trim().Length < ScaleMemo.LeastWords ? Fault.Refused("memo.words", $"Say why in your own words: at least {ScaleMemo.LeastWords} characters.", "words") : TextRules.Wrong("words", words, ScaleMemo.MostWords);

    private static string TextsHash(ScaleMemo memo) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', memo.Texts.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}={t.Value}")))));

    // Gates ask for it, so they are looked at again.
    private static void Tell(ChangeScope scope)
    {
        scope.Signal(Topic);
        scope.Signal("gates");
    }

    private Task<Result<Done>> ChangeAsync(PersonCaller me, string id, Func<ChangeScope, ScaleMemo, PersonEntry, RolloutAuthority, Fault?> change) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var found = await FindAsync(scope, me, id, ct);
        if (found.Fault is { } hidden) return hidden;
        if (!scope.State.Directory.People.TryGetValue(me.Id, out var person) || !person.Active) return Fault.Forbidden(Writers);
        if (change(scope, found.Value.Memo, person, found.Value.Rollout) is { } fault) return fault;
        Tell(scope);
        return Done.Value;
    });

    private static async Task<Result<(ScaleMemo Memo, RolloutAuthority Rollout)>> FindAsync(ChangeScope scope, PersonCaller me, string id, CancellationToken ct)
    {
        if (await scope.Db.ScaleMemos.SingleOrDefaultAsync(m => m.Id == id, ct) is not { } memo || Sight.Rollout(scope.State, me, memo.RolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("memo");
        return (memo, rollout);
    }
}
