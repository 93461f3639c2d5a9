using System.Collections.Frozen;

namespace OpsConsole.Core.Authority;

/// <summary>The wire spelling of every word a matrix uses. One place, read in both directions.</summary>
public static class MatrixWords
{
    /// <summary>What can be at stake.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["customer", "revenue", "compliance", "data_quality", "internal_trust"];

    internal static readonly Words<DefaultOutcome> Defaults = new(("deny", DefaultOutcome.Deny), ("approve", DefaultOutcome.Approve));
    internal static readonly Words<RuleOutcome> Outcomes = new(("allow", RuleOutcome.Allow), ("approve", RuleOutcome.Approve), ("deny", RuleOutcome.Deny));
    internal static readonly Words<Effect> Effects = new(("read", Effect.Read), ("write", Effect.Write));
    internal static readonly Words<Consequence> Consequences = new(("low", Consequence.Low), ("high", Consequence.High));
    internal static readonly Words<ApprovalOrder> Orders = new(("any", ApprovalOrder.Any), ("sequence", ApprovalOrder.Sequence));
    internal static readonly Words<OnExpiry> Expiries = new(("deny", OnExpiry.Deny), ("escalate", OnExpiry.Escalate), ("widen", OnExpiry.Widen));
    internal static readonly Words<Confirm> Confirms = new(("none", Confirm.None), ("required", Confirm.Required));
    internal static readonly Words<Each> Eaches = new(("any", Each.Any), ("all", Each.All));
    internal static readonly Words<Op> Ops = new(
        ("=", Op.Equal), ("!=", Op.NotEqual), ("<", Op.Less), ("<=", Op.LessOrEqual), (">", Op.Greater), (">=", Op.GreaterOrEqual),
        ("in", Op.In), ("not_in", Op.NotIn), ("starts_with", Op.StartsWith), ("ends_with", Op.EndsWith),
        ("contains", Op.Contains), ("matches", Op.Matches), ("exists", Op.Exists), ("missing", Op.Missing));

    /// <summary>The wire spelling of an operator, such as <c>&gt;=</c> or <c>not_in</c>.</summary>
    public static string Of(Op op) => Ops[op];

    /// <summary>The wire spelling of an outcome.</summary>
    public static string Of(RuleOutcome outcome) => Outcomes[outcome];

    /// <summary>The wire spelling of a matrix's default.</summary>
    public static string Of(DefaultOutcome outcome) => Defaults[outcome];
}

/// <summary>A closed vocabulary: every member of an enum with its spelling.</summary>
internal sealed class Words<T> where T : struct, Enum
{
    private readonly FrozenDictionary<string, T> _byWord;
    private readonly FrozenDictionary<T, string> _byValue;

    public Words(params (string Word, T Value)[] entries)
    {
        _byWord = entries.ToFrozenDictionary(e => e.Word, e => e.Value, StringComparer.Ordinal);
        _byValue = entries.ToFrozenDictionary(e => e.Value, e => e.Word);
        List = string.Join(", ", entries.Select(e => e.Word));
    }

    /// <summary>All words, for a message.</summary>
    public string List { get; }
    public string this[T value] => _byValue[value];
    public bool TryRead(string word, out T value) => _byWord.TryGetValue(word, out value);
}
