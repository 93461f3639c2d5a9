using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Authority;

/// <summary>Whether a change gives agents more, less, or neither can be told.</summary>
public enum ChangeEffect { Loosens, Tightens, Other }

/// <summary>
/// What changing one row does to the answers, taken alone. 'Tightens' is only said when no call at all is answered more loosely, at any gate and tier: that includes calls whose
/// conditions cannot be read, and calls that other rows decide now. 'Loosens' is said when what the row decides is looser and nothing that it decides is stricter.
/// Strict is about the answer (deny, a person, allow, allow for good) and how many people it takes; time limits count only between rows with the same outcome.
/// </summary>
internal static class Strictness
{
    private static readonly MatrixRule DefaultDeny = new() { Id = "default", Action = "*", Outcome = RuleOutcome.Deny }, DefaultApprove = DefaultDeny with { Outcome = RuleOutcome.Approve };
    // Further down the list nothing is looked at any more; then neither 'more' nor 'less' is said, unless the row itself settles it.
    private const int MostLooked = 500;
    private static readonly MatrixRule Loosest = new() { Id = "", Action = "*", Outcome = RuleOutcome.Allow, Effect = Effect.Read };
    private static readonly (Gate Gate, Tier? Tier)[] Columns = [(Gate.A, Tier.Observer), (Gate.B, Tier.Contributor), (Gate.C, Tier.Executor), (Gate.D, Tier.Executor)];

    /// <param name="old">Null for a new row.</param>
    /// <param name="now">Null for a row that is gone.</param>
    /// <param name="among">The matrix in which the row stands at <paramref name="at"/>.</param>
    public static ChangeEffect Of(MatrixRule? old, MatrixRule? now, MatrixDocument among, int at)
    {
        var (gains, loses) = Reach(old, now);
        // A row that holds back also catches what it cannot read; one that allows does not.
        var unreadable = old is not null && now is not null && (old.Outcome == RuleOutcome.Allow) != (now.Outcome == RuleOutcome.Allow) && Tests(now).Count > 0;
        var (tighter, looser) = old is null || now is null ? (true, true) : (AtLeast(now, old), Looser(now, old));
        if (gains) (tighter, looser) = Compare(now!, Later(now!, among, at), tighter, looser);
        if (loses) (looser, tighter) = Compare(old!, Later(old!, among, at), looser, tighter);
        if (unreadable && tighter && !gains && now!.Outcome != RuleOutcome.Allow) tighter = Unread(now, among, at).All(x => AtLeast(now, x));
        if (unreadable && tighter && !loses && now!.Outcome == RuleOutcome.Allow) tighter = Unread(old!, among, at).All(x => AtLeast(x, old!));
        return tighter == looser ? ChangeEffect.Other : tighter ? ChangeEffect.Tightens : ChangeEffect.Loosens;
    }

    public static ChangeEffect Of(Boundary? old, Boundary? now)
    {
        if (old is null || now is null) return old is null ? ChangeEffect.Tightens : ChangeEffect.Loosens;
        var (gains, loses) = Reach(Row(old), Row(now));
        return gains == loses ? ChangeEffect.Other : gains ? ChangeEffect.Tightens : ChangeEffect.Loosens;

        static MatrixRule Row(Boundary b) => new() { Id = "", Action = b.Action, Resource = b.Resource, When = b.When, Outcome = RuleOutcome.Deny };
    }

    // What the row takes over, against what decided it before (or decides it when the row is gone).
    private static (bool Tighter, bool Looser) Compare(MatrixRule row, IEnumerable<MatrixRule> others, bool tighter, bool looser)
    {
        foreach (var other in others)
        {
            tighter = tighter && AtLeast(row, other);
            looser = looser && AtLeast(other, row);
            if (!tighter && !looser) break;
        }
        return (tighter, looser);
    }

    /// <summary>Whether the new row may catch calls that the old one did not, and the other way round.</summary>
    private static (bool Gains, bool Loses) Reach(MatrixRule? old, MatrixRule? now)
    {
        if (old is null || now is null) return (now is not null, old is not null);
        var (before, after) = (Tests(old), Tests(now));
        return (!Covers(old, now) || before.Except(after).Any(), !Covers(now, old) || after.Except(before).Any());
    }

    private static HashSet<string> Tests(MatrixRule row)
    {
        HashSet<string> tests = [.. row.When.Select(ConditionText.Format)];
        if (row.Resource?.Type is { } type) tests.Add("type " + type);
        if (row.Resource?.Id is { } id) tests.Add("id " + id);
        return tests;
    }

    private static bool Covers(MatrixRule a, MatrixRule b) => ActionPattern.TryParse(a.Action, out var wide) && ActionPattern.TryParse(b.Action, out var narrow) ? wide.Covers(narrow) : a.Action == b.Action;

