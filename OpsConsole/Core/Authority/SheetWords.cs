using System.Collections.Frozen;

namespace OpsConsole.Core.Authority;

/// <summary>The words people use in the cells of a table, besides those of the wire.</summary>
internal static class SheetWords
{
    public static readonly SheetWords<RuleOutcome> Outcomes = new("allow (the agent alone), approve (a person), deny",
        (RuleOutcome.Allow, "al|allow|allowed|auto|automatic|automatically|alone|the agent alone|runs alone|autonomous|yes"),
        (RuleOutcome.Approve, "ap|approve|approval|ask|human|person|a person|needs approval|needs a human|needs a person|requires approval|approval needed|ask first|manual|review"),
        (RuleOutcome.Deny, "d|de|deny|denied|never|no|refuse|refused|block|blocked|forbid|forbidden|not allowed|out of bounds"));

    public static readonly SheetWords<DefaultOutcome> Defaults = new("deny, approve", (DefaultOutcome.Deny, "deny|denied|never|no|refuse|block|forbidden"), (DefaultOutcome.Approve, "approve|approval|ask|human|person|needs approval"));
    public static readonly SheetWords<Effect> Effects = new("read, write", (Effect.Read, "read|reads|read only|it only reads|looks"), (Effect.Write, "write|writes|change|changes|it changes something"));
    public static readonly SheetWords<Consequence> Consequences = new("low, high", (Consequence.Low, "low|low consequence|minor|small"), (Consequence.High, "high|high consequence|major|critical"));
    public static readonly SheetWords<ApprovalOrder> Orders = new("any, sequence", (ApprovalOrder.Any, "any|any order|parallel|at the same time|no"), (ApprovalOrder.Sequence, "sequence|in order|one after another|one after the other|yes"));
    public static readonly SheetWords<OnExpiry> Expiries = new("deny, escalate, widen", (OnExpiry.Deny, "deny|denied|it is denied|refuse"), (OnExpiry.Escalate, "escalate|escalated|escalates"), (OnExpiry.Widen, "widen|widened|ask more|ask more people|more people are asked"));
    public static readonly SheetWords<Confirm> Confirms = new("none, required", (Confirm.None, "none|no|false|not required"), (Confirm.Required, "required|yes|true|must"));
    public static readonly SheetWords<Flag> Flags = new("yes, no", (Flag.Yes, "yes|y|true|1|x|" + CanBeUndone), (Flag.No, "no|n|false|0|" + ForGood));
    public static readonly SheetWords<Flag> Undo = new("reversible, irreversible", (Flag.Yes, CanBeUndone), (Flag.No, ForGood));
    public static readonly SheetWords<RowKind> Kinds = new("rule, boundary, default", (RowKind.Rule, "rule|rules|row"), (RowKind.Boundary, "boundary|boundaries|out of bounds|never"), (RowKind.Default, "default|otherwise|everything else"));

    private const string CanBeUndone = "reversible|can be undone", ForGood = "irreversible|not reversible|cannot be undone|for good";

    internal enum Flag { No, Yes }
    internal enum RowKind { Rule, Boundary, Default }
}

/// <summary>A generous vocabulary: upper and lower case, spaces and signs make no difference.</summary>
internal sealed class SheetWords<T> where T : struct, Enum
{
    private readonly FrozenDictionary<string, T> _byWord;

    public SheetWords(string known, params (T Value, string Words)[] entries)
    {
        Known = known;
        _byWord = entries.SelectMany(e => e.Words.Split('|').Select(w => (e.Value, Word: SheetCell.Key(w)))).ToFrozenDictionary(e => e.Word, e => e.Value, StringComparer.Ordinal);
    }

    /// <summary>What to write, for a message.</summary>
    public string Known { get; }
    public bool TryRead(string cell, out T value) => _byWord.TryGetValue(SheetCell.Key(cell), out value);
}