    /// <summary>The rows that may decide a call of <paramref name="row"/>'s that it lets pass, up to one that lets nothing pass; then the default.</summary>
    private static IEnumerable<MatrixRule> Later(MatrixRule row, MatrixDocument among, int at)
    {
        for (var i = at + 1; i < among.Rules.Count; i++)
        {
            if (i - at > MostLooked)
            {
                yield return Loosest;
                yield return DefaultDeny;
                yield break;
            }
            var other = among.Rules[i];
            if (!Covers(row, other) && !Covers(other, row)) continue;
            yield return other;
            if (Tests(other).Count == 0 && Covers(other, row)) yield break;
        }
        yield return among.Default == DefaultOutcome.Deny ? DefaultDeny : DefaultApprove;
    }

    /// <summary>The same for the calls that the row cannot read. A number that one limit cannot read, no other limit on the same field can.</summary>
    private static IEnumerable<MatrixRule> Unread(MatrixRule row, MatrixDocument among, int at)
    {
        if (among.Rules.Take(at).Any(e => Catches(e, row))) yield break;
        foreach (var other in Later(row, among, at))
        {
            if (other.Outcome == RuleOutcome.Allow && SameLimit(other, row)) continue;
            yield return other;
            if (Catches(other, row)) yield break;
        }
    }

    private static bool Catches(MatrixRule other, MatrixRule row) => other.Outcome != RuleOutcome.Allow && Covers(other, row) && SameLimit(other, row);

    private static bool SameLimit(MatrixRule a, MatrixRule b)
        => a.Resource is null && b.Resource is null && a.When is [var x] && b.When is [var y] && x.Field == y.Field && x.Each is null && y.Each is null && IsLimit(x) && IsLimit(y);

    private static bool IsLimit(Condition c) => c.Op is Op.Less or Op.LessOrEqual or Op.Greater or Op.GreaterOrEqual && c.Value is { ValueKind: System.Text.Json.JsonValueKind.Number } && CompiledCondition.Compile(c).Problem is null;

    /// <summary>Whether no call is answered more loosely by <paramref name="a"/> than by <paramref name="b"/>.</summary>
    private static bool AtLeast(MatrixRule a, MatrixRule b)
    {
        if (a.Outcome == RuleOutcome.Deny) return true;
        if (!Answers(a).Zip(Answers(b)).All(p => p.First >= p.Second)) return false;
        return a.Outcome == b.Outcome ? Firm(a, b) : b.Outcome == RuleOutcome.Deny || (a.Quorum >= b.Quorum && (b.Approvers.Count == 0 || Narrower(a, b)));
    }

    private static bool Looser(MatrixRule a, MatrixRule b)
    {
        var pairs = Answers(a).Zip(Answers(b)).ToList();
        return pairs.All(p => p.First <= p.Second) && (pairs.Any(p => p.First < p.Second) || AtLeast(b, a));
    }

    /// <summary>What the row says, then what is left of it in each column of the table: 0 allow for good, 1 allow and can be undone, 2 a person, 3 deny.</summary>
    internal static int[] Answers(MatrixRule row) =>
    [
        row.Outcome switch { RuleOutcome.Deny => 3, RuleOutcome.Approve => 2, _ => 0 },
        .. Columns.Select(c => AuthorityTable.Limit(row, c.Gate, c.Tier) switch { (Outcome.Deny, _) => 3, (Outcome.Pending, _) => 2, (_, var provisional) => provisional ? 1 : 0 }),
    ];

    private static bool Firm(MatrixRule a, MatrixRule b)
        => Narrower(a, b) && a.Quorum >= b.Quorum && (a.Order == b.Order || a.Approvers.Count < 2)
        && (a.OnExpiry == OnExpiry.Deny ? a.Sla <= b.Sla : a.OnExpiry == b.OnExpiry && a.Sla == b.Sla && a.EscalateTo.SequenceEqual(b.EscalateTo))
        && (a.Claim || !b.Claim) && (a.Hold ?? TimeSpan.Zero) >= (b.Hold ?? TimeSpan.Zero) && (a.Confirm == Confirm.Required || b.Confirm == Confirm.None) && a.ValidFor <= b.ValidFor && (a.Window == b.Window || !a.Reversible);

    // Nobody named means the rollout's owners, who are neither more nor fewer than those who are.
    private static bool Narrower(MatrixRule a, MatrixRule b) => a.Approvers.SequenceEqual(b.Approvers) || (a.Approvers.Count > 0 && b.Approvers.Count > 0 && a.Order == ApprovalOrder.Any && b.Order == ApprovalOrder.Any && !a.Approvers.Except(b.Approvers).Any());
}
